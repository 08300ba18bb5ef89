"""An office in which everything that a page may show is there, and one in which nothing is yet."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from models import (
    Ask,
    CollectionSchedule,
    Handover,
    Installation,
    Reminder,
    ReminderRule,
    ReminderState,
    StatusRequest,
    WhichEnd,
)
from models.database import read, write
from notifications.links import make_link
from tests.web.office import LATE, NOW, THIS_WEEK, TODAY, UPCOMING, WebOffice, fields, submit
from tests.web.test_imports import REPORT, upload
from tests.web.test_mailbox import keep

PHOTO = b"\xff\xd8\xff\xe0" + b"photo" * 200
AWAY = {
    "person": "lead@office.example",
    "deputy": "head@office.example",
    "from": "2024. 10. 14.",
    "until": "2024. 10. 18.",
    "reason": "출장",
}
RENAME = {"on": "2024. 11. 1.", "act": "rename", "unit": "인사팀", "name": "인사혁신팀"}
MONTHLY = {"name": "월말 취합", "every": "FREQ=MONTHLY;BYMONTHDAY=-1", "unit": "", "sure": "yes"}


class EmptyOffice(WebOffice):
    """The day after the installation: no unit, no document, nothing sent, nobody to answer."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        super().__init__(engine, folder, activated=False)

    def _lay(self, session: Session, _extra: int) -> None:
        session.add(Installation(created_at=NOW))

    def _send(self, session: Session) -> None:
        pass

    def link(self, _session: Session, _days: int = 0) -> str:
        return "none"


def fill(office: WebOffice) -> dict[str, object]:
    """Everything that people do in the console and in the answer form, once; the names that addresses are made from."""
    admin, team = office.admin(), office.client()
    opened = submit(admin, "/rounds", due="2024. 10. 4.").headers["location"].partition("?")[0]
    form = f"/a/{office.token}"
    late, today = office.milestones[LATE], office.milestones[TODAY]
    typed = fields(team.get(form).text) | {f"kind-{late}": "delayed", f"reason-{late}": "자재 수급이 늦어져 순연"}
    sent = team.post(form, data=typed, files={f"files-{late}": ("현장 사진.jpg", PHOTO)}).headers["location"]
    tapped = fields(team.get(form).text) | {"once": f"done-{today}"}
    team.post(form, data=tapped)
    item = [str(office.milestones[which]) for which in (UPCOMING, THIS_WEEK)]
    passing = {"csrf": fields(team.get(f"{form}/pass").text)["csrf"], "name": "김주무 주무관"}
    team.post(f"{form}/pass", data=passing | {"item": item, "email": "kim@office.example"})
    admin.post("/absences", data=fields(admin.get("/absences").text) | AWAY)
    admin.post("/days", data=fields(admin.get("/days").text) | {"on": "2024. 10. 10.", "name": "재량휴무"})
    shown = admin.post("/reorganisations", data=fields(admin.get("/reorganisations").text) | RENAME)
    sure = {name: fields(shown.text)[name] for name in ("csrf", "on", "rows")}
    admin.post("/reorganisations", data=sure | {"sure": "yes"})
    admin.post("/schedules/save", data=fields(admin.get("/schedules/new").text) | MONTHLY)
    draft = upload(admin, REPORT).headers["location"]
    name = keep(office)
    with write(office.engine) as session:
        told = _tell(session, office)
        handed = Handover(post_id=office.post, effective_on=NOW.date(), leavers="임꺽정", carried_out_at=NOW)
        session.add(handed)
        handed.notification_id = office.message
        old, new = office.link(session, days=31), office.link(session)
    with read(office.engine) as session:
        request = session.exec(
            select(StatusRequest.id).where(
                col(StatusRequest.round_id).is_not(None), StatusRequest.post_id == office.post
            )
        ).one()
        schedule = session.exec(select(CollectionSchedule.id)).one()
    return {
        "token": office.token,
        "told": told,
        "expired": old,
        "unanswered": new,
        "reports": sent.rpartition("=")[2],
        "done": today,
        "round": opened.rpartition("/")[2],
        "request": request,
        "project": office.project,
        "document": office.document,
        "message": office.message,
        "failed": office.failed,
        "draft": draft.rpartition("/")[2],
        "mail": name,
        "schedule": schedule,
    }


def _tell(session: Session, office: WebOffice) -> str:
    """The head was told this morning of what nobody answers; the secret of their link."""
    rule = session.exec(select(ReminderRule).where(ReminderRule.name == "status")).one()
    fuzzy = office.milestones[THIS_WEEK]
    for milestone in (office.milestones[LATE], fuzzy):
        session.add(
            Reminder(
                key=f"rule:{rule.id}/milestone:{milestone}/end/2024-09-30/escalation:10/level:1",
                rule_id=rule.id or 0,
                milestone_id=milestone,
                post_id=office.head,
                ask=Ask.ESCALATION,
                end=WhichEnd.END,
                anchor_on=NOW.date() - timedelta(days=2),
                offset=10,
                offset_unit="working",
                level=1,
                due_at=NOW,
                state=ReminderState.DISPATCHED,
                state_since=NOW,
            )
        )
    return make_link(session, office.head, None, NOW, office.settings).rpartition("/")[2]
