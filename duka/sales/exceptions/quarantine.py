"""Documents that are damaged or forged: kept apart with their bytes, shown to the shop, never part of its figures.

A register recorded them, so something happened; they cannot be stored as what they claim to be. Each is answered once
and for ever, and one never blocks the next. The number it claims in its register's own series stays held, so that no
other document takes it; another register's numbers are not its to hold.
"""

import re
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from starlette.responses import Response

from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.errors import DukaError
from duka.platform.ids import new_id
from duka.platform.wire import utc_text
from duka.sales.models import Quarantined
from duka.shops.queries import has_code

_CODE: Final = re.compile(r"[A-Z0-9]{1,4}")
_YEAR: Final = re.compile(r"[0-9]{4}")
_COUNTER_MAX: Final = 10**9


@dataclass(frozen=True, slots=True)
class Claim:
    """What a damaged document says of itself, as far as it can be read."""

    id: str | None = None
    series: str | None = None
    counter: int | None = None


async def set_aside(ctx: Ctx, path: str, refusal: DukaError) -> Response:
    """Keep a damaged document that a register delivered to `path`, and answer it with 202 and the verdict.

    The same bytes again get the same answer and change nothing.
    """
    assert ctx.register_id, "only a register's credential records"
    claim = await _own(ctx, ctx.register_id, read_claim(ctx.body))
    row = {
        "shop_id": ctx.shop_id, "id": new_id(), "register_id": ctx.register_id, "document": path,
        "claimed_id": claim.id, "claimed_series": claim.series, "claimed_counter": claim.counter,
        "reason": refusal.code, "facts": orjson.loads(orjson.dumps(refusal.details())), "body": ctx.body,
        "body_hash": ctx.body_hash, "at": ctx.now,
    }  # fmt: skip
    kept = insert(Quarantined).values(row).on_conflict_do_nothing().returning(Quarantined.id)
    fresh = (await ctx.db.execute(kept)).scalar_one_or_none()
    if fresh:
        audit.record(ctx, "set_aside", "document", fresh, after={"reason": refusal.code, "document": path})
        events.emit(ctx, "document.set_aside", fresh, {"reason": refusal.code, "document": path})
    stored = (await ctx.db.scalars(select(Quarantined).where(Quarantined.body_hash == ctx.body_hash))).one()
    return _answer(stored, again=fresh is None)


async def _own(ctx: Ctx, register_id: UUID, claim: Claim) -> Claim:
    """Give what a claim may hold: a number of the register's own series, never of another register's."""
    code = (claim.series or "").partition("/")[0]
    return claim if code and await has_code(ctx, register_id, code) else Claim(claim.id)


def read_claim(body: bytes) -> Claim:
    """Read the id and the place in a series that a document claims, out of whatever can be read of it."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Claim()
    if not isinstance(document, dict):
        return Claim()
    place = next((part for part in document.values() if isinstance(part, dict) and "counter" in part), {})
    code, year, counter = place.get("code"), place.get("financial_year"), place.get("counter")
    told = isinstance(code, str) and isinstance(year, str) and _CODE.fullmatch(code) and _YEAR.fullmatch(year)
    if not told or type(counter) is not int or not 0 < counter <= _COUNTER_MAX:
        return Claim(_id(document.get("id")))
    return Claim(_id(document.get("id")), f"{code}/{year}", counter)


def _id(claimed: Any) -> str | None:
    try:
        return str(UUID(claimed))
    except (ValueError, AttributeError, TypeError):
        return None


def _answer(stored: Quarantined, *, again: bool) -> Response:
    body = {
        "success": True,
        "data": {
            "id": stored.id, "verdict": "quarantined", "reason": stored.reason, "details": stored.facts,
            "claimed_id": stored.claimed_id,
        },
        "message": "The document is damaged. It was set aside; somebody of the shop must look at it.",
        "timestamp": utc_text(stored.at),
    }  # fmt: skip
    headers = {"Duka-Verdict": "quarantined"} | ({"Idempotency-Replayed": "true"} if again else {})
    return Response(orjson.dumps(body, option=orjson.OPT_SORT_KEYS), 202, headers, "application/json")
