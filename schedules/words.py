"""How an office writes days, spans, money and posts: the pure words that mails, pages and documents share.

Sources: 행정업무의 운영 및 혁신에 관한 규정 시행규칙 (days as `2024. 9. 30.`) and the house form of reports (천원, △).
"""

from datetime import date, datetime, time

WEEKDAYS = "월화수목금토일"
CHANNELS = {"email": "전자우편", "inbox": "받은 알림", "paper": "종이 목록"}


def day(on: date) -> str:
    """`2024. 9. 30.(월)`"""
    return f"{on.year}. {on.month}. {on.day}.({WEEKDAYS[on.weekday()]})"


def short_day(on: date) -> str:
    """`9. 30.(월)`, where the year is plain from what stands around it."""
    return f"{on.month}. {on.day}.({WEEKDAYS[on.weekday()]})"


def near_day(on: date, today: date) -> str:
    """The short form within the year of `today`, else the full one."""
    return short_day(on) if on.year == today.year else day(on)


def month_name(on: date) -> str:
    """`2024년 9월`"""
    return f"{on.year}년 {on.month}월"


def clock(at: time) -> str:
    """`14:00`"""
    return f"{at:%H:%M}"


def moment(at: datetime) -> str:
    """`2024. 9. 30.(월) 09:00`; `at` is already in the office's time zone."""
    return f"{day(at.date())} {clock(at.time())}"


def near_moment(at: datetime, today: date) -> str:
    """`9. 30.(월) 09:00` within the year of `today`; `at` is already in the office's time zone."""
    return f"{near_day(at.date(), today)} {clock(at.time())}"


def span(start: date | None, end: date | None, year: int | None = None) -> str:
    """`2024. 9. 1. ~ 9. 30.`; a side without a day stays open: `~ 2024. 10. 31.`. One day is written as `day`.

    The right side leaves out the year it shares with the left; with `year`, that year is left out everywhere.
    Without any day: the empty text.
    """
    if start is not None and start == end:
        return short_day(start) if start.year == year else day(start)
    left = "" if start is None else _bare(start, year)
    right = "" if end is None else _bare(end, start.year if start else year)
    return f"{left} ~ {right}".strip() if left or right else ""


def window(raw: str, start: date | None, end: date | None, today: date | None = None) -> str:
    """A date window as the document wrote it, with the days it means beside it: `9월중 (9. 1. ~ 9. 30.)`.

    A single day, and a writing that already says all its days, is shown in the office's form alone. The days beside
    the document's words leave out a year that those words name, or that is the year of `today`.
    """
    raw = " ".join(raw.split())
    days = span(start, end)
    if not days or not raw:
        return raw or days or "일자 미정"
    if start == end or _figures(raw) == _figures(days):
        return days
    first = start or end
    plain = first is not None and (f"{first.year % 100:02d}" in raw or (today is not None and today.year == first.year))
    year = first.year if first and plain else None
    same_year = start is None or end is None or start.year == end.year
    return f"{raw} ({span(start, end, year) if same_year else days})"


def d_day(on: date, today: date) -> str:
    """`D-7`, `D-day`, `D+3`, in calendar days."""
    days = (today - on).days
    return "D-day" if days == 0 else f"D{days:+d}"


def moved_deadline(on: date, counts_on: date, today: date) -> str:
    """`기한 9. 29.(일)이 휴일이어서 9. 30.(월)을 기한으로 봅니다.`"""
    return f"기한 {near_day(on, today)}이 휴일이어서 {near_day(counts_on, today)}을 기한으로 봅니다."


def working_days(count: int) -> str:
    """`근무일 기준 5일 전`, `근무일 기준 3일 후`; negative is before, 0 is `당일`."""
    if count == 0:
        return "당일"
    return f"근무일 기준 {abs(count)}일 {'전' if count < 0 else '후'}"


def amount(thousand_won: int | None) -> str:
    """천원 with separators: `1,250`; negative `△1,250`; none `-`."""
    if thousand_won is None:
        return "-"
    return f"△{-thousand_won:,}" if thousand_won < 0 else f"{thousand_won:,}"


def share(part: float, whole: float) -> str:
    """`62.8%`, one decimal, half up; of nothing: `-`."""
    if not whole:
        return "-"
    tenths = int(abs(part / whole) * 1000 + 0.5)
    sign = "△" if part / whole < 0 and tenths else ""
    return f"{sign}{tenths // 10}.{tenths % 10}%"


def size(count: int) -> str:
    """Bytes as people say them: `340 KB`, `1.2 MB`; never less than 1 KB."""
    return f"{count / 2**20:.1f} MB" if count >= 2**20 else f"{max(1, round(count / 1024)):,} KB"


def post_name(unit: str, title: str) -> str:
    """`행정지원팀` and `팀장` are `행정지원팀장`; a title that does not begin as the unit ends stands apart."""
    return unit + title[1:] if title and unit.endswith(title[0]) else f"{unit} {title}"


def with_particle(word: str, after_consonant: str, after_vowel: str) -> str:
    """The word with the particle its last sound asks for: `팀장이`, `담당자가`; other scripts count as vowels."""
    last = word[-1:]
    closed = "가" <= last <= "힣" and (ord(last) - ord("가")) % 28 != 0
    return word + (after_consonant if closed else after_vowel)


def shortened(text: str, length: int) -> str:
    """One line of at most `length` characters, cut at a word where one ends near, with `…`."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > length * 2 // 3 else cut).rstrip(" ,·(") + "…"


def _bare(on: date, year: int | None) -> str:
    return f"{on.month}. {on.day}." if on.year == year else f"{on.year}. {on.month}. {on.day}."


def _figures(text: str) -> str:
    return "".join(character for character in text if character.isdigit() or character == "~")
