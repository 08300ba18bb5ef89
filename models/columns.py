"""Column types that mean the same on SQLite and PostgreSQL."""

from enum import StrEnum

from sqlalchemy import JSON, Dialect, MetaData, String, TypeDecorator
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


class EnumText(TypeDecorator[StrEnum | str]):
    """An enum's values as short text, written only as the enum knows them.

    A text it does not know (a newer version's, a damaged row's) is read as that text instead of failing the whole
    statement: one bad row stops nothing, and versions can run beside each other.
    """

    impl = String(24)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind
        self._known = {member.value: member for member in kind}

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | str | None:  # noqa: ARG002
        return None if value is None else self._known.get(value, value)


def enum_type(kind: type[StrEnum]) -> EnumText:
    """The enum's values as short text: no native type, so a new value needs no lock and no type migration."""
    return EnumText(kind)


def json_type() -> TypeEngine[object]:
    """Small lists and objects that are read and written whole."""
    return JSON()
