"""A message that would leave, as `dday preview --json` prints it and the preview page shows it."""

from typing import TypedDict


class PreviewedItem(TypedDict):
    milestone_id: int
    label: str
    end: str
    offset: int
    offset_unit: str
    due_on: str


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
