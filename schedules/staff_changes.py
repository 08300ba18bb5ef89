"""How often it changed who gets whose mail: a sender that has mails in hand sees that it has to look anew."""

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from models import Installation


def note_staff_change(session: Session) -> None:
    """Part of every act after which a post's mail may go to somebody else; in the same transaction."""
    changed = func.coalesce(col(Installation.staff_changes), 0) + 1
    session.execute(update(Installation).values(staff_changes=changed).execution_options(synchronize_session=False))


def count_staff_changes(session: Session) -> int:
    """Read it before the staff: a change that comes between the two is then seen as one."""
    return session.exec(select(func.max(Installation.staff_changes))).one() or 0
