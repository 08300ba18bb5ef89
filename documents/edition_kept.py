"""The report of a locked round, kept: a year later it is the same, whatever was imported, answered or renamed since."""

from datetime import tzinfo

from pydantic import TypeAdapter
from sqlmodel import Session, col, or_, select

from documents.edition import ProgressReport, edition_of_round
from documents.errors import DocumentError
from models import CollectionRound, KeptEdition, RoundState

_EDITION = TypeAdapter(ProgressReport)


def round_edition(session: Session, round_id: int, zone: tzinfo) -> ProgressReport:
    """The report of a round: of a locked one as it was then, of an open one as it stands.

    Raises DocumentError as `edition_of_round` does.
    """
    found = session.exec(
        select(KeptEdition.content)
        .join(CollectionRound, col(CollectionRound.id) == col(KeptEdition.round_id))
        .where(
            KeptEdition.round_id == round_id,
            CollectionRound.state == RoundState.LOCKED,
            col(CollectionRound.locked_at) == col(KeptEdition.locked_at),
        )
    ).first()
    return _EDITION.validate_json(found) if found is not None else edition_of_round(session, round_id, zone)


def keep_editions(session: Session, zone: tzinfo) -> int:
    """Keeps the report of every locked round that has none yet; returns how many. Call it where rounds are locked.

    A round before whose day no document is stored has no report, and keeps none.
    """
    missing = session.exec(
        select(CollectionRound)
        .outerjoin(KeptEdition, col(KeptEdition.round_id) == col(CollectionRound.id))
        .where(
            CollectionRound.state == RoundState.LOCKED,
            or_(
                col(KeptEdition.round_id).is_(None),
                col(KeptEdition.locked_at) != col(CollectionRound.locked_at),
            ),
        )
    ).all()
    kept = 0
    for one in missing:
        assert one.id is not None
        assert one.locked_at is not None
        try:
            edition = edition_of_round(session, one.id, zone)
        except DocumentError:
            continue
        content = _EDITION.dump_json(edition).decode()
        session.merge(KeptEdition(round_id=one.id, locked_at=one.locked_at, content=content))
        kept += 1
    session.flush()
    return kept
