"""Column types that mean the same on SQLite and PostgreSQL."""

from enum import StrEnum

from sqlalchemy import JSON, Enum, MetaData
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

# Named constraints, so that migrations can find them again on both databases.
SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


def enum_type(kind: type[StrEnum]) -> Enum:
    """The enum's values as short text: no native type, so a new value needs no lock and no type migration."""
    return Enum(kind, native_enum=False, values_callable=lambda e: [member.value for member in e], length=24)


def json_type() -> TypeEngine[object]:
    """Small lists and objects that are read and written whole."""
    return JSON()
