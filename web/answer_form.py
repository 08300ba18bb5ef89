"""Reads the posted answer form: what was typed for each item, what cannot be taken, what is new."""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from models import StatusKind
from schedules.answers import Answer, AnswerError
from web.answer_items import FormItem
from web.document_words import Texts

_KINDS = frozenset(kind.value for kind in StatusKind)
REASON_KINDS = frozenset({StatusKind.DELAYED, StatusKind.RESCHEDULED, StatusKind.CANCELLED})
NAMES = {"milestone_id": "kind", "percent_complete": "percent", "new_raw": "new", "next_steps": "next"}
LATER = "later"
MAX_TEXT = 4000
MAX_REASON = 500
MAX_NEW = 60
TAKEN_BACK = "완료로 잘못 보낸 답을 고침"
FIELDS = ("kind", "percent", "reason", "new", "results", "problems", "measures", "next", "seen", "again")


@dataclass(frozen=True, slots=True)
class Typed:
    """One item's fields exactly as they were sent, so that a refused form comes back as it was."""

    kind: str = LATER
    percent: str = ""
    reason: str = ""
    new: str = ""
    results: str = ""
    problems: str = ""
    measures: str = ""
    next: str = ""
    seen: str = ""
    again: str = ""  # what was answered as done is answered anew

    @property
    def chosen(self) -> StatusKind | None:
        return StatusKind(self.kind) if self.kind in _KINDS else None


@dataclass(slots=True)
class Refusals:
    """What cannot be taken, by item and field, in words for the person who typed it."""

    by_field: dict[tuple[int, str], str] = field(default_factory=dict)

    def add(self, milestone_id: int, name: str, message: str) -> None:
        self.by_field.setdefault((milestone_id, name), message)

    def get(self, milestone_id: int, name: str) -> str:
        return self.by_field.get((milestone_id, name), "")

    def of_item(self, milestone_id: int) -> list[tuple[str, str]]:
        return [(name, message) for (of, name), message in self.by_field.items() if of == milestone_id]

    def __bool__(self) -> bool:
        return bool(self.by_field)


def read_typed(form: Iterable[tuple[str, object]]) -> dict[int, Typed]:
    """What was sent, by milestone; fields with other names are left alone."""
    found: dict[int, dict[str, str]] = {}
    for name, value in form:
        match = re.fullmatch(r"([a-z]+)-(\d{1,12})", name)
        if match and match[1] in FIELDS and isinstance(value, str):
            found.setdefault(int(match[2]), {})[match[1]] = value.replace("\r\n", "\n").replace("\0", "")
    return {milestone_id: Typed(**fields) for milestone_id, fields in found.items()}


def blank(item: FormItem) -> Typed:
    """The fields of an item that nobody has touched yet."""
    percent = item.milestone.percent_complete
    return Typed(
        percent="" if percent is None else str(percent),
        results=item.texts.results,
        problems=item.texts.problems,
        measures=item.texts.measures,
        next=item.texts.next_steps,
        seen=item.seen,
    )


def is_touched(typed: Typed, item: FormItem) -> bool:
    """Whether something was typed beside the choice."""
    fresh = blank(item)
    return any(
        _lines(getattr(typed, name)) != _lines(getattr(fresh, name))
        for name in ("percent", "reason", "new", "results", "problems", "measures", "next")
    )


def refuse_shape(typed: Mapping[int, Typed], items: Iterable[FormItem], with_files: Container[int] = ()) -> Refusals:
    """What is wrong at first sight, for all items at once; `schedules.answers` looks closer, and stops at the first."""
    refusals = Refusals()
    for item in items:
        given = typed.get(item.id)
        if given is None:
            continue
        kind = given.chosen
        if kind is None:
            if given.kind != LATER or is_touched(given, item) or item.id in with_files:
                refusals.add(item.id, "kind", "적으신 내용이 있습니다. 진행상황을 하나 골라 주세요.")
            continue
        if kind in (StatusKind.DELAYED, StatusKind.CANCELLED) and not given.reason.strip():
            refusals.add(item.id, "reason", "사유를 적어 주세요. 다음 보고서에 그대로 실립니다.")
        if given.percent.strip() and read_percent(given.percent) is None:
            refusals.add(item.id, "percent", "진도율은 0에서 100 사이의 수로 적어 주세요.")
        news = new_texts(given, item.document)
        for name, text, limit in (
            ("reason", given.reason, MAX_REASON),
            ("new", given.new, MAX_NEW),
            ("results", news.results, MAX_TEXT),
            ("problems", news.problems, MAX_TEXT),
            ("measures", news.measures, MAX_TEXT),
            ("next", news.next_steps, MAX_TEXT),
        ):
            if len(text) > limit:
                refusals.add(item.id, name, f"{limit:,}자까지 적을 수 있습니다. 지금 {len(text):,}자입니다.")
    return refusals


