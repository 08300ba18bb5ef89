"""The year's working days, the office's own days shown before they are kept, the week of what will be sent, and why."""

import re
from datetime import UTC, date, datetime, time

import pytest
from sqlmodel import select

from models import AuditEntry, HolidayDeadline, Milestone, OfficeDay, OfficeDayKind, Reminder, ReminderState, Role
from models.database import read, write
from notifications.previewed import Previewed
from schedules import trial
from schedules.office_days import holiday_deadline, put_holiday_deadline, set_day
from tests.web.office import LABELS, UPCOMING, WebOffice, fields, on_sqlite
from web.app import make_app

# D-7 of the milestone of 2024. 11. 15. falls on 2024. 11. 8.(금).
DAY = {"on": "2024. 11. 8.", "name": "구 재량휴무", "kind": "holiday"}


def due_days(office: WebOffice) -> set[date]:
    with read(office.engine) as session:
        rows = session.exec(
            select(Reminder.due_at).where(
                Reminder.milestone_id == office.milestones[UPCOMING], Reminder.state == ReminderState.PLANNED
            )
        ).all()
    return {office.settings.timezone.fromutc(at.replace(tzinfo=office.settings.timezone)).date() for at in rows}


def test_a_day_off_shows_what_it_moves_before_it_is_kept_and_again_when_it_goes(office: WebOffice) -> None:
    admin, before = office.admin(), office.everything()
    page = admin.get("/days").text
    assert "추석" in page
    assert "근무일 " in page
    shown = admin.post("/days", data=fields(page) | DAY)
    assert shown.status_code == 200, shown.text
    assert "아직 저장하지 않았습니다" in shown.text
    assert LABELS[UPCOMING] in shown.text
    assert "2024. 11. 7.(목) 09:00" in shown.text
    assert office.everything()["reminder"] == before["reminder"]
    assert office.count(OfficeDay) == 0
    kept = admin.post("/days", data=fields(shown.text) | {"sure": "yes"})
    assert kept.headers["location"] == "/days?year=2024&said=kept"
    assert {date(2024, 11, 7)} <= due_days(office)
    asked = admin.post("/days/2024-11-08/remove", data=fields(admin.get("/days").text))
    assert "2024. 11. 8.(금) 09:00" in asked.text
    assert office.count(OfficeDay) == 1
    admin.post("/days/2024-11-08/remove", data=fields(asked.text) | {"sure": "yes"})
    assert office.count(OfficeDay) == 0
    assert {date(2024, 11, 8)} <= due_days(office)
    with read(office.engine) as session:
        acts = session.exec(select(AuditEntry.act).where(AuditEntry.subject == "day:2024-11-08")).all()
    assert acts == ["day.set", "day.remove"]


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "field"),
    [({"on": "내일"}, "on"), ({"on": "2024. 11. 9."}, "on"), ({"name": " "}, "name"), ({"name": "가" * 41}, "name")],
)
def test_a_day_that_cannot_be_entered_marks_its_field(office: WebOffice, changes: dict[str, str], field: str) -> None:
    admin = office.admin()
    refused = admin.post("/days", data=fields(admin.get("/days").text) | DAY | changes)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text.partition(f'id="{field}"')[2].partition(">")[0]
    assert fields(refused.text)["on"] == (DAY | changes)["on"]
    assert office.count(OfficeDay) == 0


def a_day_off_at_the_deadline(office: WebOffice) -> None:
    """The milestone of 2024. 11. 15.(금) ends on a day off; the working days beside it are the 14th and the 18th."""
    how = {"by": "admin", "now": office.clock.now, "settings": office.settings}
    with write(office.engine) as session:
        set_day(session, date(2024, 11, 15), OfficeDayKind.HOLIDAY, "구 재량휴무", **how)  # type: ignore[arg-type]


def chosen(office: WebOffice) -> HolidayDeadline:
    with read(office.engine) as session:
        return holiday_deadline(session)


