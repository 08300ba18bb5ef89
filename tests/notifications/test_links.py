"""A link opens one post's form for a while, and asking about it changes nothing."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from models import (
    AnswerLink,
    Ask,
    MilestoneStatus,
    Notification,
    NotificationKind,
    Reminder,
    ReminderState,
    RequestState,
    StatusRequest,
    StatusRequestItem,
)
from notifications.links import LinkProblem, find_link, forget_links, make_link, revoke_links
from notifications.outbox import dispatch_due
from schedules.calendar import WorkingCalendar
from schedules.plan import replan
from tests.schedules.office import SEOUL, SmallOffice, at, settings

NOW = at("2024-09-02 09:00")


def token_of(address: str) -> str:
    return address.rpartition("/")[2]


def test_a_link_names_its_post_and_only_its_hash_is_kept(session: Session) -> None:
    office = SmallOffice(session)
    address = make_link(session, office.head, None, NOW, settings())
    assert address.startswith("http://127.0.0.1:8000/a/")
    link = find_link(session, token_of(address), NOW, SEOUL)
    assert isinstance(link, AnswerLink)
    assert link.post_id == office.head
    assert token_of(address) not in str(session.exec(select(AnswerLink)).one().model_dump())


def test_a_link_lives_for_the_days_that_are_set(session: Session) -> None:
    office = SmallOffice(session)
    token = token_of(make_link(session, office.head, None, NOW, settings(link_days=30)))
    last_moment = NOW + timedelta(days=30)
    assert isinstance(find_link(session, token, last_moment - timedelta(seconds=1), SEOUL), AnswerLink)
    assert find_link(session, token, last_moment, SEOUL) is LinkProblem.EXPIRED


@pytest.mark.parametrize("token", ["", "x", "x" * 100_000, "' OR 1=1 --", "한글"])
def test_a_token_that_nobody_gave_out_is_unknown(session: Session, token: str) -> None:
    office = SmallOffice(session)
    make_link(session, office.head, None, NOW, settings())
    assert find_link(session, token, NOW, SEOUL) is LinkProblem.UNKNOWN


def test_a_newer_link_leaves_the_older_one_alone_until_all_are_revoked(session: Session) -> None:
    office = SmallOffice(session)
    old, new = (token_of(make_link(session, office.head, None, NOW, settings())) for _ in range(2))
    other = token_of(make_link(session, office.other_head, None, NOW, settings()))
    assert isinstance(find_link(session, old, NOW, SEOUL), AnswerLink)
    assert revoke_links(session, office.head, NOW) == 2
    assert find_link(session, old, NOW, SEOUL) is find_link(session, new, NOW, SEOUL) is LinkProblem.REVOKED
    assert isinstance(find_link(session, other, NOW, SEOUL), AnswerLink)
    assert revoke_links(session, office.head, NOW) == 0


def test_a_link_ends_when_everything_it_asked_about_is_closed(session: Session) -> None:
    office = SmallOffice(session)
    first, second = office.milestone("2024-09-09"), office.milestone("2024-09-09", label="개소")
    replan(session, office.activated_at, settings(), WorkingCalendar())
    dispatch_due(session, at("2024-09-06 09:00"), settings(), WorkingCalendar())
    message = session.exec(select(Notification)).one()
    token = token_of(make_link(session, office.head, message.id, NOW, settings()))
    for milestone, expected in ((first, AnswerLink), (second, LinkProblem)):
        milestone.status = MilestoneStatus.DONE
        session.add(milestone)
        session.flush()
        assert isinstance(find_link(session, token, NOW, SEOUL), expected)
    assert find_link(session, token, NOW, SEOUL) is LinkProblem.SETTLED


def test_a_link_of_a_round_lives_while_its_request_is_outstanding(session: Session) -> None:
    office = SmallOffice(session)
    milestone = office.milestone("2024-09-09", status=MilestoneStatus.DONE)
    message = Notification(
        key="k", post_id=office.head, channel="email", kind=NotificationKind.RETURNED, slot_at=NOW, created_at=NOW
    )
    request = StatusRequest(
        key="r", post_id=office.head, reason="deadline", state=RequestState.RETURNED, requested_at=NOW, due_at=NOW
    )
    session.add_all([message, request])
    session.flush()
    session.add(StatusRequestItem(request_id=request.id, milestone_id=milestone.id))
    token = token_of(make_link(session, office.head, message.id, NOW, settings()))
    assert isinstance(find_link(session, token, NOW, SEOUL), AnswerLink)
    request.state = RequestState.ACCEPTED
    session.add(request)
    session.flush()
    assert find_link(session, token, NOW, SEOUL) is LinkProblem.SETTLED


def test_a_link_that_never_left_is_forgotten(session: Session) -> None:
    office = SmallOffice(session)
    address = make_link(session, office.head, None, NOW, settings())
    forget_links(session, [address])
    assert find_link(session, token_of(address), NOW, SEOUL) is LinkProblem.UNKNOWN


def test_asking_changes_nothing(session: Session) -> None:
    office = SmallOffice(session)
    milestone = office.milestone("2024-09-09")
    replan(session, office.activated_at, settings(), WorkingCalendar())
    dispatch_due(session, at("2024-09-06 09:00"), settings(), WorkingCalendar())
    message = session.exec(select(Notification)).one()
    token = token_of(make_link(session, office.head, message.id, NOW, settings()))
    session.commit()
    for moment in (NOW, NOW + timedelta(days=60)):
        find_link(session, token, moment, SEOUL)
    assert not session.dirty
    assert not session.new
    told = session.exec(select(Reminder.ask).where(Reminder.state == ReminderState.DISPATCHED)).all()
    assert set(told) == {Ask.UPCOMING}
    assert milestone.status is MilestoneStatus.PLANNED
