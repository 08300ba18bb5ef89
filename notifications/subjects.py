"""The subject of a message: what it asks, about what, by when."""

from datetime import datetime

from models import NotificationKind
from notifications.digest import Digest, Item, Section
from schedules import words

NAME_LENGTH = 40  # characters; longer subjects are cut off in lists of mails


def subject(digest: Digest, *, drill: bool = False) -> str:
    """The subject in the office's words; `[훈련]` stands first in a drill."""
    return ("[훈련] " if drill else "") + _SUBJECTS[digest.kind](digest)


def item_name(item: Item) -> str:
    """A name that says enough alone: a short label is put after its project."""
    label = words.shortened(item.label, NAME_LENGTH)
    if len(label) > 8 or item.project.replace(" ", "") in label.replace(" ", ""):
        return label
    return f"{words.shortened(item.project, NAME_LENGTH - len(label))} {label}"


def _morning(digest: Digest) -> str:
    counts = [(section, len(digest.part(section))) for section in _COUNTED if digest.part(section)]
    if counts or digest.only_supports:
        supporting = digest.part(Section.SUPPORTING)
        counts += [(Section.SUPPORTING, len(supporting))] if supporting else []
        shown = " · ".join(f"{section} {count}건" for section, count in counts)
        today = f"{digest.today.month}. {digest.today.day}. {words.WEEKDAYS[digest.today.weekday()]}"
        return f"[일정 알림] {shown} ({today}) - {digest.unit}"
    asked = digest.part(Section.STATUS)
    if asked:
        return f"[진행상황 요청] {_names(asked)}{_by(digest)}"
    unsure = digest.part(Section.CONFIRM_DATE)
    window = words.shortened(unsure[0].raw, 30).lstrip("'’‘`")  # `'24. 9.` brings its own mark
    others = f" 외 {len(unsure) - 1}건" if len(unsure) > 1 else ""
    return f"[일자 확인] {item_name(unsure[0])} '{window}'{others} - 확정일을 알려 주세요"


def _round(digest: Digest) -> str:
    return f"[진행상황 요청] {_round_title(digest)} {digest.count}건{_by(digest)}"


def _nudge(digest: Digest) -> str:
    return f"[미제출 안내] {_round_title(digest)}{_by(digest)}"


def _returned(digest: Digest) -> str:
    first_line = (digest.comment or "").strip().partition("\n")[0]
    about = words.shortened(first_line, NAME_LENGTH)
    return f"[보완요청] {digest.round_title or _names(digest.items)}" + (f" - {about}" if about else "")


def _summary(digest: Digest) -> str:
    """The most pressing item with its day; the unit is the head's own."""
    first = digest.items[0]
    day = f" {words.d_day(first.due_on, digest.today)}" if first.due_on is not None else ""
    others = f" 외 {digest.count - 1}건" if digest.count > 1 else ""
    return f"[지연 보고] {item_name(first)}{day}{others} - {digest.unit}"


def _handover(digest: Digest) -> str:
    return f"[인수인계] 이어받으실 일정 {digest.count}건 - {words.post_name(digest.unit, digest.post)}"


def _passed_on(digest: Digest) -> str:
    return f"[진행상황 요청] {_names(digest.items)} - {_passer(digest)}님이 넘긴 일정"


def _passer(digest: Digest) -> str:
    return digest.colleague.passed_by if digest.colleague is not None else digest.unit


def _round_title(digest: Digest) -> str:
    return digest.round_title or "진행상황 보고"


def _names(items: tuple[Item, ...]) -> str:
    return item_name(items[0]) + (f" 외 {len(items) - 1}건" if len(items) > 1 else "")


def _by(digest: Digest) -> str:
    return f" - {until(digest.answer_by, digest)}" if digest.answer_by else ""


def until(moment: datetime, digest: Digest) -> str:
    """`10. 4.(금)까지`, `오늘 마감`, or for a day that is over `9. 27.(금) 마감 지남`."""
    day = moment.date()
    if day == digest.today:
        return "오늘 마감"
    near = words.near_day(day, digest.today)
    return f"{near}까지" if day > digest.today else f"{near} 마감 지남"


_COUNTED = (Section.TODAY, Section.THIS_WEEK, Section.OVERDUE, Section.UPCOMING)
_SUBJECTS = {
    NotificationKind.MORNING: _morning,
    NotificationKind.ROUND: _round,
    NotificationKind.NUDGE: _nudge,
    NotificationKind.RETURNED: _returned,
    NotificationKind.SUMMARY: _summary,
    NotificationKind.HANDOVER: _handover,
    NotificationKind.PASSED_ON: _passed_on,
}
