"""Rules are read strictly, the nearest scope wins, and an admin can see why a reminder came or did not."""

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from models import Ask, AuditEntry, MilestoneKind, MilestoneStatus, ReminderRule
from schedules.calendar import WorkingCalendar
from schedules.explain import explain
from schedules.plan import replan
from schedules.rules import (
    RuleError,
    default_rules,
    install_default_rules,
    load_rules,
    read_rule,
    remove_rule,
    set_rule,
)
from tests.schedules.office import SmallOffice, at, planned, run_until, settings

CALENDAR = WorkingCalendar()
NOW = at("2024-09-02 09:00")
GOOD: dict[str, object] = {"name": "개관-알림", "ask": "upcoming", "offsets": [-14, -3]}


def put(session: Session, **values: object) -> None:
    set_rule(session, values, by="admin", now=NOW)


def test_the_default_rules_are_readable_and_installed_once(session: Session) -> None:
    assert [rule.name for rule in default_rules()] == [
        "upcoming-firm",
        "upcoming-fuzzy",
        "today",
        "status",
        "overdue",
        "confirm-date",
        "check",
        "quiet",
    ]
    assert install_default_rules(session) == 8
    assert install_default_rules(session) == 0
    book = load_rules(session)
    assert [(rule.name, rule.offsets, rule.levels) for rule in book.rules] == [
        (rule.name, rule.offsets, rule.levels) for rule in default_rules()
    ]
    assert book.broken == {}


