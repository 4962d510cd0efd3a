"""How often somebody may ask. Counted in memory of each process: a guard against runaway clients, not a bill."""

import math
import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from duka.platform.errors import RateLimited
from duka.platform.identity import Bearer, KeyBearer
from duka.platform.settings import Settings

_IPV6_PREFIX: Final = 64


def neighbourhood(ip: str | None) -> str:
    """Give what requests from an address are counted for: an IPv4 address itself, of IPv6 its /64, since whoever has
    one address there has all of them (RFC 6177)."""
    try:
        address = ip_address(ip or "")
    except ValueError:
        return ip or ""
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((address.packed, _IPV6_PREFIX), strict=False))


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of the minute's allowance is left, and when it is whole again."""

    limit: int
    remaining: int
    reset_seconds: int

    def headers(self) -> dict[str, str]:
        """Say it in the answer's headers."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


class Limits:
    """The allowances of people, registers and visitors, per minute."""

    def __init__(self, options: Settings) -> None:
        self._window = FixedWindowRateLimiter(MemoryStorage())
        self._person = RateLimitItemPerMinute(options.requests_per_minute)
        self._register = RateLimitItemPerMinute(options.deliveries_per_minute)
        self._visit = RateLimitItemPerMinute(options.auth_requests_per_minute)

    def spend(self, bearer: Bearer) -> Allowance:
        """Count a request of somebody with a token. RateLimited when the minute's allowance is used up."""
        if isinstance(bearer, KeyBearer):
            item = self._register if bearer.kind == "reg" else self._person
            return self._count(item, bearer.kind, bearer.key_hash.hex())
        return self._count(self._person, "session", bearer.session_id.hex)

    def spend_visit(self, ip: str | None) -> Allowance:
        """Count a request without login, by address (see `neighbourhood`)."""
        return self._count(self._visit, "visit", neighbourhood(ip))

    def _count(self, item: RateLimitItemPerMinute, kind: str, subject: str) -> Allowance:
        granted = self._window.hit(item, kind, subject)
        reset_at, remaining = self._window.get_window_stats(item, kind, subject)
        wait_seconds = max(1, math.ceil(reset_at - time.time()))
        if not granted:
            raise RateLimited(limit=item.amount, wait_seconds=wait_seconds)
        return Allowance(item.amount, remaining, wait_seconds)
