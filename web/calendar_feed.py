"""`/calendar/{token}.ics`: a post's milestones for the calendar program on the lead's desk or phone."""

from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from models import AnswerLink, AuditEntry, Milestone, MilestoneRevision, Project
from models.database import read, write
from notifications.calendar_file import escaped, names_days, write_calendar
from notifications.digest import Item
from notifications.letterhead import letterhead
from notifications.links import LinkProblem, find_feed, find_own_link, make_feed, revoke_feeds
from schedules.items import FIRM_PRECISIONS
from web.access import PostedForm, TheOffice
from web.answer_items import is_open
from web.answer_links import check_form, show_problem
from web.answer_scope import answered_by
from web.office import Office
from web.pages import drill_of, render
from web.posts import label_posts

router = APIRouter()

SHOWN = 1000
KEPT = timedelta(days=90)  # what is over for longer leaves the calendar
REFRESH = "PT6H"


@router.get("/calendar/{token}.ics")
def read_calendar(request: Request, office: TheOffice, token: str) -> Response:
    """The open milestones whose days are known, as RFC 5545; asked every few hours by a program, never by a person."""
    with read(office.engine) as session:
        feed = find_feed(session, token, office.now(), office.settings.timezone)
        if isinstance(feed, LinkProblem):
            return show_problem(request, feed)
        name = label_posts(session, [feed.post_id], office.today())[feed.post_id].name
        items = _items(session, office, feed.post_id)
    properties = (
        f"NAME:{escaped(f'{name} 일정')}",
        f"X-WR-CALNAME:{escaped(f'{name} 일정')}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    )
    host = letterhead(office.settings, drill=False).host  # one event, whether it came by mail or from here
    content = write_calendar(items, properties, host, office.now(), office.settings.timezone)
    return Response(content, media_type="text/calendar; charset=utf-8")


@router.post("/a/{token}/calendar")
def make_calendar(request: Request, office: TheOffice, token: str, form: PostedForm) -> Response:
    """Makes an address and shows it, this once: only its hash is kept."""
    with write(office.engine) as session:
        link = find_own_link(session, token, office.now(), office.settings.timezone)
        if isinstance(link, LinkProblem):
            return show_problem(request, link)
        check_form(office, link, form)
        address = make_feed(session, link.post_id, office.now(), office.settings)
        session.add(_entry(office, link, "calendar.make"))
        return render(
            request,
            "calendar_feed.html",
            token=token,
            address=address,
            post=label_posts(session, [link.post_id], office.today())[link.post_id].name,
            drill=drill_of(office, session),
        )


@router.post("/a/{token}/calendar/stop")
def stop_calendars(request: Request, office: TheOffice, token: str, form: PostedForm) -> Response:
    """Ends every calendar address of the post."""
    with write(office.engine) as session:
        link = find_own_link(session, token, office.now(), office.settings.timezone)
        if isinstance(link, LinkProblem):
            return show_problem(request, link)
        check_form(office, link, form)
        revoke_feeds(session, link.post_id, office.now())
        session.add(_entry(office, link, "calendar.stop"))
    return RedirectResponse(f"/a/{token}?said=stopped", HTTPStatus.SEE_OTHER)


def _entry(office: Office, link: AnswerLink, act: str) -> AuditEntry:
    return AuditEntry(at=office.now(), actor=f"post:{link.post_id}", act=act, subject=f"post:{link.post_id}")


def _items(session: Session, office: Office, post_id: int) -> list[Item]:
    since = office.today() - KEPT
    rows = session.exec(
        select(Milestone, Project.title)
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .where(
            *is_open(),
            answered_by(session, post_id),
            or_(col(Milestone.end_on) >= since, col(Milestone.start_on) >= since),
        )
        .order_by(col(Milestone.end_on), col(Milestone.id))
        .limit(SHOWN)
    ).all()
    changes = dict(
        session.execute(
            select(col(MilestoneRevision.milestone_id), func.count())
            .where(col(MilestoneRevision.milestone_id).in_([milestone.id for milestone, _ in rows]))
            .group_by(col(MilestoneRevision.milestone_id))
        ).all()
    )
    items = [
        Item(
            milestone_id=milestone.id or 0,
            label=milestone.label,
            project=title,
            kind=milestone.kind,
            status=milestone.status,
            asks=frozenset(),
            due_on=milestone.end_on,
            raw=milestone.raw,
            start_on=milestone.start_on,
            end_on=milestone.end_on,
            is_firm=milestone.precision in FIRM_PRECISIONS and not milestone.tentative,
            time=milestone.time,
            state="",
            sequence=changes.get(milestone.id, 0),
        )
        for milestone, title in rows
    ]
    return [item for item in items if names_days(item)]
