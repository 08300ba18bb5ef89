"""What a batch of messages is read from: one statement a question, however many messages there are."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import (
    Ask,
    AttemptOutcome,
    ChannelName,
    CollectionRound,
    Delegation,
    DeliveryAttempt,
    Document,
    Milestone,
    MilestoneKind,
    MilestoneRevision,
    MilestoneStatus,
    Notification,
    NotificationItem,
    NotificationKind,
    Project,
    Reminder,
    ReminderRule,
    ReminderState,
    RepeatUntil,
    RequestState,
    StatusKind,
    StatusReport,
    StatusRequest,
    StatusRequestItem,
    WhichEnd,
)
from schedules.requests import OUTSTANDING
from schedules.rows import among, fetch

# What asks again for requests that stand already, instead of telling reminders.
ROUND_KINDS = (NotificationKind.ROUND, NotificationKind.NUDGE, NotificationKind.RETURNED)


class Message(NamedTuple):
    """A claimed message, without the texts of earlier attempts."""

    id: int
    key: str
    kind: NotificationKind
    post_id: int
    slot_at: datetime
    round_id: int | None
    attempts: int
    channel: str = ChannelName.EMAIL


class Told(NamedTuple):
    """A reminder that a message tells."""

    id: int
    notification_id: int
    milestone_id: int
    post_id: int
    ask: Ask
    end: WhichEnd
    anchor_on: date
    level: int
    rule: str
    outlasts_answers: bool  # a repeat that goes on until the milestone is done
    channel: str | None = None  # of a question asked again because nobody answered

    @property
    def request_key(self) -> str:
        """Of the status request it made, where its ask makes one."""
        return f"post:{self.post_id}/milestone:{self.milestone_id}/{self.anchor_on.isoformat()}"


class Requested(NamedTuple):
    """A milestone asked about in an outstanding request."""

    post_id: int
    round_id: int | None
    state: RequestState
    due_at: datetime
    comment: str | None
    milestone_id: int


class Subject(NamedTuple):
    """What a milestone is called and says, with the title of its project and the day its document speaks of."""

    id: int
    label: str
    kind: MilestoneKind
    status: MilestoneStatus
    raw: str
    start_on: date | None
    end_on: date | None
    time: str | None
    percent_complete: int | None
    baseline_raw: str
    title: str
    as_of_on: date


class Reported(NamedTuple):
    """The last answer about a milestone."""

    milestone_id: int
    kind: StatusKind
    percent_complete: int | None
    reason: str
    results: str
    reported_at: datetime


def read_messages(session: Session, ids: Collection[int]) -> list[Message]:
    columns = (
        col(Notification.id),
        col(Notification.key),
        col(Notification.kind),
        col(Notification.post_id),
        col(Notification.slot_at),
        col(Notification.round_id),
        col(Notification.attempts),
        col(Notification.channel),
    )
    wanted = select(*columns).where(among(col(Notification.id), ids))
    return [Message(*row) for row in fetch(session, wanted.order_by(col(Notification.slot_at), col(Notification.id)))]


def read_surroundings(session: Session, notification_ids: Collection[int]) -> tuple[set[int], set[int]]:
    """Posts and units that these messages and their milestones name: what there is to know an organisation by."""
    theirs = select(col(Notification.post_id)).where(among(col(Notification.id), notification_ids))
    posts = {post_id for (post_id,) in fetch(session, theirs) if post_id is not None}
    named = (col(Milestone.post_id), col(Project.post_id), col(Project.team_id), col(Project.unit_id))
    of_projects = select(*named).join(Project, col(Project.id) == col(Milestone.project_id)).distinct()
    told = of_projects.join(Reminder, col(Reminder.milestone_id) == col(Milestone.id)).where(
        among(col(Reminder.notification_id), notification_ids)
    )
    requested = (
        of_projects.join(StatusRequestItem, col(StatusRequestItem.milestone_id) == col(Milestone.id))
        .join(StatusRequest, col(StatusRequest.id) == col(StatusRequestItem.request_id))
        .where(among(col(StatusRequest.post_id), posts), col(StatusRequest.state).in_(OUTSTANDING))
    )
    weekly = of_projects.join(NotificationItem, col(NotificationItem.milestone_id) == col(Milestone.id)).where(
        among(col(NotificationItem.notification_id), notification_ids)
    )
    units: set[int | None] = set()
    for own, project_post, team, unit in (
        *fetch(session, told),
        *fetch(session, requested),
        *fetch(session, weekly),
    ):
        posts |= {post for post in (own, project_post) if post is not None}
        units |= {team, unit}
    return posts, {unit for unit in units if unit is not None}


def read_told(session: Session, notification_ids: Collection[int]) -> dict[int, list[Told]]:
    """By message; index ix_reminder_notification_id."""
    columns = (
        col(Reminder.id),
        col(Reminder.notification_id),
        col(Reminder.milestone_id),
        col(Reminder.post_id),
        col(Reminder.ask),
        col(Reminder.end),
        col(Reminder.anchor_on),
        col(Reminder.level),
        col(ReminderRule.name),
        (col(ReminderRule.repeat_until) == RepeatUntil.DONE) & (col(Reminder.repeat_number) > 0),
        col(Reminder.channel),
    )
    wanted = (
        select(*columns)
        .join(ReminderRule, col(ReminderRule.id) == col(Reminder.rule_id))
        .where(
            among(col(Reminder.notification_id), notification_ids),
            col(Reminder.state) == ReminderState.DISPATCHED,
        )
        .order_by(col(Reminder.id))
    )
    found: dict[int, list[Told]] = defaultdict(list)
    for row in fetch(session, wanted):
        told = Told(*row)
        found[told.notification_id].append(told)
    return found


def read_named(session: Session, notification_ids: Collection[int]) -> dict[int, list[int]]:
    """The milestones that messages name themselves, by message; the unique constraint's index finds them."""
    found: dict[int, list[int]] = defaultdict(list)
    if notification_ids:
        columns = (col(NotificationItem.notification_id), col(NotificationItem.milestone_id))
        wanted = select(*columns).where(among(col(NotificationItem.notification_id), notification_ids))
        for notification_id, milestone_id in fetch(session, wanted.order_by(col(NotificationItem.id))):
            found[notification_id].append(milestone_id)
    return found


