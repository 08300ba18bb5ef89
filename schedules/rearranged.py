"""What a reorganisation does, as it is shown before and after it is carried out."""

from dataclasses import dataclass, field
from datetime import timedelta

from schedules.plan import PlanChange

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HandedOn:
    """A post that answers for more from now on: which items, and which posts (with their holders) answered before."""

    post_id: int
    milestone_ids: tuple[int, ...]
    before: tuple[str, ...]


@dataclass(slots=True)
class Rearranged:
    """What carrying out did, beside the steps themselves. Texts are Korean, one line each.

    `ended_posts`: the post that took over each that ended. `unit_ids`: the units that changed and are still there.
    `without_post`: who led a unit that is no more and holds nothing from that day. `chains`: steps upwards that have
    begun and keep the post they were begun with.
    """

    lines: tuple[str, ...]
    ended_posts: dict[int, int] = field(default_factory=dict)
    posts: list[str] = field(default_factory=list)
    without_post: list[str] = field(default_factory=list)
    projects: int = 0
    milestones: int = 0
    requests: int = 0
    rounds: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    schedules: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    chains: int = 0
    handed_on: list[HandedOn] = field(default_factory=list)
    unit_ids: tuple[int, ...] = ()
    plan: PlanChange = field(default_factory=PlanChange)
