"""What every page is made from: settings, database, clock, and the two questions only the rooms above can answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from fastapi import Request
from sqlalchemy import Engine

from notifications.previewed import Previewed
from settings import Settings
from web.rates import Rates


class Check(Protocol):
    """One line of the doctor: `words` is what was found, `remedy` what to do (empty when nothing)."""

    @property
    def name(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    @property
    def words(self) -> str: ...
    @property
    def remedy(self) -> str: ...


Preview = Callable[[date, date, int | None], list[Previewed]]
Doctor = Callable[[], Sequence[Check]]


@dataclass(frozen=True, slots=True)
class Office:
    settings: Settings
    engine: Engine
    clock: Callable[[], datetime]
    preview: Preview
    doctor: Doctor
    rates: Rates

    def now(self) -> datetime:
        return self.clock()

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.settings.timezone)

    def today(self) -> date:
        """The day it is in the office's time zone."""
        return self.clock().astimezone(self.settings.timezone).date()

    def midnight(self) -> datetime:
        """When that day began."""
        return self.local(self.clock()).replace(hour=0, minute=0, second=0, microsecond=0)


def office_of(request: Request) -> Office:
    office: Office = request.app.state.office
    return office
