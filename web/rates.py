"""How often somebody may ask: pages by address, passwords by address and account, counted in this process.

Guesses are counted for the account *and* the address they come from, or for the browser in which the account has
signed in before: a stranger's guesses slow the stranger down, never the account's owner.
"""

from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil
from time import time

from limits import RateLimitItem, RateLimitItemPerMinute, storage
from limits.strategies import SlidingWindowCounterRateLimiter

GUESSES = RateLimitItemPerMinute(5, 15)  # of one account from one address
GUESSES_KNOWN = RateLimitItemPerMinute(10, 15)  # in a browser that the account knows
GUESSES_FROM = RateLimitItemPerMinute(60, 15)  # of all accounts from one address


@dataclass(frozen=True, slots=True)
class Counted:
    """One thing that is counted, and how far."""

    limit: RateLimitItem
    key: tuple[str, ...]


class Rates:
    def __init__(self, pages_a_minute: int) -> None:
        """`pages_a_minute` from one address, or in one session; 0 = any number."""
        self._limiter = SlidingWindowCounterRateLimiter(storage.MemoryStorage())
        self._pages = RateLimitItemPerMinute(pages_a_minute) if pages_a_minute else None

    def page(self, asker: str) -> int:
        """Counts a page; 0 when it may be had, else the seconds to wait."""
        return self.take([Counted(self._pages, ("page", asker))]) if self._pages is not None else 0

    def take(self, counted: list[Counted]) -> int:
        """Counts in each, before the work is done, so that many at once do not slip through; as `page`."""
        waits = [self._wait(one) for one in counted if not self._limiter.hit(one.limit, *one.key)]
        return max(waits, default=0)

    def forget(self, counted: list[Counted]) -> None:
        """It was them: what was counted does not count."""
        for one in counted:
            self._limiter.clear(one.limit, *one.key)

    def _wait(self, counted: Counted) -> int:
        stats = self._limiter.get_window_stats(counted.limit, *counted.key)
        return max(1, ceil(stats.reset_time - time()))


def guesses_of(name: str, address: str, known_browser: str | None) -> list[Counted]:
    """What a try to sign in counts as."""
    who = sha256(name.strip().casefold().encode("utf-8", "replace")).hexdigest()
    if known_browser is not None:
        return [Counted(GUESSES_KNOWN, ("known", who, known_browser))]
    return [
        Counted(GUESSES, ("guess", who, network_of(address))),
        Counted(GUESSES_FROM, ("guesses", network_of(address))),
    ]


def network_of(address: str) -> str:
    """Who is one asker: an IPv4 address, or the /64 that one IPv6 host chooses its addresses from."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return f"{IPv6Address(int(found) >> 64 << 64)}/64"
    return str(found)
