"""A message that would leave, as `dday preview --json` prints it and the preview page shows it."""

from typing import TypedDict


class PreviewedItem(TypedDict):
    """`due_on` is the milestone's own day; `counts_on` the one that it counts on where that is a day off."""

    milestone_id: int
    label: str
    end: str
    offset: int
    offset_unit: str
    due_on: str
    counts_on: str


class Previewed(TypedDict):
    """`send_at` is local time with its offset; `person` the names of those who would get it."""

    key: str
    send_at: str
    unit: str
    post: str
    person: str | None
    channel: str
    kind: str
    subject: str
    items: list[PreviewedItem]