def test_what_a_deadline_on_a_day_off_counts_as_shows_what_it_moves_before_it_is_kept(office: WebOffice) -> None:
    a_day_off_at_the_deadline(office)
    admin, before = office.admin(), office.everything()
    page = admin.get("/days").text
    assert "지금은 <strong>그대로 셉니다</strong>" in page
    shown = admin.post("/days/deadline", data=fields(page) | {"deadline": "after"})
    assert shown.status_code == 200, shown.text
    assert "아직 저장하지 않았습니다" in shown.text
    assert re.findall(r"\d+건이", shown.text)[1:] == ["0건이", "0건이"], "moved, new and cancelled"
    assert LABELS[UPCOMING] in shown.text
    assert "2024. 11. 8.(금) 09:00" in shown.text
    assert "2024. 11. 11.(월) 09:00" in shown.text
    assert office.everything()["reminder"] == before["reminder"]
    assert chosen(office) is HolidayDeadline.AS_IS
    kept = admin.post("/days/deadline", data=fields(shown.text) | {"sure": "yes"})
    assert kept.headers["location"] == "/days?said=kept"
    assert chosen(office) is HolidayDeadline.AFTER
    assert date(2024, 11, 11) in due_days(office)
    assert date(2024, 11, 8) not in due_days(office)
    assert "그다음 근무일로 미루어 셉니다" in admin.get("/days").text.partition("지금은 <strong>")[2].partition("<")[0]
    again = admin.post("/days/deadline", data=fields(page) | {"deadline": "after"})
    assert "알림 0건이 옮겨지고" in again.text
    with read(office.engine) as session:
        assert session.get_one(Milestone, office.milestones[UPCOMING]).end_on == date(2024, 11, 15)
        (act,) = session.exec(select(AuditEntry).where(AuditEntry.act == "day.deadline")).all()
    assert (act.actor, act.detail) == ("admin", "as_is -> after")


@on_sqlite
@pytest.mark.parametrize("typed", ["", "tomorrow", "AFTER"])
def test_a_choice_that_is_not_in_the_list_marks_its_field_and_changes_nothing(office: WebOffice, typed: str) -> None:
    admin = office.admin()
    refused = admin.post("/days/deadline", data=fields(admin.get("/days").text) | {"deadline": typed, "sure": "yes"})
    assert refused.status_code == 422
    assert "목록에서 하나를 골라 주세요" in refused.text
    assert 'aria-invalid="true"' in refused.text.partition('id="deadline"')[2].partition(">")[0]
    assert chosen(office) is HolidayDeadline.AS_IS


