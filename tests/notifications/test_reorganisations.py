"""조직개편: on its day, once; nothing is mailed twice, nothing is lost, and what was before stays known."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, update
from sqlmodel import Session, col, select

from documents.errors import DocumentError
from documents.spreadsheet import StaffEntry
from documents.store_staff import store_staff
from models import (
    Account,
    AccountRole,
    AnswerLink,
    Ask,
    CollectionRound,
    CollectionSchedule,
    Handover,
    Installation,
    Notification,
    NotificationState,
    Person,
    Project,
    Reminder,
    ReminderRule,
    ReminderState,
    Reorganisation,
    RequestState,
    Role,
    StatusRequest,
    Unit,
    UnitKind,
    WhichEnd,
)
from models.database import make_engine, read, write
from notifications.channels import OutgoingMail
from notifications.channels.noted import NotedChannel
from notifications.links import LinkProblem, find_link, make_link
from notifications.reorganisations import Entered, enter, foresee, next_reorganisation_at, reorganise_due
from schedules.arrangement import Act, ReorganisationError
from schedules.collection import lock_round, open_round, reopen_round
from schedules.completion import read_completion
from schedules.people import list_held
from schedules.plan import replan
from schedules.reorganisation import Asked, cancel, list_reorganisations
from tests.schedules.office import CALENDAR, SEOUL, SmallOffice, at, settings
from worker.play import play
from worker.rehearsal import preview, sent_messages
from worker.tick import tick
from worker.watch import audit

ADDRESSES = {
    "국장이": "bureau",
    "과장이": "department",
    "홍길동": "hong",
    "성춘향": "seong",
    "기획국장이": "planning",
    "자치과장이": "autonomy",
    "주민팀장이": "residents",
}


class Rearranged:
    """The small office, beside it 기획국 and, under 행정국, 자치행정과 with 주민팀; 2024-09-30 is a Monday."""

    def __init__(self, engine: Engine, data: Path) -> None:
        self.engine, self.settings = engine, settings(data)
        with write(engine) as session:
            self.office = office = SmallOffice(session)
            self.planning = office.unit("기획국", UnitKind.BUREAU)
            self.planning_head = office.post(self.planning, "국장", "기획국장이")
            self.autonomy = office.unit("자치행정과", UnitKind.DEPARTMENT, office.bureau)
            self.autonomy_head = office.post(self.autonomy, "과장", "자치과장이")
            self.residents = office.unit("주민팀", UnitKind.TEAM, self.autonomy)
            self.residents_head = office.post(self.residents, "팀장", "주민팀장이")
            for person in session.exec(select(Person)):
                person.email = f"{ADDRESSES[person.name]}@office.example"
                session.add(person)
            self.milestone = office.milestone("2024-09-30", label="청사 로비 공사 준공")
            self.centre = office.make_project("복합공간 조성")
            self.centre.unit_id = self.autonomy.id or 0
            session.add(self.centre)
            self.opening = office.milestone("2024-09-30", label="복합공간 개관", project=self.centre)
            replan(session, office.activated_at, self.settings, CALENDAR)

    @contextmanager
    def change(self) -> Iterator[Session]:
        with write(self.engine) as session:
            self.office.session = session
            yield session

    def lead_by_department(self) -> None:
        """The project has no team: 행정지원과장 answers, and 행정국장 hears when nobody does."""
        with self.change() as session:
            session.execute(update(Project).where(col(Project.id) == self.office.project.id).values(team_id=None))
            replan(session, self.office.activated_at, self.settings, CALENDAR)

    def enter(self, on: str, *asked: Asked, moment: str = "") -> Entered:
        with write(self.engine) as session:
            return enter(
                session,
                asked,
                date.fromisoformat(on),
                by="admin",
                now=at(moment or f"{on} 08:00"),
                settings=self.settings,
                calendar=CALENDAR,
            )

    def look(self, moment: str) -> list[OutgoingMail]:
        channel = NotedChannel()
        tick(self.engine, self.settings, lambda: at(moment), channel)
        return channel.mails

    def open_round(self, moment: str = "2024-09-24 09:00") -> int:
        with write(self.engine) as session:
            return open_round(
                session,
                title="9월 정기 취합",
                as_of_on=date(2024, 9, 24),
                now=at(moment),
                settings=self.settings,
                calendar=CALENDAR,
                by="admin",
            ).round_id

    def places(self, on: str) -> list[str]:
        with read(self.engine) as session:
            return [f"{held.unit} {held.post} {held.person}" for held in list_held(session, date.fromisoformat(on))]


@pytest.fixture
def town(engine: Engine, tmp_path: Path) -> Rearranged:
    return Rearranged(engine, tmp_path)


def keys(mails: list[OutgoingMail]) -> list[str]:
    return sorted(mail.key for mail in mails)


RENAME = Asked(Act.RENAME, unit="인사팀", name="인재팀")
MERGE = Asked(Act.MERGE, unit="자치행정과", target="행정지원과")


# ------------------------------------------------------------------------------------------------ renamed


def test_renamed_before_sending_the_mail_keeps_its_key_and_says_the_new_name(town: Rearranged) -> None:
    with read(town.engine) as session:
        before = {row.key: (row.post_id, row.due_at) for row in session.exec(select(Reminder))}
    town.enter("2024-09-27", RENAME)
    with read(town.engine) as session:
        assert {row.key: (row.post_id, row.due_at) for row in session.exec(select(Reminder))} == before
    [mail] = [mail for mail in town.look("2024-09-30 09:00") if mail.recipients == ("hong@office.example",)]
    assert mail.key.startswith(f"post:{town.office.head}/email/morning/")
    assert "인재팀" in mail.subject


def test_renamed_after_sending_nothing_is_mailed_again(town: Rearranged) -> None:
    sent = keys(town.look("2024-09-30 09:00"))
    town.enter("2024-09-30", RENAME, moment="2024-09-30 09:10")
    assert sent
    assert town.look("2024-09-30 09:20") == []
    assert town.look("2024-09-30 17:00") == []


def test_two_units_swap_their_names(town: Rearranged) -> None:
    town.enter(
        "2024-09-27",
        Asked(Act.RENAME, unit="인사팀", name="행정지원팀"),
        Asked(Act.RENAME, unit="행정지원팀", name="인사팀"),
    )
    with read(town.engine) as session:
        names = {unit.id: unit.name for unit in session.exec(select(Unit))}
    assert (names[town.office.team.id], names[town.office.other_team.id]) == ("행정지원팀", "인사팀")
    assert "행정지원팀 팀장 홍길동" in town.places("2024-09-27")
    assert "인사팀 팀장 홍길동" in town.places("2024-09-26")


# ------------------------------------------------------------------------------------------------ moved


def chain(town: Rearranged) -> list[int]:
    """The posts that hear next when nobody answers."""
    with read(town.engine) as session:
        rows = session.exec(
            select(Reminder).where(
                Reminder.ask == Ask.ESCALATION,
                Reminder.milestone_id == town.milestone.id,
                Reminder.state == ReminderState.PLANNED,
            )
        )
        return [row.post_id for row in rows]


MOVE = Asked(Act.MOVE, unit="행정지원과", target="기획국")


def test_a_chain_that_has_begun_stays_with_the_head_it_was_begun_with(town: Rearranged) -> None:
    town.lead_by_department()
    town.look("2024-09-30 09:00")
    assert chain(town) == [town.office.bureau_head]
    town.enter("2024-10-02", MOVE)
    with town.change() as session:
        replan(session, at("2024-10-02 02:30"), town.settings, CALENDAR)
    assert chain(town) == [town.office.bureau_head]
    with read(town.engine) as session:
        step = session.exec(select(Reminder).where(Reminder.ask == Ask.ESCALATION)).all()[0]
    mails = town.look(f"{step.due_at.astimezone(SEOUL):%Y-%m-%d %H:%M}")
    assert any(mail.recipients == ("bureau@office.example",) and "청사 로비 공사 준공" in mail.text for mail in mails)
    with read(town.engine) as session:
        told = session.get_one(Reminder, step.id)
        assert (told.state, told.post_id) == (ReminderState.DISPATCHED, town.office.bureau_head)


def test_a_chain_that_begins_after_the_move_climbs_to_the_new_head(town: Rearranged) -> None:
    town.lead_by_department()
    town.enter("2024-09-27", MOVE)
    town.look("2024-09-30 09:00")
    assert chain(town) == [town.planning_head]


def test_a_chain_to_a_bureau_that_was_merged_goes_to_the_head_that_took_over(town: Rearranged) -> None:
    town.lead_by_department()
    town.look("2024-09-30 09:00")
    town.enter("2024-10-02", Asked(Act.MERGE, unit="행정국", target="기획국"))
    assert chain(town) == [town.planning_head]


# ------------------------------------------------------------------------------------------------ merged


def test_merged_departments_keep_what_was_asked_in_both(town: Rearranged) -> None:
    town.lead_by_department()
    round_id = town.open_round()
    sent = keys(town.look("2024-09-24 09:10"))
    assert sum("/round/" in key for key in sent) == 2
    with town.change() as session:
        before = {row.key: row.due_at for row in session.exec(select(StatusRequest))}
        token = make_link(session, town.autonomy_head, None, at("2024-09-24 09:10"), town.settings).rpartition("/")[2]
    town.enter("2024-09-25", MERGE)
    with read(town.engine) as session:
        rows = session.exec(select(StatusRequest)).all()
        assert {row.key: row.due_at for row in rows} == before, "asked once, with the due time it had"
        assert {row.post_id for row in rows} == {town.office.department_head}
        assert {row.state for row in rows} == {RequestState.REQUESTED}
        assert find_link(session, token, at("2024-09-25 08:01"), SEOUL) is LinkProblem.REVOKED
        board = read_completion(session, round_id, at("2024-09-25 08:01"), town.settings, CALENDAR)
        assert [(row.unit, row.asked, row.outstanding) for row in board.rows] == [("행정지원과", 2, 2)]
    mails = town.look("2024-09-25 09:00")
    [handed] = [mail for mail in mails if "/handover/" in mail.key]
    assert handed.recipients == ("department@office.example",)
    assert "복합공간 개관" in handed.text
    assert "청사 로비" not in handed.text, "what the department had is no news"
    assert not set(keys(mails)) & set(sent)
    assert town.look("2024-09-25 09:10") == []


def test_open_questions_follow_with_their_due_time_and_nobody_old_is_mailed(town: Rearranged) -> None:
    town.look("2024-09-30 09:00")
    with read(town.engine) as session:
        [asked] = session.exec(select(StatusRequest).where(StatusRequest.post_id == town.autonomy_head))
    town.enter("2024-10-02", MERGE)
    with read(town.engine) as session:
        now = session.exec(select(StatusRequest).where(StatusRequest.post_id == town.office.department_head)).all()
        assert asked.due_at in {row.due_at for row in now}
        old = session.get_one(StatusRequest, asked.id)
        assert old.state is RequestState.CANCELLED
    for day in ("02", "04", "07", "08", "10", "11", "14", "15", "16", "21"):
        for mail in town.look(f"2024-10-{day} 09:00"):
            assert "autonomy@office.example" not in mail.recipients


def test_a_message_that_waits_while_its_post_is_merged_goes_to_the_one_that_takes_over(town: Rearranged) -> None:
    town.look("2024-09-27 18:00")
    town.open_round("2024-09-27 18:10")  # the window is closed: the messages wait for Monday
    with read(town.engine) as session:
        assert session.exec(
            select(func.count()).select_from(Notification).where(Notification.state == NotificationState.QUEUED)
        ).one()
    town.enter("2024-09-30", MERGE, moment="2024-09-30 08:30")
    mails = town.look("2024-09-30 09:00")
    assert all("autonomy@office.example" not in mail.recipients for mail in mails)
    theirs = [mail for mail in mails if mail.recipients == ("department@office.example",)]
    assert any("복합공간 개관" in mail.text for mail in theirs)


def test_an_item_given_to_the_ended_post_by_name_is_its_successor_s(town: Rearranged) -> None:
    with town.change() as session:
        row = session.get_one(type(town.milestone), town.milestone.id)
        row.post_id = town.autonomy_head
        session.add(row)
    town.enter("2024-09-27", MERGE)
    mails = [mail for mail in town.look("2024-09-30 09:00") if "/morning/" in mail.key]
    assert all(
        mail.recipients == ("department@office.example",) for mail in mails if "청사 로비 공사 준공" in mail.text
    )


def test_rules_rounds_and_roles_of_a_merged_unit_hold_for_the_other(town: Rearranged) -> None:
    with town.change() as session:
        session.add_all(
            [
                ReminderRule(
                    name="자치 예고", ask=Ask.UPCOMING, unit_id=town.autonomy.id, which_end=WhichEnd.END, offsets=[-3]
                ),
                ReminderRule(
                    name="자치 당일", ask=Ask.TODAY, unit_id=town.autonomy.id, which_end=WhichEnd.END, offsets=[0]
                ),
                ReminderRule(
                    name="행정 당일",
                    ask=Ask.TODAY,
                    unit_id=town.office.department.id,
                    which_end=WhichEnd.END,
                    offsets=[0],
                ),
                CollectionSchedule(name="자치 월간", unit_id=town.autonomy.id, recurrence="FREQ=MONTHLY"),
            ]
        )
        for name in ("kim", "lee"):
            session.add(Account(name=name, created_at=at("2024-09-02 08:00")))
        session.flush()
        kim, lee = session.exec(select(Account.id).order_by(col(Account.name))).all()
        for account, unit in ((kim, town.autonomy.id), (lee, town.autonomy.id), (lee, town.office.department.id)):
            session.add(AccountRole(account_id=account or 0, role=Role.REVIEWER, unit_id=unit))
    done = town.enter("2024-09-27", MERGE).carried_out
    assert done is not None
    assert done.done.roles == ["자치행정과의 계정 권한 2개가 행정지원과 전체로 넓어집니다"]
    with read(town.engine) as session:
        rules = {rule.name: rule for rule in session.exec(select(ReminderRule)) if rule.unit_id is not None}
        assert rules["자치 예고"].unit_id == town.office.department.id
        assert rules["자치 당일"].disabled_at is not None, "the other has its own"
        assert session.exec(select(CollectionSchedule.unit_id)).one() == town.office.department.id
        given = session.exec(select(AccountRole.account_id, AccountRole.unit_id)).all()
        assert sorted(given) == sorted([(kim, town.office.department.id), (lee, town.office.department.id)])


def test_a_clerk_s_post_goes_along_and_keeps_its_holder_and_links(town: Rearranged) -> None:
    with town.change() as session:
        clerk = town.office.post(town.autonomy, "담당")
        town.office.assign(clerk, town.office.person("이담당", "clerk@office.example"))
        link = make_link(session, clerk, None, at("2024-09-24 09:10"), town.settings).rpartition("/")[2]
    town.enter("2024-09-27", MERGE)
    assert "행정지원과 담당 이담당" in town.places("2024-09-27")
    assert "자치행정과 담당 이담당" in town.places("2024-09-26")
    with read(town.engine) as session:
        assert isinstance(find_link(session, link, at("2024-09-27 09:00"), SEOUL), AnswerLink)


def test_a_clerk_whose_like_is_there_already_holds_that_post(town: Rearranged) -> None:
    with town.change():
        clerk = town.office.post(town.autonomy, "담당")
        town.office.assign(clerk, town.office.person("이담당", "clerk@office.example"))
        town.office.post(town.office.department, "담당", "박담당")
    town.enter("2024-09-27", MERGE)
    assert {"행정지원과 담당 이담당", "행정지원과 담당 박담당"} <= set(town.places("2024-09-27"))


# ------------------------------------------------------------------------------------------------ made, split, given


def test_a_unit_split_off_can_be_staffed_before_its_day_and_hears_from_it(town: Rearranged) -> None:
    town.enter(
        "2024-09-30",
        Asked(Act.SPLIT, unit="행정지원과", name="총무과", projects=("공무원 역량강화 교육",)),
        moment="2024-09-23 10:00",
    )
    row = StaffEntry(2, "총무과", "과장", "총무과장이", "general@office.example", None, date(2024, 9, 27), None)
    with town.change() as session, pytest.raises(DocumentError, match="2024-09-30에 생깁니다"):
        store_staff(session, [row], at("2024-09-23 10:00"), "admin")
    with town.change() as session:
        store_staff(session, [replace(row, start=date(2024, 9, 30))], at("2024-09-23 10:00"), "admin")
    assert [mail.recipients for mail in town.look("2024-09-27 09:00") if "/handover/" in mail.key] == []
    mails = [mail for mail in town.look("2024-09-30 09:00") if "청사 로비 공사 준공" in mail.text]
    assert {mail.recipients for mail in mails} == {("general@office.example",)}
    assert "총무과 과장 총무과장이" in town.places("2024-09-30")
    assert not any("총무과" in place for place in town.places("2024-09-29"))


def test_a_project_given_to_another_team_is_asked_there(town: Rearranged) -> None:
    done = town.enter(
        "2024-09-27", Asked(Act.TRANSFER, target="주민팀", projects=("공무원 역량강화 교육",))
    ).carried_out
    assert done is not None
    [handed] = done.done.handed_on
    assert (handed.post_id, handed.before) == (town.residents_head, ("인사팀장 홍길동",))
    mails = [mail for mail in town.look("2024-09-30 09:00") if "청사 로비 공사 준공" in mail.text]
    assert {mail.recipients for mail in mails} == {("residents@office.example",)}


def test_what_still_answers_for_something_is_not_closed(town: Rearranged) -> None:
    with pytest.raises(ReorganisationError, match="남은 것이 있습니다"):
        town.enter("2024-09-27", Asked(Act.CLOSE, unit="인사팀"))
    with town.change() as session:
        session.add(
            ReminderRule(name="인사팀 당일", ask=Ask.TODAY, unit_id=town.office.team.id, which_end=WhichEnd.END)
        )
    given = Asked(Act.TRANSFER, target="행정지원팀", projects=("공무원 역량강화 교육",))
    done = town.enter("2024-09-27", given, Asked(Act.CLOSE, unit="인사팀")).carried_out
    assert done is not None
    assert done.done.without_post == ["홍길동(인사팀장)"]
    assert done.done.rules == ["'인사팀 당일' 꺼짐 (인사팀에만 적용되던 것입니다)"]
    assert "인사팀 팀장 홍길동" in town.places("2024-09-26")
    assert not any("인사팀" in place for place in town.places("2024-09-27"))


# ------------------------------------------------------------------------------------------------ on its day


def test_decided_ahead_it_is_carried_out_at_midnight_by_the_clock_once(town: Rearranged) -> None:
    town.enter("2024-09-30", RENAME, moment="2024-09-23 10:00")
    with read(town.engine) as session:
        assert next_reorganisation_at(session, town.settings) == at("2024-09-30 00:00")
    town.look("2024-09-29 23:59")
    assert "인사팀 팀장 홍길동" in town.places("2024-09-29")
    with read(town.engine) as session:
        assert session.get_one(Unit, town.office.team.id).name == "인사팀"
    town.look("2024-09-30 00:00")
    town.look("2024-09-30 00:00")
    with read(town.engine) as session:
        assert session.get_one(Unit, town.office.team.id).name == "인재팀"
        assert next_reorganisation_at(session, town.settings) is None
        assert session.exec(select(func.count()).select_from(Handover)).one() == 0


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_two_clocks_at_once_one_carries_it_out(town: Rearranged, database_url: str) -> None:
    town.enter("2024-09-30", MERGE, moment="2024-09-23 10:00")
    together = Barrier(2)

    def carry_out() -> int:
        engine = make_engine(database_url)
        together.wait()
        try:
            with write(engine) as session:
                return reorganise_due(session, at("2024-09-30 00:00"), town.settings, CALENDAR)
        finally:
            engine.dispose()

    with ThreadPoolExecutor(2) as clocks:
        assert sorted(one.result() for one in [clocks.submit(carry_out) for _ in range(2)]) == [0, 1]
    with read(town.engine) as session:
        assert session.exec(select(func.count()).select_from(Handover)).one() == 1


def test_it_is_carried_out_although_sending_is_off(town: Rearranged) -> None:
    town.enter("2024-09-30", RENAME, moment="2024-09-23 10:00")
    with town.change() as session:
        session.execute(update(Project).values(activated_at=None))
        session.execute(update(Installation).values(fingerprint=None))
    assert town.look("2024-09-30 09:00") == []
    with read(town.engine) as session:
        assert session.get_one(Unit, town.office.team.id).name == "인재팀"


def test_the_same_changes_are_decided_once(town: Rearranged) -> None:
    first = town.enter("2024-09-30", RENAME, moment="2024-09-23 10:00")
    assert town.enter("2024-09-30", RENAME, moment="2024-09-23 10:01").row.id == first.row.id
    town.look("2024-09-30 00:00")
    again = town.enter("2024-09-30", RENAME, moment="2024-09-30 10:00")
    assert (again.row.id, again.carried_out) == (first.row.id, None)


def test_what_became_impossible_keeps_its_error_and_stops_nothing(town: Rearranged) -> None:
    town.enter("2024-09-30", RENAME, moment="2024-09-23 10:00")
    with town.change():
        town.office.unit("인재팀", UnitKind.TEAM, town.office.department)  # a report has brought it meanwhile
    mails = town.look("2024-09-30 09:00")
    assert any("청사 로비 공사 준공" in mail.text for mail in mails)
    with read(town.engine) as session:
        [one] = list_reorganisations(session)
        assert one.is_pending
        assert "'인재팀'이(가) 둘이 됩니다" in (one.error or "")
        assert session.get_one(Unit, town.office.team.id).name == "인사팀"


def test_later_decisions_and_earlier_changes_are_looked_at(town: Rearranged) -> None:
    town.enter("2024-10-07", Asked(Act.RENAME, unit="인사팀", name="인재팀"), moment="2024-09-23 10:00")
    with pytest.raises(ReorganisationError, match=r"2024\. 10\. 7\.\(월\)에 예정된 조직개편"):
        town.enter("2024-09-30", Asked(Act.RENAME, unit="행정지원팀", name="인재팀"), moment="2024-09-23 10:00")
    town.look("2024-10-07 00:00")
    with pytest.raises(ReorganisationError, match="에 이미 바뀌었습니다"):
        town.enter("2024-10-04", Asked(Act.RENAME, unit="인재팀", name="인사팀"), moment="2024-10-08 10:00")


def test_one_taken_back_before_its_day_changes_nothing(town: Rearranged) -> None:
    entered = town.enter("2024-09-30", Asked(Act.NEW, name="감사팀", target="행정지원과"), moment="2024-09-23 10:00")
    with town.change() as session:
        cancel(session, entered.row.id or 0, by="admin", now=at("2024-09-24 10:00"), today=date(2024, 9, 24))
    town.look("2024-09-30 00:00")
    assert not any("감사팀" in place for place in town.places("2024-09-30"))
    with town.change() as session, pytest.raises(ReorganisationError, match="없습니다"):
        cancel(session, 99, by="admin", now=at("2024-09-24 10:00"), today=date(2024, 9, 24))


def test_what_is_shown_first_changes_nothing_and_is_what_happens(town: Rearranged) -> None:
    def rows() -> list[object]:
        with read(town.engine) as session:
            return [
                sorted((unit.id, unit.name, unit.parent_id) for unit in session.exec(select(Unit))),
                sorted((row.key, row.post_id) for row in session.exec(select(Reminder))),
                session.exec(select(func.count()).select_from(Reorganisation)).one(),
            ]

    before = rows()
    with write(town.engine) as session:
        shown = foresee(
            session,
            [MERGE],
            date(2024, 9, 27),
            by="admin",
            now=at("2024-09-27 08:00"),
            settings=town.settings,
            calendar=CALENDAR,
        )
        session.rollback()
    assert rows() == before
    done = town.enter("2024-09-27", MERGE)
    assert shown.carried_out is not None
    assert done.carried_out is not None
    assert shown.carried_out.done == done.carried_out.done
    [taken] = [one for one in shown.hearing if one.items]
    assert (taken.post, taken.hears, taken.items) == ("행정지원과장", ("행정지원과 과장 과장이",), 1)
    assert taken.before == ("자치행정과장 자치과장이",)
    assert shown.carried_out.done.without_post == ["자치과장이(자치행정과장)"]


def test_a_round_locked_before_the_merge_and_opened_again_asks_who_took_over(town: Rearranged) -> None:
    town.lead_by_department()
    round_id = town.open_round()
    with town.change() as session:
        lock_round(session, round_id, by="admin", now=at("2024-09-26 18:00"))
    town.enter("2024-09-27", MERGE)
    with read(town.engine) as session:
        assert {
            row.post_id for row in session.exec(select(StatusRequest).where(StatusRequest.round_id == round_id))
        } == {
            town.autonomy_head,
            town.office.department_head,
        }, "what was asked then stays as it was"
    with town.change() as session:
        again = {"by": "admin", "now": at("2024-09-30 09:00"), "due_at": at("2024-10-04 18:00")}
        assert reopen_round(session, round_id, reason="수치 정정", **again) == 2  # type: ignore[arg-type]
        session.expire_all()
        rows = session.exec(select(StatusRequest).where(StatusRequest.round_id == round_id)).all()
        assert {row.post_id for row in rows} == {town.office.department_head}


def test_one_that_failed_is_told_until_somebody_takes_it_back(town: Rearranged) -> None:
    entered = town.enter("2024-09-30", RENAME, moment="2024-09-23 10:00")
    with town.change():
        town.office.unit("인재팀", UnitKind.TEAM, town.office.department)
    town.look("2024-09-30 09:00")

    def codes() -> list[str]:
        with read(town.engine) as session:
            return [fault.code for fault in audit(session, at("2024-09-30 09:01"), town.settings)]

    assert codes() == ["reorganisations_failed"]
    with town.change() as session:
        cancel(session, entered.row.id or 0, by="admin", now=at("2024-09-30 09:02"), today=date(2024, 9, 30))
    assert codes() == []


def test_a_preview_over_its_day_is_what_is_then_sent(town: Rearranged) -> None:
    town.lead_by_department()
    town.enter("2024-09-30", MERGE, RENAME, moment="2024-09-22 10:00")
    first, last, now = date(2024, 9, 23), date(2024, 10, 18), at("2024-09-23 00:00")
    shown = preview(town.engine, town.settings, first, last, now)[0]
    assert any(one["unit"] == "자치행정과" for one in shown)
    assert any("/handover/" in one["key"] for one in shown)
    for _ in play(town.engine, town.settings, now, at("2024-10-18 23:59"), NotedChannel()):
        pass
    with read(town.engine) as session:
        assert sent_messages(session, town.settings, first, last) == shown


# ------------------------------------------------------------------------------------------------ what was


def test_who_was_responsible_on_a_day_stays_answerable(town: Rearranged) -> None:
    before = town.places("2024-09-26")
    town.enter("2024-09-27", MERGE, RENAME)
    assert town.places("2024-09-26") == before
    after = town.places("2024-09-27")
    assert "인재팀 팀장 홍길동" in after
    assert not any("자치행정과" in place for place in after)


def test_the_table_of_a_locked_round_tells_the_names_of_its_day(town: Rearranged) -> None:
    round_id = town.open_round()
    with town.change() as session:
        lock_round(session, round_id, by="admin", now=at("2024-09-26 18:00"))
        before = read_completion(session, round_id, at("2024-09-26 18:00"), town.settings, CALENDAR)
    town.enter("2024-09-27", RENAME, MERGE)
    with read(town.engine) as session:
        assert session.get_one(CollectionRound, round_id).locked_at is not None
        assert read_completion(session, round_id, at("2024-09-26 18:00"), town.settings, CALENDAR) == before
