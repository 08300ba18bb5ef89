"""How a changed plan is written into its own line: 완료, 추진 중, 지연, 중단, 당초 → 변경. Pure."""

import re

from documents.edition_state import Moment, Stand
from documents.phrasing import noun_ending
from documents.wording import day_words, window_words
from models import MilestoneKind, StatusKind, StatusReport

_PLANNED = re.compile("예정")
_PLANNED_OPEN = re.compile(r"예정\($")
_CLAUSE_END = re.compile(r"\s/\s|;")
_PLANNED_BRACKET = re.compile(r"\s*[(\[]\s*예정\s*[)\]]")
_HEDGE = re.compile(r"^~\s*|\s*(?:까지|예정|(?<=월)\s?중)$")
_RUNNING = re.compile(r"(?:추진|진행)\s?중")
_OLD_REASON = re.compile(r"\s*\((?:지연, |중단, )?사유[:：][^()]*\)|\s*\((?:지연|중단)\)")
_BUILDING = (MilestoneKind.COMPLETION, MilestoneKind.CONSTRUCTION, MilestoneKind.DESIGN)
_FIRM = frozenset({"day", "range", "week", "holiday"})


def done_on(stand: Stand, moment: Moment) -> str:
    """When it was done, as far as anybody said: the window's own words if it was a firm one and is over, the day of the
    answer within a fuzzy one."""
    done = next((report for report in reversed(stand.reports) if report.kind is StatusKind.DONE), None)
    if done is not None and done.new_end_on is not None:
        return window_words(done.new_start_on, done.new_end_on)
    told = moment.day(done.reported_at) if done is not None else stand.changed_on
    own_words = _HEDGE.sub("", stand.raw).strip() or window_words(stand.start_on, stand.end_on)
    if told is None or (stand.end_on is None and stand.start_on is None):
        return own_words if told is None else day_words(told)
    firm = stand.milestone.precision in _FIRM or (stand.is_moved and stand.start_on == stand.end_on)
    is_over = stand.end_on is not None and stand.end_on < told
    return own_words if is_over or (firm and stand.end_on == told) else day_words(told)


def done_heading(stand: Stand, moment: Moment) -> str:
    """`청사 로비 리모델링 공사 준공 완료(2024. 9. 27.)`"""
    label = _PLANNED_BRACKET.sub("", stand.milestone.label).rstrip()
    words = label if label.endswith("완료") else f"{label} 완료"
    when = done_on(stand, moment)
    return f"{words}({when})" if when else words


def standing_heading(stand: Stand, report: StatusReport, moment: Moment) -> str:
    """`동 청사 개보수 : 공정률 70%(2024. 9. 20. 기준)`"""
    as_of = f"({day_words(moment.day(report.reported_at))} 기준)"
    if not report.percent_complete:
        return f"{stand.milestone.label}{as_of}"
    measure = "공정률" if stand.milestone.kind in _BUILDING else "진도율"
    return f"{stand.milestone.label} : {measure} {report.percent_complete}%{as_of}"


def settled_words(words: str, stand: Stand, moment: Moment, raw: str | None = None) -> str:
    """The line of a done plan outside the next steps: `예정('24.9월)` becomes `완료(2024. 9. 27.)`."""
    printed = stand.said_raw if raw is None else raw
    before, after, rest = _around(_OLD_REASON.sub("", words), printed)
    when = done_on(stand, moment) if printed else ""
    if _PLANNED.search(after) or before.endswith("예정("):
        return f"{_PLANNED_OPEN.sub('완료(', before)}{when}{_PLANNED.sub('완료', after)}{rest}"
    done = "" if "완료" in before + after else " 완료"
    return f"{before}{when}{done}{after}{rest}" if printed else f"{before}{done}{rest}"


def moved_words(words: str, said_raw: str, raw: str, reason: str) -> str:
    """`준공 : 당초 2024. 9월중 → 변경 2024. 10. 15. (사유: …)`; moved again, the first 당초 stays."""
    words = _OLD_REASON.sub("", words)
    if said_raw and f"변경 {said_raw}" in words:
        words = words.replace(f"변경 {said_raw}", f"변경 {raw}", 1)
    elif said_raw and said_raw in words:
        words = words.replace(said_raw, f"당초 {said_raw} → 변경 {raw}", 1)
    else:
        words = f"{words} : {raw}"
    return f"{words} (사유: {_bracketed(reason)})" if _bracketed(reason) else words


def delayed_words(words: str, reason: str) -> str:
    """`준공 : 2024. 9월중 (지연, 사유: …)`"""
    return f"{_OLD_REASON.sub('', words)} ({_with_reason('지연', reason)})"


def cancelled_words(words: str, reason: str) -> str:
    """`입점시기: 2024. 9월 중 (중단, 사유: …)`"""
    words = _PLANNED.sub("", _PLANNED_BRACKET.sub("", _OLD_REASON.sub("", words)))
    return f"{words} ({_with_reason('중단', reason)})"


def running_words(words: str, raw: str) -> str:
    """`준공 : 2024. 10.(추진 중)`; a cell's `예정('24.9월)` becomes `추진 중('24.9월)`."""
    before, after, rest = _around(_OLD_REASON.sub("", words), raw)
    if _RUNNING.search(after) or before.endswith(("추진 중(", "진행 중(")):
        return words
    if before.endswith("예정("):
        return f"{_PLANNED_OPEN.sub('추진 중(', before)}{raw}{after}{rest}"
    return f"{before}{raw}(추진 중){_PLANNED_BRACKET.sub('', after, count=1)}{rest}"


def _around(words: str, raw: str) -> tuple[str, str, str]:
    """What stands before a date, what belongs to it after it, and what speaks of another thing (`/`, `;`)."""
    before, found, after = words.partition(raw) if raw else (words, "", "")
    if not found:
        return words, "", ""
    end = _CLAUSE_END.search(after)
    return (before, after[: end.start()], after[end.start() :]) if end else (before, after, "")


def without_date(words: str, raw: str) -> str:
    """The line as a mere name for what stands below it: `○ 보충교육 : 2024. 9월` becomes `○ 보충교육`."""
    left = words.replace(raw, "", 1) if raw else words
    return re.sub(r"[(\[]\s*[)\]]|\s*[:：]\s*$", "", _PLANNED_BRACKET.sub("", left)).rstrip(" :：,")


def _with_reason(status: str, reason: str) -> str:
    reason = _bracketed(reason)
    return f"{status}, 사유: {reason}" if reason else status


def _bracketed(reason: str) -> str:
    """One line without brackets of its own, since it stands inside a pair."""
    return noun_ending(" ".join(reason.split()).replace("(", "[").replace(")", "]"))
