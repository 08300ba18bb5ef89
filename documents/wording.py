"""How documents write days, windows and states: as printed in a report, without weekdays."""

from datetime import date

from models import MilestoneStatus

STATUS_WORDS = {
    MilestoneStatus.PLANNED: "예정",
    MilestoneStatus.IN_PROGRESS: "추진 중",
    MilestoneStatus.DELAYED: "지연",
    MilestoneStatus.DONE: "완료",
    MilestoneStatus.CANCELLED: "중단",
}


def day_words(day: date) -> str:
    """`2024. 9. 30.`"""
    return f"{day.year}. {day.month}. {day.day}."


def window_words(start: date | None, end: date | None) -> str:
    """`2024. 9. 1. ~ 9. 30.`; an open side says 까지 or 부터; no day at all says 일자 미정."""
    if start and end:
        if start == end:
            return day_words(start)
        right = f"{end.month}. {end.day}." if start.year == end.year else day_words(end)
        return f"{day_words(start)} ~ {right}"
    if end:
        return f"{day_words(end)}까지"
    return f"{day_words(start)}부터" if start else "일자 미정"
