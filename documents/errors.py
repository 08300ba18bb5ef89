"""The one error of reading: a document that cannot be read, why, and what the user can do about it."""

from settings import Refusal


class DocumentError(Refusal):
    """A document or table is refused as a whole; nothing of it is used.

    `reason` says in Korean what is wrong and what to do; `line` is the row or line it stands on, where there is one.
    """

    def __init__(self, reason: str, *, line: int | None = None) -> None:
        super().__init__(f"{line}행: {reason}" if line else reason)
        self.reason = reason
        self.line = line
