"""Reads what messages have to say at the moment of sending: rows become digests, and what no longer holds drops out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from models import BESIDE, Ask, Delegation, MilestoneKind, NotificationKind, RequestState, WhichEnd
from notifications import rows
from notifications import words as mail_words
from notifications.chains import Chain, read_chains
from notifications.digest import Colleague, Digest, Item, arrange
from notifications.rows import ROUND_KINDS, Message, Requested, Told
from schedules import words
from schedules.beside import with_supporting
from schedules.calendar import WorkingCalendar
from schedules.escalation import chain_post, still_climbs
from schedules.items import Item as Planned
from schedules.items import load_items
from schedules.requests import ASKS_FOR_AN_ANSWER, OUTSTANDING
from schedules.responsibility import Chart
from schedules.rule import FROM_ANSWERS
from schedules.summary import late_items
from settings import Settings

ANSWERED = "이미 답한 일정입니다"
NAMING_KINDS = frozenset({NotificationKind.SUMMARY, NotificationKind.HANDOVER, NotificationKind.PASSED_ON})
SAID_LENGTH = 60  # of what was reported, in a mail

Asks = list[tuple[Ask, date | None]]  # what is asked about a milestone, and the day it counts to


@dataclass(frozen=True, slots=True)
class Dropped:
    """A reminder that is not told after all: why; `missed` when only its time passed; `moves_to` another post."""

    reminder_id: int
    reason: str
    missed: bool = False
    moves_to: int | None = None


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one message says now. The digest may be empty: then there is nothing left to send."""

    digest: Digest
    dropped: tuple[Dropped, ...] = ()


def gather_digests(
    session: Session,
    messages: Sequence[Message],
    now: datetime,
    settings: Settings,
    chart: Chart,
    calendar: WorkingCalendar,
) -> dict[int, Gathered]:
    """The digests of a batch by message id, in a fixed number of statements however many there are.

    Read again at the moment of sending: an item that is done, closed, moved, answered or somebody else's by now drops
    out with its reason, and so does an announcement whose day is over.
    """
    told = rows.read_told(session, [message.id for message in messages])
    asking = [message for message in messages if message.kind in ROUND_KINDS]
    outstanding = rows.read_requested(session, {message.post_id for message in asking})
    requested = {message.id: _of_message(message, outstanding) for message in asking}
    milestone_ids = {one.milestone_id for some in told.values() for one in some}
    milestone_ids |= {one.milestone_id for several in requested.values() for one in several}
    kinds = {message.id: message.kind for message in messages if message.kind in NAMING_KINDS}
    named = rows.read_named(session, kinds)
    milestone_ids |= {milestone_id for some in named.values() for milestone_id in some}
    facts = _Facts(session, sorted(milestone_ids), settings, chart, calendar, now)
    facts.look_beside(session, {one.milestone_id for some in told.values() for one in some if one.level == BESIDE})
    if NotificationKind.SUMMARY in kinds.values():
        facts.late = {item.id for item in late_items(session, now, settings, chart, milestone_ids)}
    steps = [one for some in told.values() for one in some if one.ask is Ask.ESCALATION]
    facts.chains = read_chains(session, steps, facts.planned, chart, settings.timezone, facts.today)
    keys = {one.request_key for some in told.values() for one in some if one.ask in ASKS_FOR_AN_ANSWER}
    answers = rows.read_requests(session, keys)
    passed = [message_id for message_id, kind in kinds.items() if kind is NotificationKind.PASSED_ON]
    colleagues = rows.read_colleagues(session, passed)
    rounds = rows.read_round_words(session, {message.round_id for message in asking if message.round_id is not None})
    return {
        message.id: _gather(
            message,
            told.get(message.id, []),
            requested.get(message.id, []),
            named.get(message.id, []),
            answers,
            rounds.get(message.round_id) if message.round_id is not None else None,
            colleagues.get(message.id),
            facts,
        )
        for message in messages
    }


def _of_message(message: Message, outstanding: Sequence[Requested]) -> list[Requested]:
    """What a round's message asks: its round's items, or all of the post's where it belongs to no round."""
    states = (RequestState.RETURNED,) if message.kind is NotificationKind.RETURNED else OUTSTANDING
    return [
        one
        for one in outstanding
        if one.post_id == message.post_id and one.state in states and message.round_id in (None, one.round_id)
    ]


