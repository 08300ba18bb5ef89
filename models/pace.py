"""How fast mail may leave: what all senders of an installation share of a limited mail server or mail domain."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class Pace(SQLModel, table=True):
    """One row a limit, by the database's own clock (a drill's shift moves no mail server).

    `next_at` is the first moment that no sender has taken; `tail_at` until when those that were put off are spread.
    """

    scope: str = Field(primary_key=True)  # `server:mail.example:25`, `domain:korea.kr`
    next_at: datetime
    tail_at: datetime
