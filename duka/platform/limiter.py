"""How often somebody may ask. Counted in memory of each process: a guard against runaway clients, not a bill."""

from typing import Final
from uuid import UUID

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from duka.platform.errors import RateLimited
from duka.platform.identity import Bearer, KeyBearer
from duka.platform.settings import Settings

_MINUTE_SECONDS: Final = 60


class Limits:
    """The allowances of people, registers and visitors, per minute."""

    def __init__(self, options: Settings) -> None:
        self._window = FixedWindowRateLimiter(MemoryStorage())
        self._person = RateLimitItemPerMinute(options.requests_per_minute)
        self._register = RateLimitItemPerMinute(options.deliveries_per_minute)
        self._visit = RateLimitItemPerMinute(options.auth_requests_per_minute)

    def spend(self, bearer: Bearer) -> None:
        """Count a request of somebody with a token. RateLimited when the minute's allowance is used up."""
        if isinstance(bearer, KeyBearer):
            item = self._register if bearer.kind == "reg" else self._person
            self._count(item, bearer.kind, bearer.key_hash.hex())
        else:
            self._count(self._person, "session", _text(bearer.session_id))

    def spend_visit(self, ip: str | None) -> None:
        """Count a request without login, by address."""
        self._count(self._visit, "visit", ip or "")

    def _count(self, item: RateLimitItemPerMinute, kind: str, subject: str) -> None:
        if not self._window.hit(item, kind, subject):
            raise RateLimited(wait_seconds=_MINUTE_SECONDS)


def _text(value: UUID) -> str:
    return value.hex
