"""Why a milestone has its reminders, in both languages: the lines of `schedules.explain`, taken apart as made."""

from web.catalogue import Both, in_english

INDENT = "    "
ORDER = f"{INDENT}경로: "


def in_both(line: str) -> Both:
    if line.startswith(ORDER):
        return Both(line, f"{INDENT}{in_english('경로', 'why')}: {_order(line.removeprefix(ORDER))}")
    return Both(line, INDENT + _reminder(line.strip()) if line.startswith(INDENT) else in_english(line, "why"))


def _reminder(line: str) -> str:
    """`2024. 10. 9.(수) 09:00 D-7 · 예정 (…; …)`"""
    said, opens, notes = line.partition(" (")
    parts = " · ".join(in_english(part, "why") for part in said.split(" · "))
    return parts + (f" ({'; '.join(in_english(one, 'why') for one in notes[:-1].split('; '))})" if opens else "")


def _order(line: str) -> str:
    """`전자우편(…) → 받은 알림, 답이 없으면 …`"""
    order, comma, again = line.partition(", 답이")
    channels = []
    for one in order.split(" → "):
        channel, opens, problem = one.partition("(")
        channels.append(in_english(channel, "why") + (f" ({in_english(problem[:-1], 'why')})" if opens else ""))
    return " → ".join(channels) + (f", {in_english(f'답이{again}', 'why')}" if comma else "")