def read_colleagues(session: Session, notification_ids: Collection[int]) -> dict[int, Delegation]:
    """Who gets what was passed on, by message; a message for which there is none goes to its post."""
    if not notification_ids:
        return {}
    wanted = select(Delegation).where(col(Delegation.notification_id).in_(notification_ids))
    return {row.notification_id: row for row in session.scalars(wanted)}


def read_requested(session: Session, post_ids: Collection[int]) -> list[Requested]:
    """Everything these posts are asked and have not answered; index ix_status_request_outstanding."""
    if not post_ids:
        return []
    columns = (
        col(StatusRequest.post_id),
        col(StatusRequest.round_id),
        col(StatusRequest.state),
        col(StatusRequest.due_at),
        col(StatusRequest.comment),
        col(StatusRequestItem.milestone_id),
    )
    wanted = (
        select(*columns)
        .join(StatusRequestItem, col(StatusRequestItem.request_id) == col(StatusRequest.id))
        .where(among(col(StatusRequest.post_id), post_ids), col(StatusRequest.state).in_(OUTSTANDING))
        .order_by(col(StatusRequest.id), col(StatusRequestItem.id))
    )
    return [Requested(*row) for row in fetch(session, wanted)]


def read_requests(session: Session, keys: Collection[str]) -> dict[str, tuple[RequestState, datetime]]:
    """State and due time of the requests with these keys."""
    if not keys:
        return {}
    wanted = select(col(StatusRequest.key), col(StatusRequest.state), col(StatusRequest.due_at))
    found = fetch(session, wanted.where(col(StatusRequest.key).in_(keys)))
    return {key: (state, due_at) for key, state, due_at in found}


def read_round_words(session: Session, ids: Collection[int]) -> dict[int, tuple[str, tuple[str, ...]]]:
    """The title of each round, and what it asks besides how things stand."""
    if not ids:
        return {}
    wanted = select(col(CollectionRound.id), col(CollectionRound.title), col(CollectionRound.questions))
    rows = fetch(session, wanted.where(among(col(CollectionRound.id), ids)))
    return {round_id: (title, tuple(questions)) for round_id, title, questions in rows}


def read_subjects(session: Session, milestone_ids: Collection[int]) -> dict[int, Subject]:
    columns = (
        col(Milestone.id),
        col(Milestone.label),
        col(Milestone.kind),
        col(Milestone.status),
        col(Milestone.raw),
        col(Milestone.start_on),
        col(Milestone.end_on),
        col(Milestone.time),
        col(Milestone.percent_complete),
        col(Milestone.baseline_raw),
        col(Project.title),
        col(Document.as_of_on),
    )
    wanted = (
        select(*columns)
        .join(Project, col(Project.id) == col(Milestone.project_id))
        .join(Document, col(Document.id) == col(Milestone.document_id))
        .where(among(col(Milestone.id), milestone_ids))
    )
    return {row[0]: Subject(*row) for row in fetch(session, wanted)}


def read_last_reports(session: Session, milestone_ids: Collection[int]) -> dict[int, Reported]:
    last = (
        select(func.max(StatusReport.id))
        .where(among(col(StatusReport.milestone_id), milestone_ids))
        .group_by(col(StatusReport.milestone_id))
    )
    columns = (
        col(StatusReport.milestone_id),
        col(StatusReport.kind),
        col(StatusReport.percent_complete),
        col(StatusReport.reason),
        col(StatusReport.results),
        col(StatusReport.reported_at),
    )
    rows = fetch(session, select(*columns).where(col(StatusReport.id).in_(last)))
    return {row[0]: Reported(*row) for row in rows}


def count_revisions(session: Session, milestone_ids: Collection[int]) -> dict[int, int]:
    wanted = (
        select(col(MilestoneRevision.milestone_id), func.count())
        .where(among(col(MilestoneRevision.milestone_id), milestone_ids))
        .group_by(col(MilestoneRevision.milestone_id))
    )
    return {key: value for key, value in fetch(session, wanted)}  # noqa: C416  (dict() cannot be typed here)


def read_earlier_attempts(session: Session, ids: Sequence[int]) -> tuple[dict[int, set[str]], set[int]]:
    """The addresses that accepted a message already, by message; and the messages whose answer was lost once."""
    accepted: dict[int, set[str]] = defaultdict(set)
    unknown: set[int] = set()
    if ids:
        columns = (col(DeliveryAttempt.notification_id), col(DeliveryAttempt.address), col(DeliveryAttempt.outcome))
        wanted = select(*columns).where(
            among(col(DeliveryAttempt.notification_id), ids),
            col(DeliveryAttempt.outcome).in_((AttemptOutcome.ACCEPTED, AttemptOutcome.UNKNOWN)),
        )
        for notification_id, address, outcome in fetch(session, wanted):
            if outcome is AttemptOutcome.ACCEPTED:
                accepted[notification_id].add(address)
            else:
                unknown.add(notification_id)
    return accepted, unknown
