"""What every act on a round needs: the round itself, its messages, the entry of who did what."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from models import AuditEntry, CollectionRound, Notification, NotificationKind, NotificationState, Project
from schedules.calendar import WorkingCalendar, into_window
from schedules.rows import insert_missing
from settings import Refusal, Settings

CHANNEL = "email"
MOST_PROJECTS = 200
MOST_QUESTIONS = 5
LONGEST_QUESTION = 100


class RoundError(Refusal):
    """The round cannot be opened, changed or found; `field` is the value to change. Nothing has changed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def check_subject(
    session: Session, project_ids: Collection[int], questions: Sequence[str]
) -> tuple[list[int], list[str]]:
    """Which projects a collection is about (none: all) and what it asks besides, as they are kept.

    Raises RoundError.
    """
    projects, asked = sorted(set(project_ids)), [" ".join(question.split()) for question in questions]
    asked = list(dict.fromkeys(question for question in asked if question))
    if len(projects) > MOST_PROJECTS:
        raise RoundError("project_ids", f"사업은 {MOST_PROJECTS}개까지 고를 수 있습니다. 비우면 모두 묻습니다.")
    for project_id in projects:
        if session.get(Project, project_id) is None:
            raise RoundError("project_ids", f"{project_id}번 사업은 없습니다.")
    if len(asked) > MOST_QUESTIONS or any(len(question) > LONGEST_QUESTION for question in asked):
        raise RoundError(
            "questions",
            f"함께 물을 것은 한 줄에 하나씩, {LONGEST_QUESTION}자 안에서 {MOST_QUESTIONS}개까지 적어 주세요.",
        )
    return projects, asked


def find_round(session: Session, round_id: int) -> CollectionRound:
    """The round, locked until the transaction ends. Raises RoundError for an unknown one."""
    found = session.get(CollectionRound, round_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise RoundError("round_id", f"{round_id}번 회차는 없습니다.")
    return found


def announce(
    session: Session,
    kind: NotificationKind,
    keys: Mapping[int, str],
    round_id: int | None,
    now: datetime,
    settings: Settings,
    calendar: WorkingCalendar,
) -> int:
    """Queues a message for each post whose key is new; returns how many."""
    leaves_at = into_window(now, settings.send_window, settings.timezone, calendar)
    made = insert_missing(
        session,
        Notification,
        [
            {
                "key": key,
                "post_id": post_id,
                "channel": CHANNEL,
                "kind": kind,
                "slot_at": leaves_at,
                "round_id": round_id,
                "state": NotificationState.QUEUED,
                "next_attempt_at": leaves_at,
                "attempts": 0,
                "recipients": [],
                "created_at": now,
            }
            for post_id, key in sorted(keys.items())
        ],
    )
    return len(made)


def note_act(session: Session, now: datetime, by: str, act: str, subject_id: int, detail: str) -> None:
    """Appends to the record of acts: `round:3` or `request:12`."""
    subject = "request" if act.startswith("request.") else "round"
    session.add(AuditEntry(at=now, actor=by, act=act, subject=f"{subject}:{subject_id}", detail=detail))
