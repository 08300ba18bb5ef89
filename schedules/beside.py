"""Which posts stand beside the one that answers for an item: those that support it, or its whole project."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from models import SupportingPost
from schedules.items import Item
from schedules.rows import among, fetch


def with_supporting(session: Session, items: Sequence[Item]) -> list[Item]:
    """The items, told which posts support them, by id; one that answers itself for an item supports it not besides.

    Index ix_supporting_post_project_id.
    """
    projects = {item.project_id for item in items}
    if not projects:
        return []
    wanted = select(
        col(SupportingPost.project_id), col(SupportingPost.milestone_id), col(SupportingPost.post_id)
    ).where(among(col(SupportingPost.project_id), projects))
    of_projects: dict[int, set[int]] = defaultdict(set)
    of_items: dict[int, set[int]] = defaultdict(set)
    for project_id, milestone_id, post_id in fetch(session, wanted):
        (of_projects[project_id] if milestone_id is None else of_items[milestone_id]).add(post_id)
    if not of_projects and not of_items:
        return list(items)
    return [
        item._replace(supporting=tuple(sorted((of_projects[item.project_id] | of_items[item.id]) - {item.post_id})))
        for item in items
    ]