@on_sqlite
def test_the_choice_of_a_large_office_is_kept_at_once_and_planned_at_night(
    office: WebOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_day_off_at_the_deadline(office)
    monkeypatch.setattr(trial, "MOST_PLANNED_AT_ONCE", 1)
    admin, before = office.admin(), office.everything()
    shown = admin.post("/days/deadline", data=fields(admin.get("/days").text) | {"deadline": "before"})
    assert "오늘 밤 다시 계획합니다" in shown.text
    kept = admin.post("/days/deadline", data=fields(shown.text) | {"sure": "yes"})
    assert kept.headers["location"] == "/days?said=night"
    assert chosen(office) is HolidayDeadline.BEFORE
    assert office.everything()["reminder"] == before["reminder"]


@on_sqlite
@pytest.mark.parametrize(
    ("choice", "today", "show", "badge"),
    [
        (HolidayDeadline.AFTER, date(2024, 11, 16), "soon", 'ahead">D-2'),
        (HolidayDeadline.AFTER, date(2024, 11, 18), "soon", 'today">D-day'),
        (HolidayDeadline.AFTER, date(2024, 11, 19), "late", 'late">D+1'),
        (HolidayDeadline.BEFORE, date(2024, 11, 14), "soon", 'today">D-day'),
        (HolidayDeadline.BEFORE, date(2024, 11, 15), "late", 'late">D+1'),
        (HolidayDeadline.AS_IS, date(2024, 11, 15), "soon", 'today">D-day'),
        (HolidayDeadline.AS_IS, date(2024, 11, 16), "late", 'late">D+1'),
    ],
)
def test_lists_count_to_the_day_on_which_the_deadline_counts(
    office: WebOffice, choice: HolidayDeadline, today: date, show: str, badge: str
) -> None:
    a_day_off_at_the_deadline(office)
    with write(office.engine) as session:
        put_holiday_deadline(session, choice, by="admin", now=office.clock.now)
    office.clock.now = datetime.combine(today, time(10), office.settings.timezone).astimezone(UTC)
    admin = office.member((Role.ADMIN, None))
    pages = {one: admin.get(f"/milestones?show={one}&q={LABELS[UPCOMING]}").text for one in ("soon", "late")}
    assert [one for one, page in pages.items() if "D-" in page or "D+" in page] == [show]
    assert badge in pages[show]
    assert (LABELS[UPCOMING] in admin.get("/projects").text) == (show == "soon"), "the next one of its project"


@on_sqlite
def test_the_preview_says_on_which_day_a_deadline_on_a_day_off_counts(office: WebOffice) -> None:
    mail: Previewed = {
        "key": "post:1/email/morning/2024-10-10T09:00",
        "send_at": "2024-10-10T09:00:00+09:00",
        "unit": "행정지원팀",
        "post": "팀장",
        "person": "홍길동",
        "channel": "email",
        "kind": "morning",
        "subject": "[일정 알림]",
        "items": [
            {
                "milestone_id": office.milestones[UPCOMING],
                "label": LABELS[UPCOMING],
                "end": "end",
                "offset": -7,
                "offset_unit": "calendar",
                "due_on": "2024-10-13",
                "counts_on": "2024-10-14",
            }
        ],
    }
    office.app = make_app(
        office.settings, office.engine, office.clock, preview_mails=lambda _first, _last, _unit: [mail]
    )
    admin = office.admin()
    page = admin.get("/preview?view=week&week=2024-10-10").text
    assert '<span class="badge">D-4</span>' in page
    assert "기한 10. 13.(일)이 휴일이어서 10. 14.(월)을 기한으로 봅니다." in page
    mail["items"][0]["counts_on"] = "2024-10-13"
    page = admin.get("/preview?view=week&week=2024-10-10").text
    assert '<span class="badge">D-3</span>' in page
    assert "휴일이어서" not in page


@on_sqlite
def test_the_week_of_what_will_be_sent_names_holidays_and_says_why(office: WebOffice) -> None:
    mail: Previewed = {
        "key": "post:1/email/morning/2024-10-10T09:00",
        "send_at": "2024-10-10T09:00:00+09:00",
        "unit": "행정지원팀",
        "post": "팀장",
        "person": "홍길동",
        "channel": "email",
        "kind": "morning",
        "subject": "[일정 알림]",
        "items": [
            {
                "milestone_id": office.milestones[UPCOMING],
                "label": LABELS[UPCOMING],
                "end": "end",
                "offset": -7,
                "offset_unit": "calendar",
                "due_on": "2024-11-15",
                "counts_on": "2024-11-15",
            }
        ],
    }
    office.app = make_app(
        office.settings, office.engine, office.clock, preview_mails=lambda _first, _last, _unit: [mail]
    )
    admin = office.admin()
    page = admin.get("/preview?view=week&week=2024-10-10").text
    assert "2024. 10. 7.(월) ~ 10. 13." in page
    assert "한글날" in page
    assert f'href="/milestones/{office.milestones[UPCOMING]}/why"' in page
    why = admin.get(f"/milestones/{office.milestones[UPCOMING]}/why").text
    assert "규칙 upcoming-firm: 적용됨" in why
    assert "2024. 11. 8.(금) 09:00 D-7" in why
