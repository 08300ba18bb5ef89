"""Checks the promises against the mail server's own record; knows the city, the slot and the mails, nothing else."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bench.city import City
from bench.sink import Taken


@dataclass(frozen=True, slots=True)
class Found:
    """What a run did: messages nobody got, mails nobody should have got, and mails that came more than once."""

    lost: tuple[str, ...]
    strange: tuple[str, ...]
    repeated: tuple[str, ...]  # once for each mail too many
    under_other_ids: tuple[str, ...]


def check(city: City, taken: Sequence[Taken]) -> Found:
    """Every team head has exactly one mail of the slot; a repeat has the Message-ID of the first."""
    expected = city.expected()
    came = Counter(mail.key for mail in taken)
    ids: dict[str, set[str]] = {}
    for mail in taken:
        ids.setdefault(mail.key, set()).add(mail.message_id)
    strange = [mail.key for mail in taken if mail.recipients != (expected.get(mail.key),)]
    return Found(
        lost=tuple(sorted(set(expected) - set(came))),
        strange=tuple(strange),
        repeated=tuple(sorted((came - Counter(came.keys())).elements())),
        under_other_ids=tuple(sorted(key for key, found in ids.items() if len(found) > 1)),
    )
