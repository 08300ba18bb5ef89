"""Holds a mail server's own record to the promises.

It knows the rows as they stood before, the rules of a new installation (written here once more, in its own words), and
the mails that came. It reads nothing that the engine wrote, and imports nothing of the product.
"""

import email
import email.policy
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import psycopg

from bench.sink import Taken

SEOUL = ZoneInfo("Asia/Seoul")
OPENS, CLOSES = time(9), time(18)
REST_DAYS = frozenset(  # of the autumn in which the drills play, as the gazette has them
    date.fromisoformat(day)
    for day in ("2024-08-15", "2024-09-16", "2024-09-17", "2024-09-18", "2024-10-01", "2024-10-03", "2024-10-09")
)
GRACE = timedelta(seconds=20)  # a mail that is being handed over while something changes may still leave
BEFORE_DAYS = (30, 7, 1)
ASKED_EVERY_DAYS = 7

ROWS = """
SELECT milestone.id, milestone.end_on, project.title, assignment.post_id, person.email
FROM milestone JOIN project ON project.id = milestone.project_id
JOIN post ON post.unit_id = project.team_id AND post.title = '팀장'
JOIN assignment ON assignment.post_id = post.id JOIN person ON person.id = assignment.person_id
WHERE milestone.id = ANY(%s) ORDER BY milestone.id
"""


@dataclass(frozen=True, slots=True)
class Duty:
    """A milestone of one day, by the title of its project, and who has to hear of it."""

    milestone: int
    day: date
    title: str
    post: int
    address: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """`lost` names what nobody was told, `broken` every other promise that does not hold, in a sentence each.

    `repeated` holds a key for each mail too many, all under the Message-ID of the first.
    """

    lost: tuple[str, ...]
    broken: tuple[str, ...]
    repeated: tuple[str, ...]


def read_duties(database_url: str, milestones: Collection[int]) -> list[Duty]:
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        return [Duty(*row) for row in connection.execute(ROWS, (list(milestones),))]


def is_working(day: date) -> bool:
    return day.weekday() < 5 and day not in REST_DAYS


def judge(
    duties: Sequence[Duty],
    mails: Sequence[Taken],
    *,
    planned_at: datetime,
    until: datetime,
    when: Callable[[Taken], datetime],
    closed: Mapping[int, datetime] = {},
    asleep: Sequence[tuple[datetime, datetime]] = (),
) -> Judgement:
    """Every promise for these duties, from their planning to `until`.

    `when` says at which moment of the drill a mail was taken; `closed` at which a milestone was; `asleep` are the
    stretches in which nobody could have sent: downtime, and what a clock that jumps leaves out.
    """
    by_post: dict[int, list[Duty]] = defaultdict(list)
    for duty in duties:
        by_post[duty.post].append(duty)
    told: dict[str, list[datetime]] = defaultdict(list)
    identities: dict[str, set[str]] = defaultdict(set)
    days: dict[tuple[int, date], set[str]] = defaultdict(set)
    broken: list[str] = []
    ours = [mail for mail in mails if _post_of(mail) in by_post]
    for mail in ours:
        post, at = _post_of(mail), when(mail)
        identities[mail.key].add(mail.message_id)
        days[post, at.astimezone(SEOUL).date()].add(mail.key)
        titles = _titles(mail)
        own = {duty.title for duty in by_post[post]}
        if set(mail.recipients) != {duty.address for duty in by_post[post]}:
            broken.append(f"{mail.key} went to {mail.recipients}")
        if not titles:
            broken.append(f"{mail.key} tells nothing")
        if titles - own:
            broken.append(f"{mail.key} tells what is another's: {titles - own}")
        if not _in_window(at):
            broken.append(f"{mail.key} left at {at.astimezone(SEOUL)}")
        for duty in by_post[post]:
            if duty.title in titles:
                told[duty.title].append(at)
                if duty.milestone in closed and at > closed[duty.milestone] + GRACE:
                    broken.append(f"{mail.key} tells {duty.title}, which was closed")
    broken += [f"{key} came under {len(found)} Message-IDs" for key, found in identities.items() if len(found) > 1]
    owners: dict[str, set[str]] = defaultdict(set)
    for key, found in identities.items():
        for identity in found:
            owners[identity].add(key)
    broken += [f"{identity} stands on {len(keys)} mails" for identity, keys in owners.items() if len(keys) > 1]
    broken += [f"post {post} got {len(keys)} mails on {day}" for (post, day), keys in days.items() if len(keys) > 1]
    lost = [
        f"{duty.title} on {moment.astimezone(SEOUL):%Y-%m-%d %H:%M}"
        for duty in duties
        for moment, ends in due_moments(duty.day, planned_at, until)
        if not (duty.milestone in closed and closed[duty.milestone] <= moment + GRACE)
        and not any(start <= moment and end > min(ends, closed.get(duty.milestone, ends)) for start, end in asleep)
        and not any(at >= moment for at in told[duty.title])
    ]
    came = Counter(mail.key for mail in ours)
    repeated = (came - Counter(came.keys())).elements()
    return Judgement(tuple(lost), tuple(broken), tuple(sorted(repeated)))


def due_moments(day: date, planned_at: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """When something has to be said about a deadline, and when that has lost its meaning: the end of its day, or never.

    A month, a week and a day before it, rolled back to a working day; on it; asked for on it, rolled on; and every
    week after it, rolled on.
    """
    never = datetime.max.replace(tzinfo=SEOUL)
    over = datetime.combine(day + timedelta(days=1), time(), SEOUL)
    found = [(_rolled(day - timedelta(days=days), -1), over) for days in BEFORE_DAYS]
    found.append((_rolled(day, -1), over))
    found.append((_rolled(day, 1), never))
    asked = day + timedelta(days=ASKED_EVERY_DAYS)
    while _at(asked) <= until:
        found.append((_rolled(asked, 1), never))
        asked += timedelta(days=ASKED_EVERY_DAYS)
    return [(moment, end) for moment, end in found if planned_at < moment <= until]


def _rolled(day: date, step: int) -> datetime:
    while not is_working(day):
        day += timedelta(days=step)
    return _at(day)


def _at(day: date) -> datetime:
    return datetime.combine(day, OPENS, SEOUL)


def _in_window(at: datetime) -> bool:
    local = at.astimezone(SEOUL)
    return is_working(local.date()) and OPENS <= local.time() <= (datetime.combine(local, CLOSES) + GRACE).time()


def _post_of(mail: Taken) -> int:
    found = re.match(r"post:(\d+)/", mail.key)
    return int(found[1]) if found else 0


def _titles(mail: Taken) -> set[str]:
    """The projects that the plain text of a mail names."""
    parsed = email.message_from_bytes(mail.content, policy=email.policy.default)
    body = parsed.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    return set(re.findall(r"주민센터 복합청사 건립 \d+", text))
