"""The rows that a preview plays with: all that decide who hears what, and of a large office those of one unit."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, Table, case, literal, or_, select, union
from sqlmodel import Session, col

from models import (
    Milestone,
    Notification,
    Post,
    Project,
    Reminder,
    StatusRequest,
    StatusRequestItem,
    SupportingPost,
    Unit,
)
from models.transfer import Row, read_rows, tables, write_rows
from schedules.reorganisation import waiting_steps
from schedules.requests import OUTSTANDING
from schedules.rows import among, fetch_ids, table_of

# What no mail depends on: what was done, by whom and handed over to whom, the ways in, uploads, texts beside the dates.
UNREAD = frozenset(
    {
        "answer_link",
        "attachment",
        "audit_entry",
        "calendar_feed",
        "finding",
        "handover",
        "import_draft",
        "known_browser",
        "login_link",
        "recovery_code",
        "staff_count",
        "unit_duty",
        "web_session",
    }
)
OF_MILESTONES = (
    "escalation_pause",
    "milestone_owner",
    "milestone_revision",
    "notification_item",
    "reminder",
    "status_report",
    "status_request_item",
)
OF_PROJECTS = ("budget_line", "former_home", "milestone", "problem", "project_text", "supporting_post")


DAY = timedelta(days=1)


def copy_excerpt(source: Connection, target: Connection, holds: Mapping[str, ColumnElement[bool]]) -> None:
    """Of the tables named only the rows that hold, of all others every row but UNREAD ones; texts stay behind.

    `target` must hold the same schema, empty. A row that points at one left out is left out too. Commits nothing.
    """
    copied: dict[str, set[object]] = {}
    for table in tables():
        if table.name in UNREAD:
            continue
        rows = _inside(table, read_rows(source, table, holds.get(table.name), _texts_of(table)), copied)
        if table.name in holds:
            rows = _noted(rows, copied.setdefault(table.name, set()))
        write_rows(target, table, rows)


def posts_of(session: Session, unit_id: int) -> set[int]:
    """The posts of a unit and of everything below it."""
    return set(fetch_ids(session, _posts_in(_below(session, {unit_id}))))


def rows_about(session: Session, unit_id: int, now: datetime) -> dict[str, ColumnElement[bool]]:
    """Of each table that grows the rows that bear on the mails of `posts_of` the unit from `now` on.

    What climbs to a post comes from below it, or from a post that it took over. A reorganisation that is decided may
    bring more: all units and projects that it names come along.
    """
    steps = list(waiting_steps(session))
    units = _below(session, {unit_id} | {one for step in steps for one in (step.unit_id, step.target_id) if one})
    posts = _posts_below(session, units)
    projects = _projects_of(session, units, posts) | {one for step in steps for one in step.project_ids}
    milestones = set(fetch_ids(session, select(col(Milestone.id)).where(among(col(Milestone.project_id), projects))))
    items = table_of(StatusRequestItem)
    requests = union(
        select(items.c.request_id).where(among(items.c.milestone_id, milestones)),
        select(col(StatusRequest.id)).where(
            among(col(StatusRequest.post_id), posts), col(StatusRequest.state).in_(OUTSTANDING)
        ),
    )
    is_ahead = or_(col(Notification.next_attempt_at).is_not(None), col(Notification.slot_at) > now - DAY)
    told = union(
        select(col(Reminder.notification_id)).where(
            among(col(Reminder.milestone_id), milestones), col(Reminder.notification_id).is_not(None)
        ),
        select(col(Notification.id)).where(among(col(Notification.post_id), posts), is_ahead),
    )
    chosen: dict[str, tuple[str, Collection[int]]] = {
        "project": ("id", projects),
        "notification": ("id", fetch_ids(session, told)),
        "status_request": ("id", fetch_ids(session, requests)),
        "delegation": ("post_id", posts),
        **dict.fromkeys(OF_PROJECTS, ("project_id", projects)),
        **dict.fromkeys(OF_MILESTONES, ("milestone_id", milestones)),
    }
    named = {table.name: table for table in tables()}
    return {name: among(named[name].c[column], ids) for name, (column, ids) in chosen.items()}


# ------------------------------------------------------------------------------------------------ what lies below


def _below(session: Session, unit_ids: Collection[int]) -> set[int]:
    """The units with all that stand under them."""
    tree = select(col(Unit.id).label("id")).where(among(col(Unit.id), unit_ids)).cte(recursive=True)
    tree = tree.union(select(col(Unit.id)).join(tree, col(Unit.parent_id) == tree.c.id))
    return set(fetch_ids(session, select(tree.c.id)))


def _posts_in(units: Collection[int]) -> Select[int | None]:
    return select(col(Post.id)).where(among(col(Post.unit_id), units))


def _posts_below(session: Session, units: Collection[int]) -> set[int]:
    """The posts of these units, and those that one of them took over: what is theirs climbs to it."""
    posts = set(fetch_ids(session, _posts_in(units)))
    while merged := set(fetch_ids(session, select(col(Post.id)).where(among(col(Post.successor_id), posts)))) - posts:
        posts |= merged
    return posts


def _projects_of(session: Session, units: Collection[int], posts: Collection[int]) -> set[int]:
    """Those of the units and posts, those that such a post has a milestone of or supports, and what theirs repeat."""
    own = select(col(Milestone.project_id)).where(among(col(Milestone.post_id), posts))
    theirs = (
        among(col(Project.unit_id), units),
        among(col(Project.team_id), units),
        among(col(Project.post_id), posts),
    )
    beside = select(col(SupportingPost.project_id)).where(among(col(SupportingPost.post_id), posts))
    found = set(fetch_ids(session, union(*(select(col(Project.id)).where(one) for one in theirs), own, beside)))
    repeated = select(col(Milestone.duplicate_of_id)).where(among(col(Milestone.project_id), found))
    return found | set(fetch_ids(session, select(col(Milestone.project_id)).where(col(Milestone.id).in_(repeated))))


# ------------------------------------------------------------------------------------------------ rows


def _texts_of(table: Table) -> dict[str, ColumnElement[object]]:
    """What stands instead of long texts: a play reads none of a document, an edition or a mail that has left."""
    instead: dict[str, ColumnElement[object]] = {}
    if table.name == "document":
        instead["text"] = literal("")
    elif table.name == "kept_edition":
        instead["content"] = literal("")
    elif table.name == "notification":
        for name in ("text", "html"):
            instead[name] = case((table.c.sent_at.is_(None), table.c[name]))
    return instead


def _inside(table: Table, chunks: Iterable[list[Row]], copied: Mapping[str, set[object]]) -> Iterator[list[Row]]:
    """The rows that point at nothing left out."""
    for rows in chunks:
        inside = rows
        for column in table.c:
            for key in column.foreign_keys:
                there = copied.get(key.column.table.name)
                if there is None or key.column.table is table:
                    continue
                inside = [row for row in inside if row[column.name] is None or row[column.name] in there]
        if inside:
            yield inside


def _noted(chunks: Iterable[list[Row]], keys: set[object]) -> Iterator[list[Row]]:
    for rows in chunks:
        keys.update(row.get("id") for row in rows)
        yield rows
