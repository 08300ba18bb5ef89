"""This installation: where it may send from, whether it is a drill, when its clock last looked."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import enum_type


class HolidayDeadline(StrEnum):
    """When a deadline counts that falls on a day off: as it stands, on the working day before it, or the one after."""

    AS_IS = "as_is"
    BEFORE = "before"
    AFTER = "after"


class Installation(SQLModel, table=True):
    """Exactly one row, id 1. Sending is on only where `fingerprint` is the place this database stands at now."""

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    created_at: datetime
    drill_since: datetime | None = None  # a drill database never leaves drill
    fingerprint: str | None = None  # where activation was made
    activated_at: datetime | None = None
    sending_stopped_at: datetime | None = None
    sending_stopped_reason: str | None = None
    sent_really_at: datetime | None = None  # first time a message left through a configured mail server
    clock_last_tick_at: datetime | None = None
    summarised_at: datetime | None = None  # the weekly slot up to which heads were told
    staff_changes: int | None = None  # how often it changed who gets whose mail; senders look whether it does meanwhile
    mails_pruned_to: int | None = None  # the last message whose text was looked at for its age
    played_until: datetime | None = None  # how far a simulation has played this database
    holiday_deadline: HolidayDeadline = Field(
        default=HolidayDeadline.AS_IS,
        sa_type=enum_type(HolidayDeadline),
        sa_column_kwargs={"server_default": HolidayDeadline.AS_IS.value},
    )
