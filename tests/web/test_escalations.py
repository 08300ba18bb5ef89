"""확인·보류: by the post that was told through its link, and from the console; looking changes nothing."""

import pytest
from sqlmodel import select

from models import Ask, EscalationPause, Reminder, ReminderRule, ReminderState, WhichEnd
from models.database import read, write
from notifications.links import make_link
from tests.web.office import LABELS, LATE, NOW, WebOffice, fields


@pytest.fixture
def told(office: WebOffice) -> str:
    """The head of the department was told this morning that the late item goes unanswered; the secret of their link."""
    with write(office.engine) as session:
        rule = session.exec(select(ReminderRule).where(ReminderRule.name == "status")).one()
        anchor_on = office.milestone(LATE).end_on
        assert anchor_on is not None
        session.add(
            Reminder(
                key=f"rule:{rule.id}/milestone:{office.milestones[LATE]}/end/{anchor_on}/escalation:10/level:1",
                rule_id=rule.id or 0,
                milestone_id=office.milestones[LATE],
                post_id=office.head,
                ask=Ask.ESCALATION,
                end=WhichEnd.END,
                anchor_on=anchor_on,
                offset=10,
                offset_unit="working",
                level=1,
                due_at=NOW,
                state=ReminderState.DISPATCHED,
                state_since=NOW,
            )
        )
        return make_link(session, office.head, None, NOW, office.settings).rpartition("/")[2]


def pauses(office: WebOffice) -> list[tuple[str, str, str]]:
    with read(office.engine) as session:
        rows = session.exec(select(EscalationPause)).all()
        return [(row.until_on.isoformat(), row.reason, row.paused_by) for row in rows]


def test_who_was_told_acknowledges_from_the_link(office: WebOffice, told: str) -> None:
    client = office.client()
    before = office.everything()
    assert f"/a/{told}/escalations" in client.get(f"/a/{told}").text
    page = client.get(f"/a/{told}/escalations").text
    assert LABELS[LATE] in page
    assert "행정지원과장에게 보고했습니다" in page
    assert office.everything() == before, "looking changes nothing"
    form = {"csrf": fields(page)["csrf"], "milestone": str(office.milestones[LATE]), "act": "acknowledge"}
    assert client.post(f"/a/{told}/escalations", data=form).status_code == 303
    assert pauses(office) == [("2024-10-11", "확인, 진행 중", f"post:{office.head} 과장이 과장")]
    assert "10. 11.(금)까지 멈춤" in client.get(f"/a/{told}/escalations").text


def test_a_post_that_was_not_told_cannot(office: WebOffice, told: str) -> None:
    client = office.client()
    page = client.get(f"/a/{office.token}/escalations").text
    assert LABELS[LATE] not in page
    csrf = fields(client.get(f"/a/{office.token}").text)["csrf"]
    form = {"csrf": csrf, "milestone": str(office.milestones[LATE]), "act": "acknowledge"}
    assert client.post(f"/a/{office.token}/escalations", data=form).status_code == 422
    assert pauses(office) == []


@pytest.mark.parametrize(
    ("until", "reason", "said"),
    [("soon", "협의", "날짜를 적어 주세요"), ("2024. 10. 2.", "협의", "내일부터"), ("2024. 10. 15.", "", "사유를")],
)
def test_the_console_puts_it_off_to_a_day_with_a_reason(
    office: WebOffice, told: str, until: str, reason: str, said: str
) -> None:
    admin = office.admin()
    page = admin.get("/escalations").text
    assert LABELS[LATE] in page
    form = {"csrf": fields(page)["csrf"], "milestone": str(office.milestones[LATE]), "act": "snooze"}
    refused = admin.post("/escalations", data=form | {"until": until, "reason": reason})
    assert refused.status_code == 422
    assert said in refused.text
    assert pauses(office) == []
    assert admin.post("/escalations", data=form | {"until": "2024. 10. 15.", "reason": "협의"}).status_code == 303
    assert [row[:2] for row in pauses(office)] == [("2024-10-15", "협의")]
