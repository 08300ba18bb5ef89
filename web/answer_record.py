"""Records what was sent from the answer form: all of it, or nothing and why."""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, col, select

from models import AnswerLink, StatusReport
from schedules.answers import AnswerError, record_answers
from schedules.items import lock_items
from schedules.office_days import load_calendar
from web.answer_again import may_take_back
from web.answer_form import (
    Refusals,
    Typed,
    as_answer,
    is_repetition,
    refuse_older,
    refuse_shape,
    take_refusal,
)
from web.answer_items import read_items
from web.answer_links import mark_opened, name_sender
from web.answer_taps import Tap, what_is_sent
from web.office import Office
from web.uploads import Upload, UploadError, keep


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it arrived: what was typed, files and refused files by milestone, the button that was pressed."""

    typed: dict[int, Typed]
    uploads: dict[int, list[Upload]] = field(default_factory=dict)
    refused_files: dict[int, str] = field(default_factory=dict)
    tap: Tap | None = None

    def with_files(self) -> Container[int]:
        return self.uploads.keys() | self.refused_files.keys()


def record(
    session: Session, office: Office, link: AnswerLink, sent: Sent, now: datetime
) -> tuple[Refusals, dict[int, int]]:
    """Records the chosen answers; returns what was refused, else by milestone the report that holds its answer now.

    A form sent twice finds its answers recorded and records nothing new.
    """
    lock_items(session, sent.typed)
    items = read_items(session, link, office.today(), sent.typed, since=office.midnight())
    typed = what_is_sent(sent.tap, sent.typed, items, sent.with_files())
    items = [item for item in items if item.id in typed]
    refusals = refuse_shape(typed, items, sent.uploads)
    for item in items:
        if item.id in sent.refused_files:
            refusals.add(item.id, "files", sent.refused_files[item.id])
    repeated = [item for item in items if is_repetition(typed[item.id], item)]
    fresh = [item for item in items if typed[item.id].chosen is not None and item not in repeated]
    taken_back = {item.id for item in fresh if typed[item.id].again and may_take_back(session, link, item)}
    refuse_older(typed, fresh, taken_back, refusals)
    if refusals or not (fresh or repeated):
        return refusals, {}
    mark_opened(session, link, now)
    if fresh:
        try:
            record_answers(
                session,
                post_id=link.post_id,
                by=name_sender(session, link, office.today()),
                answers=[as_answer(typed[item.id], item) for item in fresh],
                now=now,
                settings=office.settings,
                calendar=load_calendar(session),
                notification_id=link.notification_id,
            )
        except AnswerError as error:
            take_refusal(error, refusals, typed)
            return refusals, {}
    latest = select(StatusReport.milestone_id, func.max(col(StatusReport.id))).where(
        col(StatusReport.milestone_id).in_([item.id for item in (*fresh, *repeated)]),
        col(StatusReport.post_id) == link.post_id,
    )
    found = session.exec(latest.group_by(col(StatusReport.milestone_id))).all()
    return refusals, {of: report_id for of, report_id in found if report_id is not None}


def keep_files(
    session: Session,
    office: Office,
    sent: Sent,
    reports: dict[int, int],
    now: datetime,
    kept: list[Path],
    refusals: Refusals,
) -> None:
    """The files of the answers that were taken, beside their reports."""
    for milestone_id, files in sent.uploads.items():
        if milestone_id in reports:
            try:
                keep(session, office.settings, {reports[milestone_id]: files}, now, kept)
            except UploadError as error:
                refusals.add(milestone_id, "files", str(error))


def take_away(kept: list[Path]) -> None:
    """The files of a transaction that did not come through."""
    for path in kept:
        path.unlink(missing_ok=True)