def _gather(
    message: Message,
    told: Sequence[Told],
    requested: Sequence[Requested],
    named: Sequence[int],
    answers: Mapping[str, tuple[RequestState, datetime]],
    round_words: tuple[str, tuple[str, ...]] | None,
    passed: Delegation | None,
    facts: "_Facts",
) -> Gathered:
    asked: dict[int, Asks] = {}
    chains: dict[int, Chain] = {}
    dropped: list[Dropped] = []
    begins: set[int] = set()
    own = {*named, *(request.milestone_id for request in requested)}
    rules: dict[str, None] = {}
    due: list[datetime] = []
    is_again = False
    for one in told:
        state, due_at = answers.get(one.request_key, (None, None)) if one.ask in ASKS_FOR_AN_ANSWER else (None, None)
        gone = facts.why_gone(one, state)
        if gone is not None:
            dropped.append(gone)
            continue
        asked.setdefault(one.milestone_id, []).append((one.ask, facts.counts_on(one)))
        chains.setdefault(one.milestone_id, (one.milestone_id, one.anchor_on))
        if one.level != BESIDE:
            own.add(one.milestone_id)
        if one.ask is Ask.UPCOMING and one.end is WhichEnd.START:
            begins.add(one.milestone_id)
        rules[mail_words.rule(one.rule, one.ask)] = None
        is_again = is_again or one.channel is not None
        due += [due_at] if due_at is not None else []
    for request in requested:
        planned = facts.planned[request.milestone_id]
        if planned.silence is None:
            asked.setdefault(request.milestone_id, []).append((Ask.STATUS, planned.deadline_on))
            due.append(request.due_at)
    for milestone_id in named:
        if message.kind is NotificationKind.SUMMARY and milestone_id in facts.late:
            asked.setdefault(milestone_id, []).append((Ask.ESCALATION, facts.planned[milestone_id].deadline_on))
            rules[mail_words.WEEKLY] = None
        elif message.kind is NotificationKind.PASSED_ON and facts.planned[milestone_id].silence is None:
            asked.setdefault(milestone_id, []).append((Ask.STATUS, facts.planned[milestone_id].deadline_on))
        elif message.kind is NotificationKind.HANDOVER and facts.belongs(milestone_id, message.post_id):
            asked.setdefault(milestone_id, []).append(facts.takes_over(milestone_id))
    items = [
        facts.item(milestone_id, asks, message.post_id, chains.get(milestone_id))._replace(
            is_beside=milestone_id not in own, prepares=milestone_id in begins and facts.lasts(milestone_id)
        )
        for milestone_id, asks in asked.items()
    ]
    post = facts.chart.posts[message.post_id]
    comments = dict.fromkeys(request.comment for request in requested if request.comment)
    digest = Digest(
        key=message.key,
        kind=message.kind,
        unit=facts.chart.units[post.unit_id].name,
        post=post.title,
        today=facts.today,
        slot_at=message.slot_at,
        parts=arrange(items, facts.today),
        rules=tuple(rules),
        answer_by=facts.answer_by(due),
        round_title=round_words[0] if round_words is not None else None,
        questions=round_words[1] if round_words is not None else (),
        comment="\n".join(comments) or None,
        colleague=Colleague(passed.name, passed.email, passed.passed_by) if passed is not None else None,
        is_again=is_again,
    )
    return Gathered(digest, tuple(dropped))


