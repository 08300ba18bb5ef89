"""One tap on the answer form: a button that sends one answer at once, and leaves the rest as it was typed."""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace

from models import StatusKind
from web.answer_form import Typed, is_touched
from web.answer_items import FormItem, Group

# What has passed or is due today is asked whether it is done: that nothing has changed is no answer to it.
MAY_STAY = frozenset({Group.THIS_WEEK, Group.UPCOMING, Group.CONFIRM_DATE})


@dataclass(frozen=True, slots=True)
class Tap:
    """`milestone_id` is None for the button that says of the rest that nothing has changed."""

    kind: StatusKind
    milestone_id: int | None


def read_tap(value: object) -> Tap | None:
    """The button that was pressed (`done-12`, `no_change-12`, `no_change-rest`); None for the one that sends all."""
    match = re.fullmatch(r"(done|no_change)-(\d{1,12})|no_change-rest", value if isinstance(value, str) else "")
    if match is None:
        return None
    return Tap(StatusKind(match[1]), int(match[2])) if match[1] else Tap(StatusKind.NO_CHANGE, None)


def what_is_sent(
    tap: Tap | None, typed: Mapping[int, Typed], items: Iterable[FormItem], with_files: Container[int]
) -> dict[int, Typed]:
    """What the pressed button sends: all that was typed, one item with what was typed for it, or the rest.

    The rest are items whose day lies ahead, that were not answered today, and for which nothing was chosen or typed.
    """
    if tap is None:
        return dict(typed)
    if tap.milestone_id is None:
        return {
            item.id: replace(typed[item.id], kind=tap.kind.value)
            for item in items
            if item.is_open
            and item.group in MAY_STAY
            and item.id not in with_files
            and typed[item.id].chosen is None
            and not is_touched(typed[item.id], item)
        }
    given = typed.get(tap.milestone_id)
    return {} if given is None else {tap.milestone_id: replace(given, kind=tap.kind.value)}


def what_is_left(typed: Mapping[int, Typed], items: Iterable[FormItem]) -> dict[int, Typed]:
    """What was chosen or typed for items that the tap did not send."""
    return {
        item.id: typed[item.id]
        for item in items
        if item.is_open and (typed[item.id].chosen is not None or is_touched(typed[item.id], item))
    }
