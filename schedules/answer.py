"""One answer about one milestone: what it may say, and what is refused with its field."""

from dataclasses import dataclass
from datetime import date

from models import Milestone, MilestoneStatus, StatusKind
from schedules.new_dates import NewDateError, NewWindow, read_new_date, window_of_days
from settings import Refusal

LONGEST_TEXT = 20_000
NEEDS_REASON = frozenset({StatusKind.DELAYED, StatusKind.RESCHEDULED, StatusKind.CANCELLED})
TEXTS = ("reason", "results", "problems", "measures", "next_steps")


class AnswerError(Refusal):
    """An answer that cannot be taken: which milestone, which field, and what to write instead. Nothing was recorded."""

    def __init__(self, field: str, message: str, milestone_id: int | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.milestone_id = milestone_id


@dataclass(frozen=True, slots=True)
class Answer:
    """What a post says about one milestone. The new date is text as typed (`10월 중`), or days picked, or neither."""

    milestone_id: int
    kind: StatusKind
    reason: str = ""
    percent_complete: int | None = None
    results: str = ""
    problems: str = ""
    measures: str = ""
    next_steps: str = ""
    new_raw: str | None = None
    new_start: date | None = None
    new_end: date | None = None

    @property
    def has_new_date(self) -> bool:
        return bool(self.new_raw and self.new_raw.strip()) or self.new_start is not None or self.new_end is not None


def check_answer(answer: Answer, milestone: Milestone, today: date) -> NewWindow | None:
    """The new window of the answer, None when it names none. Raises AnswerError at the first thing that is wrong."""
    window = _window(answer, today)
    is_fixed = answer.kind is StatusKind.RESCHEDULED and window is not None and window.lies_within(milestone)
    if answer.kind is StatusKind.RESCHEDULED and window is None:
        raise AnswerError("new_raw", "새 날짜를 적어 주세요. 예: 2024. 10. 15. 또는 10월 말", milestone.id)
    if window is not None and answer.kind not in (StatusKind.RESCHEDULED, StatusKind.DELAYED):
        raise AnswerError("kind", "새 날짜를 적으셨습니다. '일정 변경'을 골라 주세요.", milestone.id)
    if answer.kind in NEEDS_REASON and not answer.reason.strip() and not is_fixed:
        raise AnswerError("reason", "사유를 적어 주세요. 다음 보고서에 그대로 실립니다.", milestone.id)
    if answer.percent_complete is not None and not 0 <= answer.percent_complete <= 100:
        raise AnswerError("percent_complete", "진도율은 0에서 100 사이의 수로 적어 주세요.", milestone.id)
    for name in TEXTS:
        text: str = getattr(answer, name)
        if len(text) > LONGEST_TEXT:
            raise AnswerError(name, f"{LONGEST_TEXT:,}자까지 적을 수 있습니다({len(text):,}자).", milestone.id)
    if milestone.status is MilestoneStatus.CANCELLED and answer.kind is not StatusKind.CANCELLED:
        raise AnswerError("kind", "이미 중단된 일정입니다. 다시 추진하려면 총괄 담당자에게 알려 주세요.", milestone.id)
    if milestone.status is MilestoneStatus.DONE and answer.kind not in (StatusKind.DONE, StatusKind.NO_CHANGE):
        if answer.kind is StatusKind.CANCELLED:
            raise AnswerError("kind", "이미 완료된 일정이어서 중단으로 바꿀 수 없습니다.", milestone.id)
        if not answer.reason.strip():
            raise AnswerError("reason", "완료로 답한 일정입니다. 다시 여는 사유를 적어 주세요.", milestone.id)
    return window


def _window(answer: Answer, today: date) -> NewWindow | None:
    if not answer.has_new_date:
        return None
    try:
        if answer.new_start is not None or answer.new_end is not None:
            return window_of_days(answer.new_start, answer.new_end, today)
        return read_new_date(answer.new_raw or "", today)
    except NewDateError as error:
        raise AnswerError("new_raw", str(error), answer.milestone_id) from error