class _Facts:
    """What is known of the milestones of a batch now."""

    def __init__(
        self,
        session: Session,
        milestone_ids: Sequence[int],
        settings: Settings,
        chart: Chart,
        calendar: WorkingCalendar,
        now: datetime,
    ) -> None:
        self.timezone, self.chart = settings.timezone, chart
        self._now = now
        self.today = now.astimezone(settings.timezone).date()
        self.planned: dict[int, Planned] = {
            item.id: item for item in load_items(session, chart, calendar, settings.timezone, milestone_ids)
        }
        self.chains: Mapping[Chain, str] = {}
        self.late: Collection[int] = ()
        self._subjects = rows.read_subjects(session, milestone_ids)
        self._reports = rows.read_last_reports(session, milestone_ids)
        self._revisions = rows.count_revisions(session, milestone_ids)

    def why_gone(self, one: Told, request: RequestState | None) -> Dropped | None:
        """Why a dispatched reminder is not told any more; None when it still holds. `request` is the one it made."""
        item = self.planned[one.milestone_id]
        if item.silence is not None or item.post_id is None:
            return Dropped(one.id, item.silence or "담당 직위가 없습니다")
        if request is not None and request not in OUTSTANDING:
            return Dropped(one.id, ANSWERED)
        if one.ask is Ask.ESCALATION:
            if not still_climbs(item, one.end, one.anchor_on):
                return Dropped(one.id, "보내기 전에 답했거나 일정이 바뀌었습니다")
        elif one.ask in FROM_ANSWERS:
            if item.answered_on is not None and item.answered_on > one.anchor_on:
                return Dropped(one.id, ANSWERED)
        else:
            if one.anchor_on != (item.start_on if one.end is WhichEnd.START else item.end_on):
                return Dropped(one.id, "보내기 전에 일정이 바뀌었습니다")
            if one.ask in ASKS_FOR_AN_ANSWER and item.is_answered_at_end and not one.outlasts_answers:
                return Dropped(one.id, ANSWERED)
            last_day = item.end_on if one.ask is Ask.CONFIRM_DATE else item.counts_on(one.end, one.anchor_on)
            if one.ask not in ASKS_FOR_AN_ANSWER and last_day is not None and last_day < self.today:
                return Dropped(one.id, "보내기 전에 날짜가 지났습니다", missed=True)
        if one.level == BESIDE:
            is_beside = one.post_id in item.supporting
            return None if is_beside else Dropped(one.id, "보내기 전에 협조 직위에서 빠졌습니다")
        if one.ask is Ask.ESCALATION:
            post_id = chain_post(one.post_id, one.level, item.post_id, self.chart)
        else:
            post_id = self.chart.raised(item.post_id, one.level)
        if post_id is not None and post_id != one.post_id:
            return Dropped(one.id, "보내기 전에 담당이 바뀌었습니다", moves_to=post_id)
        return None

    def counts_on(self, one: Told) -> date | None:
        """The day that a reminder counts to; for a quiet project that of the item by which it is asked about."""
        planned = self.planned[one.milestone_id]
        if one.end is WhichEnd.NONE:
            return planned.deadline_on if one.ask is Ask.QUIET else None
        return planned.counts_on(one.end, one.anchor_on)

    def lasts(self, milestone_id: int) -> bool:
        """Training of several days: its start is prepared, and its end reported."""
        planned = self.planned[milestone_id]
        return planned.kind == MilestoneKind.TRAINING and planned.start_on != planned.end_on

    def belongs(self, milestone_id: int, post_id: int) -> bool:
        """Whether the post still answers for the item, and there is something to answer."""
        item = self.planned[milestone_id]
        return item.silence is None and item.post_id == post_id

    def takes_over(self, milestone_id: int) -> tuple[Ask, date | None]:
        """What a new holder has to know of an item: its day, or, where that is over or unknown, how things stand."""
        deadline_on = self.planned[milestone_id].deadline_on
        is_open = deadline_on is not None and deadline_on >= self.today
        return (Ask.UPCOMING if is_open else Ask.STATUS), deadline_on

    def answer_by(self, due: Sequence[datetime]) -> datetime | None:
        """The nearest answer day that is not over, else the last one; in the office's time zone."""
        ahead = [at for at in due if at >= self._now]
        found = min(ahead) if ahead else max(due, default=None)
        return found.astimezone(self.timezone) if found is not None else None

    def look_beside(self, session: Session, milestone_ids: Collection[int]) -> None:
        """Reads which posts support these items now."""
        theirs = [self.planned[milestone_id] for milestone_id in sorted(milestone_ids)]
        self.planned.update((item.id, item) for item in with_supporting(session, theirs))

    def item(self, milestone_id: int, asks: Asks, addressee_id: int, chain: Chain | None) -> Item:
        subject, planned = self._subjects[milestone_id], self.planned[milestone_id]
        days = [day for _, day in asks if day is not None]
        ahead = [day for day in days if day >= self.today]
        is_others = planned.post_id is not None and planned.post_id != addressee_id
        return Item(
            milestone_id=milestone_id,
            label=subject.label,
            project=subject.title,
            kind=subject.kind,
            status=subject.status,
            asks=frozenset([ask for ask, _ in asks]),
            due_on=min(ahead) if ahead else max(days, default=None),
            raw=subject.raw,
            start_on=subject.start_on,
            end_on=subject.end_on,
            is_firm=planned.is_firm,
            deadline_on=planned.deadline_on,
            time=subject.time,
            state=self._state(milestone_id),
            baseline=subject.baseline_raw if subject.baseline_raw != subject.raw else None,
            owner=self.chart.name_of(planned.post_id) if is_others and planned.post_id is not None else None,
            chain=self.chains.get(chain) if chain is not None else None,
            sequence=self._revisions.get(milestone_id, 0),
        )

    def _state(self, milestone_id: int) -> str:
        """`정상 추진, 공정률 60%, 골조 완료 (9. 3.(화) 보고)`; before any report what the document says."""
        subject, report = self._subjects[milestone_id], self._reports.get(milestone_id)
        if report is None:
            state, percent, said = mail_words.STATUS[subject.status], subject.percent_complete, ""
            source = f"{words.near_day(subject.as_of_on, self.today)} 기준 보고서"
        else:
            state, percent = mail_words.REPORTED[report.kind], report.percent_complete
            said = words.shortened(report.reason or report.results, SAID_LENGTH)
            source = f"{words.near_day(report.reported_at.astimezone(self.timezone).date(), self.today)} 보고"
        parts = (state, f"공정률 {percent}%" if percent is not None else "", said)
        return f"{', '.join(part for part in parts if part)} ({source})"
