"""A digest in the words of a mail: what the templates put into their places."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypedDict

from models import Ask, NotificationKind
from notifications.digest import Digest, Item, Part, Section
from notifications.letterhead import Letterhead, display_name
from schedules import words
from schedules.people import Recipient

LATE_AFTER = timedelta(hours=1)
LABEL_LENGTH, PROJECT_LENGTH, STATE_LENGTH = 120, 60, 120


class ItemView(TypedDict):
    badge: str
    label: str
    window: str
    project: str
    state: str
    extra: list[str]


class SectionView(TypedDict):
    title: str
    count: int
    hint: str
    tone: str
    items: list[ItemView]
    more: int


class View(TypedDict):
    greeting: str
    lead: str
    comment: list[str]
    questions: list[str]
    link: str
    button: str
    notes: list[str]
    drill: bool
    sections: list[SectionView]
    footer: list[str]


HINTS = {
    Section.OVERDUE: "기한이 지난 일정입니다. 끝났거나 날짜가 바뀌었으면 알려 주세요.",
    Section.TODAY: "오늘이 기한이거나 오늘 열리는 일정입니다.",
    Section.CONFIRM_DATE: "정확한 날짜가 정해졌으면 알려 주세요.",
    Section.STATUS: "추진 결과나 지금 상황을 알려 주세요.",
    Section.SUPPORTING: "협조하시는 일정입니다. 담당이 답하므로 답하지 않으셔도 됩니다.",
}
TONES = {Section.OVERDUE: "#b3261e", Section.TODAY: "#1a4fa3", Section.THIS_WEEK: "#1a4fa3"}
PLAIN_TONE = "#4a4f57"
QUIET = "사업에 한동안 소식이 없어 여쭙니다. 이 사업의 어느 일정에 답하셔도 됩니다."
ASKED = {
    Ask.CONFIRM_DATE: "정확한 날짜가 정해졌으면 알려 주세요.",
    Ask.STATUS: "추진 결과를 알려 주세요.",
    Ask.CHECK: "추진 여부를 알려 주세요.",
    Ask.QUIET: QUIET,
}
CONTACT = "담당이나 알림 규칙이 맞지 않으면 {}에게 알려 주세요."
ASKING = {Section.CONFIRM_DATE: "날짜를 확인해 주실 일정", Section.STATUS: "진행상황을 알려 주실 일정"}
WHY = {
    NotificationKind.MORNING: "아침마다 보내는 일정 알림",
    NotificationKind.ROUND: "정기 취합 요청",
    NotificationKind.NUDGE: "미제출 안내",
    NotificationKind.RETURNED: "보완요청",
    NotificationKind.SUMMARY: "답이 없거나 늦어진 일정의 보고",
    NotificationKind.HANDOVER: "인사이동·조직개편에 따른 인수인계",
    NotificationKind.PASSED_ON: "담당자가 넘긴 일정",
}


def view_of(
    digest: Digest, recipients: Sequence[Recipient], link: str, letterhead: Letterhead, now: datetime, cap: int
) -> View:
    """What the templates say of the digest, at most `cap` items a section; `recipients` may be empty."""
    return View(
        greeting=f"{_addressee(digest, recipients)}님, 안녕하십니까.",
        lead=_lead(digest),
        comment=(digest.comment or "").splitlines() if digest.kind is NotificationKind.RETURNED else [],
        questions=list(digest.questions) if digest.kind is not NotificationKind.RETURNED else [],
        link=link,
        button=_button(digest),
        notes=list(_notes(digest, recipients, letterhead, now)),
        drill=letterhead.drill,
        sections=[_section(part, digest, cap) for part in digest.parts],
        footer=_footer(digest, recipients, letterhead),
    )


def _button(digest: Digest) -> str:
    return "일정 보기" if digest.only_supports else "한 번에 답하기"


def _addressee(digest: Digest, recipients: Sequence[Recipient]) -> str:
    return display_name(recipients[0]) if len(recipients) == 1 else words.post_name(digest.unit, digest.post)


def _lead(digest: Digest) -> str:
    """How many, by when."""
    if digest.colleague is not None:
        passer = digest.colleague.passed_by
        return f"{passer}님이 일정 {digest.count}건의 답변을 부탁하셨습니다. 보내신 답은 {passer}님도 보십니다."
    by = _answer_by(digest)
    what = f"{digest.round_title}의 " if digest.round_title else ""
    match digest.kind:
        case NotificationKind.ROUND:
            return f"{what}진행상황 {digest.count}건을 {by} 답해 주세요."
        case NotificationKind.NUDGE:
            return f"{what}진행상황 {digest.count}건이 아직 제출되지 않았습니다. {by} 답해 주세요."
        case NotificationKind.RETURNED:
            return f"{what}진행상황 보고에 보완할 내용이 있습니다. {by} 고쳐서 다시 제출해 주세요."
        case NotificationKind.HANDOVER:
            post = words.post_name(digest.unit, digest.post)
            return f"{post} 자리의 일정 {digest.count}건을 이어받으셨습니다. 답변 화면에서 ‘수락’을 눌러 주세요."
        case NotificationKind.SUMMARY:
            return f"{_counts(digest)} 담당자와 확인해 주세요."
        case _:
            return f"{_counts(digest)} {_what_to_do(digest)}"


def _counts(digest: Digest) -> str:
    """`지연 일정 1건, 다가오는 일정 2건이 있습니다. 날짜를 확인해 주실 일정 1건이 있습니다.`"""
    dated: list[str] = []
    asking: list[str] = []
    beside: list[str] = []
    for part in digest.parts:
        name = ASKING.get(part.section) or f"{part.section.removesuffix(' 일정')} 일정"
        place = beside if part.section is Section.SUPPORTING else asking if part.section in ASKING else dated
        place.append(f"{name} {len(part.items)}건")
    return " ".join(f"{', '.join(counted)}이 있습니다." for counted in (dated, asking, beside) if counted)


def _what_to_do(digest: Digest) -> str:
    if digest.only_supports:
        return "담당이 답하므로 답하지 않으셔도 됩니다."
    if digest.answer_by is None:
        only_days = all(part.section in (Section.CONFIRM_DATE, Section.SUPPORTING) for part in digest.parts)
        return "정해진 날짜를 알려 주세요." if only_days else "바뀐 내용이 있으면 알려 주세요."
    if digest.answer_by.date() < digest.today:
        return "답변 기한이 지났으니 지금 진행상황을 알려 주세요."
    return f"진행상황은 {_answer_by(digest)} 답해 주세요."


def _answer_by(digest: Digest) -> str:
    """`10. 4.(금) 18:00까지`, `오늘 18:00까지`; after that day, or where none is set, `지금`."""
    due = digest.answer_by
    if due is None or due.date() < digest.today:
        return "지금"
    day = "오늘" if due.date() == digest.today else words.near_day(due.date(), digest.today)
    return f"{day} {words.clock(due.time())}까지"


def _notes(digest: Digest, recipients: Sequence[Recipient], letterhead: Letterhead, now: datetime) -> Iterable[str]:
    for absent in dict.fromkeys(f"{one.deputy_for} {one.post_title}" for one in recipients if one.deputy_for):
        yield f"{absent}님이 자리를 비워 업무대행이신 분께 보내 드립니다."
    for vacant in dict.fromkeys(recipient.stands_in_for for recipient in recipients if recipient.stands_in_for):
        yield f"{vacant} 자리에 메일을 받을 분이 없어 대신 보내 드립니다."
    if digest.is_again:
        yield "먼저 알려 드린 일정에 답이 없어 다시 알려 드립니다."
    if now - digest.slot_at > LATE_AFTER:
        slot = words.near_moment(digest.slot_at.astimezone(letterhead.timezone), digest.today)
        yield f"{slot}에 보낼 메일을 예정 시각보다 늦게 보냈습니다."


def _section(part: Part, digest: Digest, cap: int) -> SectionView:
    return SectionView(
        title=part.section,
        count=len(part.items),
        hint=HINTS.get(part.section, ""),
        tone=TONES.get(part.section, PLAIN_TONE),
        items=[_item(item, part.section, digest) for item in part.items[:cap]],
        more=max(0, len(part.items) - cap),
    )


def _item(item: Item, section: Section, digest: Digest) -> ItemView:
    window = words.window(words.shortened(item.raw, 40), item.start_on, item.end_on, digest.today)
    if item.time and item.start_on == item.end_on:
        window += f" {item.time}"
    if item.baseline:
        window += f" · 당초 {words.shortened(item.baseline, 40)}"
    unsettled = section is Section.CONFIRM_DATE or item.due_on is None
    extra = [f"담당: {item.owner}"] if item.owner else []
    counts_on = item.deadline_on
    if item.end_on is not None and counts_on is not None and item.due_on == counts_on != item.end_on and not unsettled:
        extra.append(words.moved_deadline(item.end_on, counts_on, digest.today))
    extra += [f"보고 단계: {item.chain}"] if item.chain else []
    if (
        section not in (Section.CONFIRM_DATE, Section.STATUS, Section.SUPPORTING)
        and digest.kind is NotificationKind.MORNING
    ):
        extra += [text for ask, text in ASKED.items() if ask in item.asks]
    if item.prepares and not item.is_beside:
        extra.append("시작하기 전에 준비 상황을 확인해 주세요.")
    if section is Section.STATUS and Ask.QUIET in item.asks:
        extra.append(QUIET)
    return ItemView(
        badge="미정" if unsettled else words.d_day(item.due_on or digest.today, digest.today),
        label=words.shortened(item.label, LABEL_LENGTH),
        window=window,
        project=words.shortened(item.project, PROJECT_LENGTH),
        state=words.shortened(item.state, STATE_LENGTH),
        extra=extra,
    )


def _footer(digest: Digest, recipients: Sequence[Recipient], letterhead: Letterhead) -> list[str]:
    post = words.post_name(digest.unit, digest.post)
    others = ", ".join(display_name(recipient) for recipient in recipients) if len(recipients) > 1 else ""
    if digest.colleague is not None:
        because = f"{digest.colleague.passed_by}님이 넘기셔서 보내 드렸습니다. 이 일정은 그대로 {post} 소관입니다."
        return [because, *_closing(letterhead)]
    return [
        why_sent(digest),
        f"함께 받은 분: {others}" if others else "이 메일을 함께 받은 분은 없습니다.",
        f"받는 시각과 골라 받을 알림은 ‘{_button(digest)}’ 화면의 ‘메일 받는 방식 바꾸기’에서 정할 수 있습니다.",
        *_closing(letterhead, is_answered=not digest.only_supports),
    ]


def why_sent(digest: Digest) -> str:
    whose = "이끄는 부서의" if digest.kind is NotificationKind.SUMMARY else "담당하는"
    whose = "협조하는" if digest.only_supports else whose
    post = words.with_particle(words.post_name(digest.unit, digest.post), "이", "가")
    return f"{post} {whose} 일정이어서 보내 드렸습니다. 보낸 까닭: {', '.join(digest.rules) or WHY[digest.kind]}"


def _closing(letterhead: Letterhead, *, is_answered: bool = True) -> list[str]:
    return [
        CONTACT.format(letterhead.contact),
        "자동으로 보낸 메일이어서 회신은 읽지 못합니다." + (" ‘한 번에 답하기’로 답해 주세요." if is_answered else ""),
        "링크를 가진 사람은 누구나 답할 수 있으니 이 메일을 다른 사람에게 전달하지 말아 주세요.",
    ]
