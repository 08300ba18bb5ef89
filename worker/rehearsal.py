"""Who would get what, when: the real ticks, played on a throw-away copy with a channel that only takes notes."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import ColumnElement, Connection, Engine, true
from sqlmodel import Session, col, select

import migrations
from models import (
    FormerUnit,
    Milestone,
    Notification,
    NotificationItem,
    NotificationState,
    Post,
    Project,
    Reminder,
    Unit,
    WhichEnd,
)
from models.database import create_schema, make_engine, read, write
from models.transfer import copy_rows
from notifications.channels.noted import NotedChannel
from notifications.previewed import Previewed, PreviewedItem
from schedules.activation import activate, bind_here
from schedules.calendar import WorkingCalendar
from schedules.history import held_on
from schedules.items import deadline_of, last_day
from schedules.office_days import load_calendar
from schedules.rows import among
from schedules.unreachable import Unreachable, unreachable_posts
from settings import Settings
from worker.excerpt import copy_excerpt, posts_of, rows_about
from worker.play import first_moment, last_moment, play


@contextmanager
def copy_of(
    engine: Engine,
    settings: Settings,
    folder: Path,
    copy: Callable[[Session, Connection], None] = lambda source, target: copy_rows(source.connection(), target),
) -> Iterator[tuple[Engine, Settings]]:
    """A SQLite copy in `folder` with settings of its own: its data folder, no broker, no mail server.

    Everything as it was at one moment, unless `copy` takes less. Nobody who writes waits for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "dday.sqlite3"
    theirs = replace(
        settings,
        data=folder,
        database_url=f"sqlite:///{path}",
        broker_url=None,
        smtp=None,
        mail_rate=0,
        domain_rates=(),
    )
    made = make_engine(theirs.database_url, durable=False)
    try:
        create_schema(made)
        migrations.stamp(made)
        with read(engine, is_one_moment=True) as source, made.begin() as target:
            copy(source, target)
        yield made, theirs
    finally:
        made.dispose()


def preview(
    engine: Engine, settings: Settings, from_on: date, to_on: date, real_now: datetime, unit_id: int | None = None
) -> tuple[list[Previewed], list[Unreachable]]:
    """Every message that the days will bring if nobody answers and nothing changes, and the posts nobody can reach.

    With a unit: those of its posts and of all below it, the very same as of the whole office, and only what bears on
    them is played. Changes nothing. While no project is activated, all are taken as activated when the play starts.
    """
    start = first_moment(engine, settings, from_on, real_now)
    posts: set[int] = set()

    def copy_part(source: Session, target: Connection) -> None:
        holds: Mapping[str, ColumnElement[bool]] = {}
        if unit_id is not None:
            posts.update(posts_of(source, unit_id))
            holds = rows_about(source, unit_id, start)
        copy_excerpt(source.connection(), target, holds)

    with read(engine) as session:
        any_active = select(Project.id).where(col(Project.activated_at).is_not(None)).limit(1)
        is_active = session.exec(any_active).first() is not None
    with (
        TemporaryDirectory(prefix="dday-preview-") as folder,
        copy_of(engine, settings, Path(folder), copy_part) as (copy, theirs),
    ):
        with write(copy) as session:
            bind_here(session, theirs, start)
            open_projects = select(Project.id).where(col(Project.closed_at).is_(None))
            if not is_active and session.exec(open_projects.limit(1)).first() is not None:
                activate(session, start, theirs, by="preview")
        for _ in play(copy, theirs, start, last_moment(settings, to_on), NotedChannel()):
            pass
        within = among(col(Post.id), posts) if unit_id is not None else true()
        with read(copy) as session:
            messages = sent_messages(session, settings, from_on, to_on, within)
            return messages, unreachable_posts(session, from_on, within=within)


def sent_messages(
    session: Session, settings: Settings, from_on: date, to_on: date, within: ColumnElement[bool] | None = None
) -> list[Previewed]:
    """The messages that left on these days, as `preview` shows them, in the order in which they left.

    `within`: to which posts, as a condition on `Post`; otherwise to all.
    """
    sent = session.exec(
        select(Notification, Post, Unit)
        .join(Post, col(Post.id) == col(Notification.post_id))
        .join(Unit, col(Unit.id) == col(Post.unit_id))
        .where(Notification.state == NotificationState.SENT, true() if within is None else within)
        .order_by(col(Notification.sent_at), col(Notification.id))
    ).all()
    calendar = load_calendar(session)
    items: dict[int, list[PreviewedItem]] = defaultdict(list)
    rows = session.exec(
        select(Reminder, Milestone)
        .join(Milestone, col(Milestone.id) == col(Reminder.milestone_id))
        .where(col(Reminder.notification_id).is_not(None))
        .order_by(col(Reminder.anchor_on), col(Reminder.id))
    ).all()
    for reminder, milestone in rows:
        assert reminder.notification_id is not None
        items[reminder.notification_id].append(
            PreviewedItem(
                milestone_id=reminder.milestone_id,
                label=milestone.label,
                end=reminder.end.value,
                offset=reminder.offset,
                offset_unit=reminder.offset_unit,
                due_on=reminder.anchor_on.isoformat(),
                counts_on=_counts_on(reminder, milestone, calendar).isoformat(),
            )
        )
    weekly = session.exec(
        select(NotificationItem, Milestone)
        .join(Milestone, col(Milestone.id) == col(NotificationItem.milestone_id))
        .order_by(col(Milestone.end_on), col(NotificationItem.id))
    ).all()
    for item, milestone in weekly:
        if any(told["milestone_id"] == item.milestone_id for told in items[item.notification_id]):
            continue  # an escalation of the same morning tells it in the same mail
        items[item.notification_id].append(
            PreviewedItem(
                milestone_id=item.milestone_id,
                label=milestone.label,
                end="end",
                offset=0,
                offset_unit="calendar",
                due_on=milestone.end_on.isoformat() if milestone.end_on else "",
                counts_on=_deadline(milestone, calendar),
            )
        )
    former = session.exec(select(FormerUnit)).all()
    messages = []
    for notification, post, unit in sent:
        assert notification.id is not None
        assert notification.sent_at is not None
        send_at = notification.sent_at.astimezone(settings.timezone)
        if from_on <= send_at.date() <= to_on:
            messages.append(
                Previewed(
                    key=notification.key,
                    send_at=send_at.isoformat(timespec="minutes"),
                    unit=_name_on(unit, former, send_at.date()),
                    post=post.title,
                    person=", ".join(person["name"] for person in notification.recipients) or None,
                    channel=notification.channel,
                    kind=notification.kind.value,
                    subject=notification.subject or "",
                    items=items[notification.id],
                )
            )
    return messages


def _name_on(unit: Unit, former: Sequence[FormerUnit], on: date) -> str:
    """What the unit was called on the day; a reorganisation within the period renames it midway."""
    was = held_on((row for row in former if row.unit_id == unit.id), on, lambda row: row.unit_id).get(unit.id or 0)
    return was.name if was is not None else unit.name


def _counts_on(reminder: Reminder, milestone: Milestone, calendar: WorkingCalendar) -> date:
    if reminder.end != WhichEnd.END:
        return reminder.anchor_on
    return deadline_of(reminder.anchor_on, milestone.kind, calendar, is_deadline=milestone.is_deadline)


def _deadline(milestone: Milestone, calendar: WorkingCalendar) -> str:
    counts_on = last_day(milestone, calendar)
    return counts_on.isoformat() if counts_on is not None else ""
