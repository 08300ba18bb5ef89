"""How often a collection comes: RFC 5545 or cron text read strictly, told in Korean words, unrolled into days. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice, pairwise

from cronsim import CronSim, CronSimError
from dateutil.rrule import rrule, rruleset, rrulestr

from schedules import words
from settings import Refusal

BEGIN = datetime(2020, 1, 1)  # noqa: DTZ001  (days only, in no zone; what INTERVAL counts from)
LOOKED_AHEAD = timedelta(days=366 * 8 + 2)  # the longest wait for a 29 February
SHORTEST_DAYS = 7  # more often than once a week nobody can answer
FREQUENCIES = ("WEEKLY", "MONTHLY", "YEARLY")
PARTS = ("FREQ", "INTERVAL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "UNTIL", "COUNT", "WKST")
DAYS = {"MO": "월", "TU": "화", "WE": "수", "TH": "목", "FR": "금", "SA": "토", "SU": "일"}
ORDINALS = {1: "첫째", 2: "둘째", 3: "셋째", 4: "넷째", 5: "다섯째", -1: "마지막"}
QUARTERS = (["3", "6", "9", "12"], ["1", "4", "7", "10"])


class RecurrenceError(Refusal):
    """The text names no days that a collection could come on; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A text that was read: RFC 5545 (`FREQ=…`) or five cron fields, of which only the day counts."""

    text: str

    def days_after(self, day: date) -> Iterator[date]:
        """The days strictly after that one, at most eight years ahead."""
        start = datetime.combine(day, time.max)
        if _is_rule(self.text):
            found: Iterator[datetime] = iter(_rule(self.text).xafter(start))
        else:
            found = CronSim(self.text, start)
        for moment in found:
            if moment > start + LOOKED_AHEAD:
                return
            yield moment.date()

    def in_words(self) -> str:
        """`매월 말일`, `매 분기 마지막 달 25일`, `매주 월요일`; what has no such words is shown as it was typed."""
        if not _is_rule(self.text):
            return _cron_words(self.text)
        parts = _parts(self.text)
        ends = f" ({parts['COUNT']}회)" if "COUNT" in parts else ""
        return (_rule_words(parts) or self.text) + ends


def read_recurrence(text: str, today: date) -> Recurrence:
    """Raises RecurrenceError for what cannot be read, never comes, or comes more often than once a week."""
    text = " ".join(text.split()).removeprefix("RRULE:")
    if _is_rule(text):
        parts = _parts(text)
        unknown = [name for name in parts if name not in PARTS]
        is_counted = re.fullmatch(r"[1-9]\d?", parts.get("INTERVAL", "1")) is not None  # 0 would never end
        if unknown or not is_counted or parts.get("FREQ") not in FREQUENCIES:
            raise RecurrenceError(
                f"'{text}': FREQ={'|'.join(FREQUENCIES)} 로 시작하고 {', '.join(PARTS[1:])}만 쓸 수 있습니다. "
                "예: FREQ=MONTHLY;BYMONTHDAY=-1"
            )
        text = ";".join(f"{name}={value}" for name, value in parts.items())
    recurrence = Recurrence(text)
    try:
        days = list(islice(recurrence.days_after(today), 60))
    except (CronSimError, ValueError) as error:
        raise RecurrenceError(
            f"'{text}'을(를) 읽을 수 없습니다({error}). 예: FREQ=MONTHLY;BYMONTHDAY=-1 또는 cron '0 9 25 * *'"
        ) from error
    if not days:
        raise RecurrenceError(f"'{text}': 한 번도 열리지 않습니다. 없는 날(2월 31일)이거나 이미 끝난 반복입니다.")
    if any((later - earlier).days < SHORTEST_DAYS for earlier, later in pairwise(days)):
        raise RecurrenceError(f"'{text}': 취합은 {SHORTEST_DAYS}일에 한 번보다 잦을 수 없습니다.")
    return recurrence


def _is_rule(text: str) -> bool:
    return "=" in text


def _rule(text: str) -> rrule | rruleset:
    return rrulestr(text, dtstart=BEGIN)


def _parts(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.upper().split(";") if part)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _rule_words(parts: dict[str, str]) -> str | None:
    every = int(parts.get("INTERVAL", "1"))
    if "BYSETPOS" in parts or ("BYDAY" in parts and "BYMONTHDAY" in parts):
        return None
    days = _days_words(parts.get("BYMONTHDAY", ""))
    weekdays = _weekday_words(parts.get("BYDAY", ""))
    if parts["FREQ"] == "WEEKLY":
        return f"{'매주' if every == 1 else f'{every}주마다'} {weekdays}".strip()
    months = parts["BYMONTH"].split(",") if "BYMONTH" in parts else []
    if parts["FREQ"] == "YEARLY" or months:
        when = "매 분기" if sorted(months, key=int) == QUARTERS[0] else ""
        when = f"{when} 마지막 달" if when else f"매년 {'·'.join(months)}월" if months else "매년"
        return f"{when} {days or weekdays}".strip() if every == 1 or not months else None
    return f"{'매월' if every == 1 else f'{every}개월마다'} {days or weekdays}".strip()


def _days_words(text: str) -> str:
    return "·".join("말일" if day == "-1" else f"{day}일" for day in text.split(",") if day)


def _weekday_words(text: str) -> str:
    found = []
    for word in text.split(",") if text else []:
        match = re.fullmatch(r"([+-]?\d+)?(MO|TU|WE|TH|FR|SA|SU)", word)
        if match is None:
            return text
        ordinal = f"{ORDINALS.get(int(match[1]), match[1] + '번째')} " if match[1] else ""
        found.append(f"{ordinal}{DAYS[match[2]]}요일")
    return "·".join(found)


def _cron_words(text: str) -> str:
    _, _, day, month, weekday = text.split()
    day = "말일" if day == "L" else day
    if weekday == "*" and re.fullmatch(r"말일|[\d,]+", day):
        months = re.fullmatch(r"[\d,]+", month)
        when = "매월" if month == "*" else f"매년 {month.replace(',', '·')}월" if months else ""
        if when:
            return f"{when} {day.replace(',', '·')}{'' if day == '말일' else '일'}"
    if (day, month) == ("*", "*") and weekday.isdigit():
        return f"매주 {words.WEEKDAYS[(int(weekday) - 1) % 7]}요일"  # cron's week begins with Sunday, 0
    return f"cron '{text}'"