def test_installing_the_defaults_leaves_alone_what_an_admin_changed(session: Session) -> None:
    install_default_rules(session)
    put(session, name="upcoming-firm", offsets=[-10])
    remove_rule(session, "check", by="admin", now=NOW)
    assert install_default_rules(session) == 0
    rules = {rule.name: rule for rule in load_rules(session).rules}
    assert rules["upcoming-firm"].offsets == (-10,)
    assert "check" not in rules


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"name": ""}, "name", "이름을"),
        ({"name": "줄\n바꿈"}, "name", "줄바꿈"),
        ({"ask": "shout"}, "ask", "upcoming, today, overdue"),
        ({"offsets": [3]}, "offsets", "-730에서 -1"),
        ({"offsets": [-731]}, "offsets", "-730에서 -1"),
        ({"offsets": ["-7"]}, "offsets", "정수"),
        ({"offsets": -7}, "offsets", "목록"),
        ({"offsets": list(range(-30, -5))}, "offsets", "20개까지"),
        ({"offsets": []}, "offsets", "아무것도 알리지 않습니다"),
        ({"ask": "today", "offsets": [1]}, "offsets", "0에서 0"),
        ({"ask": "overdue", "offsets": [-1]}, "offsets", "1에서 730"),
        ({"ask": "check", "offsets": [60], "which_end": "end"}, "which_end", "none"),
        ({"which_end": "none"}, "which_end", "start, end, both, default"),
        ({"which_end": "middle"}, "which_end", "start, end, both"),
        ({"time": "25:00"}, "time", "00:00에서 23:59"),
        ({"time": "아홉시"}, "time", "예: 09:00"),
        ({"kinds": ["party"]}, "kinds", "completion, opening"),
        ({"precisions": ["roughly"]}, "precisions", "day, week, month"),
        ({"precisions": ["none"]}, "precisions", "있을 수 없어"),
        ({"certainty": "firm", "precisions": ["month"]}, "certainty", "있을 수 없어"),
        ({"levels": [3]}, "levels", "0에서 2"),
        ({"channels": ["pigeon"]}, "channels", "email"),
        ({"repeat_every": 7}, "repeat_every", "반복하지 않습니다"),
        ({"ask": "overdue", "offsets": [7], "repeat_every": 1000}, "repeat_every", "0에서 730"),
        ({"unit_id": 1, "project_id": 1}, "unit_id", "하나만"),
        ({"unit_id": 999}, "unit_id", "999번은 없습니다"),
        ({"offset": [-7]}, "offset", "없는 항목"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_with_its_field_and_what_is_allowed(
    session: Session, values: dict[str, object], field: str, words: str
) -> None:
    with pytest.raises(RuleError, match=words) as refused:
        put(session, **{**GOOD, **values})
    assert refused.value.field == field
    assert str(refused.value).startswith(f"{field}: ")
    assert session.exec(select(ReminderRule)).all() == []


def test_a_changed_rule_keeps_what_was_not_said_and_is_on_record(session: Session) -> None:
    put(session, **GOOD, kinds=["opening"], time="10:00")
    put(session, name="개관-알림", offsets=[-5])
    [rule] = load_rules(session).rules
    assert (rule.offsets, rule.kinds, rule.time.hour, rule.ask) == ((-5,), ("opening",), 10, Ask.UPCOMING)
    assert [entry.act for entry in session.exec(select(AuditEntry)).all()] == ["rule.set", "rule.set"]


def test_a_removed_rule_comes_back_when_it_is_set_again(session: Session) -> None:
    put(session, **GOOD)
    remove_rule(session, "개관-알림", by="admin", now=NOW)
    assert load_rules(session).rules == ()
    with pytest.raises(RuleError, match="규칙이 없습니다"):
        remove_rule(session, "개관-알림", by="admin", now=NOW)
    put(session, **GOOD)
    assert len(load_rules(session).rules) == 1


def test_a_row_that_cannot_be_read_is_named_and_spoils_no_other(session: Session) -> None:
    install_default_rules(session)
    session.execute(text("UPDATE reminder_rule SET offsets = '[\"x\"]' WHERE name = 'today'"))
    session.execute(text("UPDATE reminder_rule SET ask = 'shout' WHERE name = 'check'"))
    book = load_rules(session)
    assert len(book.rules) == 6
    assert sorted(why.split(":")[0] for why in book.broken.values()) == ["check", "today"]


def test_the_nearest_scope_wins_for_its_ask_only(session: Session) -> None:
    office = SmallOffice(session)
    milestone = office.milestone("2024-10-31")
    steps: list[tuple[dict[str, object], list[str]]] = [
        ({}, ["-30", "-7", "-1"]),
        ({"name": "국", "unit_id": office.bureau.id, "offsets": [-20]}, ["-20"]),
        ({"name": "과", "unit_id": office.department.id, "offsets": [-21]}, ["-21"]),
        ({"name": "팀", "unit_id": office.team.id, "offsets": [-22]}, ["-22"]),
        ({"name": "다른 팀", "unit_id": office.other_team.id, "offsets": [-29]}, ["-22"]),
        ({"name": "사업", "project_id": office.project.id, "offsets": [-23]}, ["-23"]),
        ({"name": "사업 개관", "project_id": office.project.id, "kinds": ["opening"], "offsets": [-28]}, ["-23"]),
        ({"name": "일정", "milestone_id": milestone.id, "offsets": [-24, -4]}, ["-24", "-4"]),
        ({"name": "조용히", "milestone_id": milestone.id, "offsets": []}, ["-24", "-4"]),
    ]
    for values, expected in steps:
        if values:
            put(session, ask="upcoming", **values)
        replan(session, office.activated_at, settings(), CALENDAR)
        lines = [line.split() for line in planned(session)]
        assert [line[1] for line in lines if line[0] == "upcoming"] == expected
        assert [line[0] for line in lines if line[0] != "upcoming"] == ["today", "status", "overdue"]


def test_a_near_rule_without_offsets_keeps_a_project_quiet(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-10-31")
    put(session, name="조용히", ask="upcoming", project_id=office.project.id, offsets=[])
    replan(session, office.activated_at, settings(), CALENDAR)
    assert [line.split()[0] for line in planned(session)] == ["today", "status", "overdue"]


def test_working_day_offsets_and_repeats_count_working_days(session: Session) -> None:
    office = SmallOffice(session)
    office.milestone("2024-09-20")
    put(session, name="upcoming-firm", offsets=[-3], offset_unit="working")
    put(session, name="overdue", offsets=[2], offset_unit="working", repeat_every=3, repeat_unit="working")
    replan(session, office.activated_at, settings(), CALENDAR)
    assert planned(session)[0] == "upcoming -3 end 2024-09-20 @ 2024-09-12 09:00", "past 추석"
    run_until(session, "2024-09-24 09:00")
    assert planned(session) == ["overdue r1 end 2024-09-20 @ 2024-09-27 09:00"]
    run_until(session, "2024-09-27 09:00")
    assert planned(session) == ["overdue r2 end 2024-09-20 @ 2024-10-04 09:00"], "past 1 and 3 October"


def test_explain_names_the_rule_of_each_reminder_and_why_the_others_gave_none(session: Session) -> None:
    office = SmallOffice(session)
    milestone = office.milestone("2024-10-31", raw="2024. 10. 31.")
    put(session, name="팀 규칙", ask="today", unit_id=office.team.id, offsets=[0])
    replan(session, office.activated_at, settings(), CALENDAR)
    run_until(session, "2024-10-24 09:00")
    assert milestone.id is not None
    assert explain(session, milestone.id, at("2024-10-25 09:00"), settings()) == [
        "준공 | 2024. 10. 31.(목) | 공무원 역량강화 교육 | 담당: 인사팀장",
        "규칙 팀 규칙: 적용됨",
        "    2024. 10. 31.(목) 09:00 D-day · 예정",
        "규칙 upcoming-firm: 적용됨",
        "    2024. 9. 30.(월) 09:00 D-31 · 보냄",
        "    2024. 10. 24.(목) 09:00 D-7 · 보냄",
        "    2024. 10. 30.(수) 09:00 D-1 · 예정",
        "규칙 upcoming-fuzzy: 적용 안 됨: 날짜의 정밀도가 다릅니다(day)",
        "규칙 today: 적용 안 됨: 더 가까운 범위의 규칙이 대신합니다",
        "규칙 status: 적용됨",
        "    2024. 10. 31.(목) 09:00 D-day · 예정",
        "규칙 overdue: 적용됨",
        "    2024. 11. 7.(목) 09:00 D+7 · 예정",
        "규칙 confirm-date: 적용 안 됨: 이미 확정된 날짜입니다",
        "규칙 check: 적용 안 됨: 기한이 있어 점검 대신 기한에 맞추어 알립니다",
        "규칙 quiet: 적용됨, 그 전에 일정의 알림이 있어 따로 묻지 않습니다",
    ]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"status": MilestoneStatus.DONE}, "완료된 일정입니다"),
        ({"duplicate_of_id": 1}, "같은 일정이 다른 줄에 있어 그쪽에서 알립니다"),
    ],
)
def test_explain_says_why_nothing_comes_at_all(session: Session, values: dict[str, object], reason: str) -> None:
    office = SmallOffice(session)
    office.milestone("2024-12-24")
    milestone = office.milestone("2024-10-31", kind=MilestoneKind.EVENT, **values)  # type: ignore[arg-type]
    assert milestone.id is not None
    assert explain(session, milestone.id, NOW, settings())[1] == f"알림이 없습니다: {reason}."
    assert explain(session, 999, NOW, settings()) == ["999번 일정은 없습니다."]


def test_explain_says_that_every_moment_has_passed(session: Session) -> None:
    office = SmallOffice(session, activated="2024-10-30 10:00")
    milestone = office.milestone("2024-10-31")
    replan(session, office.activated_at, settings(), CALENDAR)
    assert milestone.id is not None
    lines = explain(session, milestone.id, office.activated_at, settings())
    assert lines[1] == "규칙 upcoming-firm: 적용됨, 남은 시점이 없습니다"


def test_reading_a_rule_gives_the_same_rule_back() -> None:
    rule = read_rule(GOOD)
    assert rule.offsets == (-14, -3)
    assert (rule.levels, rule.channels) == ((0,), ("email",))
