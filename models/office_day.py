"""The admin's own days: what the public calendar does not know."""

from datetime import date
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import enum_type


class OfficeDayKind(StrEnum):
    HOLIDAY = "holiday"
    WORKING = "working"


class OfficeDay(SQLModel, table=True):
    """재량휴무, 임시공휴일, or a working Saturday; wins over the public calendar."""

    __tablename__ = "office_day"

    on: date = Field(primary_key=True)
    kind: OfficeDayKind = Field(default=OfficeDayKind.HOLIDAY, sa_type=enum_type(OfficeDayKind))
    name: str
