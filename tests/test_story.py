"""The whole sentence: a document becomes mails, a mail's link takes an answer, the answers become the next document."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from commands.opening import fill_database
from documents.edition import edition_as_of
from documents.report import read_report
from documents.spreadsheet import read_staff_table
from documents.store import store_report
from documents.store_staff import store_staff
from documents.writers.markdown import write_markdown
from models import Milestone, MilestoneRevision, MilestoneStatus, Reminder, ReminderState
from models.database import read, write
from notifications.mailbox import KeptMail, list_mails, mailbox_of, read_mail
from schedules.activation import activate
from settings import Settings, load_settings
from web.app import make_app
from worker.mail_server import mail_channel
from worker.play import last_moment, play
from worker.rehearsal import preview

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
AUGUST = datetime(2024, 8, 31, 15, tzinfo=UTC)  # midnight of 1 September in Seoul
LABEL = "청사 로비 리모델링 공사 준공"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return replace(load_settings({}, data=tmp_path / "data"), database_url=database_url, secret_key="s" * 32)


def test_a_report_becomes_mails_answers_and_the_next_report(engine: Engine, settings: Settings) -> None:
    # An officer imports last month's report and the staff list. Nobody hears of it.
    text = (EXAMPLES / "report-2024-09.md").read_text(encoding="utf-8")
    staff = read_staff_table((EXAMPLES / "staff.csv").read_bytes())
    report = read_report(text, as_of=date(2024, 9, 1))
    with write(engine) as session:
        fill_database(session, AUGUST)
        store_report(session, report, text, "report.md", AUGUST, "admin")
        store_staff(session, staff.entries, AUGUST, "admin")
    assert sent(settings) == []

    # She looks at what September will bring, and activates.
    foreseen, unreachable = preview(engine, settings, date(2024, 9, 1), date(2024, 9, 30), AUGUST)
    assert [post.unit for post in unreachable] == ["평생학습팀"]
    with write(engine) as session:
        activate(session, AUGUST, settings, by="admin")

    # September passes. What was foreseen is what arrived: each once, on working days, at nine.
    with mail_channel(settings, engine) as channel:
        for _ in play(engine, settings, AUGUST, last_moment(settings, date(2024, 9, 30)), channel):
            pass
    mails = sent(settings)
    assert sorted(mail.header.key for mail in mails) == sorted(message["key"] for message in foreseen)
    assert {(mail.header.sent_at.hour, mail.header.sent_at.weekday() < 5) for mail in mails} == {(9, True)}

    # The team lead opens the link of his last mail and tells that the completion has moved.
    mail = [mail for mail in mails if LABEL in mail.text][-1]
    link = re.search(r"/a/\S+", mail.text)[0]
    now = datetime(2024, 9, 30, 1, tzinfo=UTC)
    with read(engine) as session:
        milestone_id = session.exec(select(Milestone.id).where(Milestone.label.startswith(LABEL))).first()
    with TestClient(make_app(settings, engine, lambda: now)) as browser:
        form = browser.get(link)
        assert LABEL in form.text
        hidden = dict(re.findall(rf'type="hidden" name="(csrf|page|seen-{milestone_id})" value="([^"]*)"', form.text))
        said = {f"kind-{milestone_id}": "rescheduled", f"new-{milestone_id}": "2024. 10. 25."}
        answer = browser.post(link, data=hidden | said | {f"reason-{milestone_id}": "자재 수급 지연"})
    assert answer.status_code == 200, answer.text

    # The plan follows at once, and the next report says so; read again, it holds the same open milestone.
    with read(engine) as session:
        milestone = session.get_one(Milestone, milestone_id)
        revision = session.exec(select(MilestoneRevision).order_by(MilestoneRevision.id.desc())).first()
        reminders = session.exec(select(Reminder).where(Reminder.milestone_id == milestone_id)).all()
        next_report = write_markdown(edition_as_of(session, date(2024, 10, 1))).decode()
    assert (milestone.end_on, milestone.baseline_end_on) == (date(2024, 10, 25), date(2024, 9, 30))
    assert "자재 수급 지연" in revision.reason
    assert {r.anchor_on for r in reminders if r.state == ReminderState.PLANNED} == {date(2024, 10, 25)}
    assert "자재 수급 지연" in next_report
    again = read_report(next_report, as_of=date(2024, 10, 1))
    reread = [m for p in again.projects for m in p.milestones if m.label.startswith(LABEL)]
    assert (reread[0].end, reread[0].status) == (date(2024, 10, 25), MilestoneStatus.PLANNED)


def sent(settings: Settings) -> list[KeptMail]:
    box = mailbox_of(settings.data)
    mails = [read_mail(box, header.name) for header in list_mails(box, limit=10_000)[1]]
    return sorted(mails, key=lambda mail: (mail.header.sent_at, mail.header.key))