def is_repetition(typed: Typed, item: FormItem) -> bool:
    """Whether this very answer is the last one recorded: the form was sent twice, or sent again by going back."""
    last, news = item.last, new_texts(typed, item.document)
    if last is None or typed.seen == item.seen or typed.chosen is not last.kind:
        return False
    return (
        read_percent(typed.percent) == last.percent_complete
        and _reason(typed) == last.reason
        and (typed.chosen is not StatusKind.RESCHEDULED or bool(last.new_raw))
        and news == Texts(last.results, last.problems, last.measures, last.next_steps)
    )


def refuse_older(
    typed: Mapping[int, Typed], items: Iterable[FormItem], taken_back: Container[int], refusals: Refusals
) -> None:
    """Refuses answers made from a state that is no longer the last one; the form then shows the newer beside them.

    What is closed takes no answer, except by whom its own answer may be taken back.
    """
    for item in items:
        if not item.is_open and item.id not in taken_back:
            refusals.add(item.id, "kind", f"'{item.milestone.label}'은(는) 그사이 정리되어 답을 받지 않았습니다.")
        elif typed[item.id].seen != item.seen:
            refusals.add(
                item.id,
                "kind",
                "적으시는 동안 다른 분이 먼저 답했거나 일정이 바뀌었습니다. "
                "이 일정의 최근 내용을 보시고, 그래도 바꾸려면 다시 보내 주세요.",
            )


def as_answer(typed: Typed, item: FormItem) -> Answer:
    """The answer to record. Raises AssertionError for an item without a choice: shape is checked first."""
    kind, news = typed.chosen, new_texts(typed, item.document)
    assert kind is not None
    return Answer(
        milestone_id=item.id,
        kind=kind,
        reason=_reason(typed),
        percent_complete=read_percent(typed.percent),
        results=news.results,
        problems=news.problems,
        measures=news.measures,
        next_steps=news.next_steps,
        new_raw=typed.new.strip() if kind is StatusKind.RESCHEDULED else None,
    )


def _reason(typed: Typed) -> str:
    if typed.chosen in REASON_KINDS:
        return typed.reason.strip()
    return TAKEN_BACK if typed.again else ""


def take_refusal(error: AnswerError, refusals: Refusals, typed: Mapping[int, Typed]) -> None:
    """The refusal of the deeper look, at the field that it names."""
    milestone_id = error.milestone_id if error.milestone_id is not None else next(iter(typed), 0)
    refusals.add(milestone_id, NAMES.get(error.field, error.field), str(error))


def read_percent(text: str) -> int | None:
    digits = text.strip().removesuffix("%").strip()
    return int(digits) if re.fullmatch(r"[0-9]{1,3}", digits) and int(digits) <= 100 else None


def new_texts(typed: Typed, document: Texts) -> Texts:
    """What was typed, without the lines that stand in the document word for word: those are not news."""
    return Texts(
        _beyond(typed.results, document.results),
        _beyond(typed.problems, document.problems),
        _beyond(typed.measures, document.measures),
        _beyond(typed.next, document.next_steps),
    )


def _beyond(typed: str, document: str) -> str:
    known = {_bare(line) for line in document.split("\n")}
    return "\n".join(line.rstrip() for line in typed.split("\n") if line.strip() and _bare(line) not in known)


def _bare(line: str) -> str:
    return "".join(line.lstrip(" \t-○◦·※□⇒*").split())


def _lines(text: str) -> list[str]:
    return [bare for line in text.split("\n") if (bare := _bare(line))]
