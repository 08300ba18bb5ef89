"""`/a/{token}/receipt`: what was recorded, and the way back from it."""

from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import func
from sqlmodel import Session, col, select

from models import OPEN_STATUSES, AnswerLink, Attachment, Milestone, Project, Reminder, ReminderState, StatusReport
from models.database import read
from notifications.delegations import delegation_of
from notifications.links import LinkProblem
from schedules.calendar import SendDays, into_window
from schedules.mail_wishes import load_wishes
from schedules.office_days import load_calendar
from web.access import TheOffice
from web.answer_items import read_items, read_open_items
from web.answer_links import find_even_settled, name_sender, show_problem
from web.office import Office
from web.pages import drill_of, render
from web.uploads import attachments_of

router = APIRouter()

Numbers = Annotated[str, Query(pattern=r"^(\d{1,12}(,\d{1,12}){0,99})?$")]


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """One answer of the receipt, and when its milestone is heard of next."""

    report: StatusReport
    milestone: Milestone
    project: str
    next_at: datetime | None
    files: tuple[Attachment, ...]

    @property
    def is_settled(self) -> bool:
        """Whether the milestone is closed, so that its answer is changed on a page of its own."""
        return self.milestone.status not in OPEN_STATUSES


@router.get("/a/{token}/receipt")
def show_receipt(
    request: Request,
    office: TheOffice,
    token: str,
    reports: Annotated[str, Query(pattern=r"^\d{1,12}(,\d{1,12}){0,99}$")],
) -> Response:
    """What was recorded, of the link's own post only: the answer to sending, safe to load again."""
    now = office.now()
    with read(office.engine) as session:
        problem, link = find_even_settled(office, session, token, now)
        if link is None:
            return show_problem(request, problem)
        recorded = read_recorded(office, session, link, [int(number) for number in reports.split(",")])
        if not recorded:
            return RedirectResponse(f"/a/{token}", HTTPStatus.SEE_OTHER)
        left = 0 if problem is LinkProblem.SETTLED else read_open_items(session, link, office.today(), size=1).total
        return render(
            request,
            "receipt.html",
            token=token,
            answerer=name_sender(session, link, office.today()),
            recorded=recorded,
            left=left,
            drill=drill_of(office, session),
        )


def read_recorded(office: Office, session: Session, link: AnswerLink, report_ids: list[int]) -> list[RecordedAnswer]:
    """Those of these reports that are of the link's own post; of a link that was passed on, of its own items."""
    rows = session.exec(
        select(StatusReport, Milestone, Project.title)
        .join(Milestone, col(Milestone.id) == col(StatusReport.milestone_id))
        .join(Project, col(Project.id) == col(StatusReport.project_id))
        .where(col(StatusReport.post_id) == link.post_id, col(StatusReport.id).in_(report_ids))
        .order_by(col(StatusReport.id))
    ).all()
    if delegation_of(session, link) is not None:
        own = {item.id for item in read_items(session, link, date.min, [report.milestone_id for report, _, _ in rows])}
        rows = [row for row in rows if row[0].milestone_id in own]
    now = office.now()
    upcoming = dict(
        session.execute(
            select(col(Reminder.milestone_id), func.min(col(Reminder.due_at)))
            .where(
                col(Reminder.milestone_id).in_([report.milestone_id for report, _, _ in rows]),
                col(Reminder.state) == ReminderState.PLANNED,
            )
            .group_by(col(Reminder.milestone_id))
        ).all()
    )
    wish = load_wishes(session, [link.post_id], office.today()).get(link.post_id)
    if wish is not None:
        days = SendDays(load_calendar(session), office.settings.send_window, office.settings.timezone)
        upcoming = {of: wish.leaves_at(due_at, days) for of, due_at in upcoming.items()}
    if any(due_at < now for due_at in upcoming.values()):  # waits: sending is off, or nobody has looked since
        late = into_window(now, office.settings.send_window, office.settings.timezone, load_calendar(session))
        upcoming = {of: max(due_at, late) for of, due_at in upcoming.items()}
    files = attachments_of(session, [report.id for report, _, _ in rows])
    return [
        RecordedAnswer(
            report, milestone, title, upcoming.get(report.milestone_id), tuple(files.get(report.id or 0, ()))
        )
        for report, milestone, title in rows
    ]
