"""How often somebody may ask. Counted in memory of each process: a guard against runaway clients, not a bill."""

import math
import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from duka.platform.errors import RateLimited
from duka.platform.identity import Bearer, KeyBearer
from duka.platform.settings import Settings

_IPV6_PREFIX: Final = 64
_MINUTE_SECONDS: Final = 60.0


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
        self._options = options
        self._minutes: dict[tuple[str, str], _Minute] = {}
        self._sweep_at = 0.0

    def spend(self, bearer: Bearer) -> Allowance:
        """Count a request of somebody with a token. RateLimited when the minute's allowance is used up."""
        if isinstance(bearer, KeyBearer):
            register = bearer.kind == "reg"
            limit = self._options.deliveries_per_minute if register else self._options.requests_per_minute
            return self._count(limit, bearer.kind, bearer.key_hash.hex())
        return self._count(self._options.requests_per_minute, "session", bearer.session_id.hex)

    def spend_visit(self, ip: str | None) -> Allowance:
        """Count a request without login, by address (see `neighbourhood`)."""
        return self._count(self._options.auth_requests_per_minute, "visit", neighbourhood(ip))

    def _count(self, limit: int, kind: str, subject: str) -> Allowance:
        now = time.monotonic()
        if now >= self._sweep_at:
            self._minutes = {key: minute for key, minute in self._minutes.items() if minute.ends_at > now}
            self._sweep_at = now + _MINUTE_SECONDS
        minute = self._minutes.get((kind, subject))
        if minute is None or minute.ends_at <= now:
            minute = self._minutes[kind, subject] = _Minute(now + _MINUTE_SECONDS)
        minute.count += 1
        wait_seconds = max(1, math.ceil(minute.ends_at - now))
        if minute.count > limit:
            raise RateLimited(limit=limit, wait_seconds=wait_seconds)
        return Allowance(limit, limit - minute.count, wait_seconds)


@dataclass(slots=True)
class _Minute:
    """The minute that began with somebody's first request, and how many came in it."""

    ends_at: float
    count: int = 0
