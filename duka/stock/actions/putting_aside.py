"""To put goods aside by hand for a customer, and to put them back on sale."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.platform import audit
from duka.platform.context import Ctx
from duka.platform.db import refusing
from duka.platform.errors import DukaError, IdempotencyConflict, NotFound, ValidationError
from duka.platform.ids import check_made
from duka.platform.models import AuditEntry
from duka.platform.reads import Reads
from duka.platform.writes import Writes
from duka.shops import settings
from duka.shops.registers.claims import check_person
from duka.stock.actions.adjusting import LocationRequired, NotStocked
from duka.stock.actions.moving import refuse_short
from duka.stock.actions.reserving import Aside, For, Shortage, release, reserve
from duka.stock.reservations import queries
from duka.stock.reservations.schemas import ReservationIn


@dataclass(eq=False)
class ReservationClosed(DukaError):
    """What was put aside was handed over, or time has put it back on sale."""

    status: ClassVar[int] = 409
    text: ClassVar[str] = "This is not put aside any more: it is {state}."
    state: str


@dataclass(frozen=True, slots=True)
class PutAside:
    """A reservation as answered: `shown` is `reservation_schemas.ReservationOut`, `again` says that it stood
    already."""

    shown: Mapping[str, Any]
    again: bool = False


_STANDING: Final = """
SELECT encode(body_hash, 'hex') AS hash_text FROM stock_reservations
WHERE shop_id = %(shop)s AND id = %(reservation)s
"""
_VARIANT: Final = """
SELECT v.name, p.kind, p.tracking FROM variants v JOIN products p ON p.shop_id = v.shop_id AND p.id = v.product_id
WHERE v.shop_id = %(shop)s AND v.id = %(variant)s AND v.deleted_at IS NULL
"""
_PLACES: Final = """
SELECT l.id FROM locations l WHERE l.shop_id = %(shop)s AND l.active AND l.kind NOT IN ('transit', 'damaged')
    AND (%(branch)s::uuid IS NULL OR l.branch_id = %(branch)s::uuid)
    AND (l.id = %(location)s::uuid OR (%(location)s::uuid IS NULL AND l.kind = 'showroom'))
ORDER BY l.id LIMIT 2
"""
_CUSTOMER: Final = "SELECT id FROM customers WHERE shop_id = %(shop)s AND id = %(customer)s"


async def put_aside(ctx: Ctx, asked: ReservationIn) -> PutAside:
    """Keep goods for somebody who comes for them later.

    Repeating the same body gives the first answer; another body under the same id is an IdempotencyConflict. OutOfStock
    where less is free, unless the shop sells what it does not have. NotFound for a variant, customer or location that
    the shop does not have or the caller does not reach; LocationRequired, NotStocked, NotForRegisters; ValidationError
    for an `until` that is over.
    """
    check_person(ctx)
    answers = await _facts(ctx, asked)
    if answers["standing"]:
        return await _again(ctx, asked.id, answers["standing"][0])
    check_made(ctx, asked.id)
    location_id = _checked(ctx, asked, answers)
    writes = Writes(ctx)
    whom = For("customer", asked.id, asked.until, asked.customer_id, asked.note)
    goods = [Aside(asked.variant_id, asked.quantity)]
    shortage: Shortage = "all" if settings.of(ctx).negative_stock else "refuse"
    reserve(writes, goods, location_id, whom, shortage=shortage, document=True)
    facts = {
        "variant_id": str(asked.variant_id), "location_id": str(location_id), "quantity_milli": asked.quantity,
    }  # fmt: skip
    writes.insert(AuditEntry, [audit.entry(ctx, "put_aside", "stock_reservation", asked.id, after=facts)])
    async with refusing(ctx, {"fk_stock_reservations_customer_id": lambda: NotFound(what="customer")}):
        outcome = await writes.send()
    if not outcome.written:
        # The same request sent twice at once meets itself: the second waited for the first, and finds its goods kept.
        standing = (await _facts(ctx, asked))["standing"]
        if standing:
            return await _again(ctx, asked.id, standing[0])
        raise refuse_short(outcome.results["stock_short"])
    return PutAside(await queries.reservation(ctx, asked.id))


async def let_go(ctx: Ctx, reservation_id: UUID) -> PutAside:
    """Put goods that were put aside by hand back on sale; done again it changes nothing. What is kept for a cart or a
    sale goes with it, all of it. NotFound, ReservationClosed, NotForRegisters."""
    check_person(ctx)
    before = await queries.reservation(ctx, reservation_id)
    if await release(ctx, before["document_id"]):
        audit.record(ctx, "release", "stock_reservation", reservation_id)
        await ctx.db.flush()
    now = await queries.reservation(ctx, reservation_id)
    if now["state"] != "released":
        raise ReservationClosed(now["state"])
    return PutAside(now, again=before["state"] == "released")


async def _facts(ctx: Ctx, asked: ReservationIn) -> Mapping[str, Any]:
    reads = Reads(ctx)
    reads.ask("standing", _STANDING, reservation=asked.id)
    reads.ask("variant", _VARIANT, variant=asked.variant_id)
    reads.ask("places", _PLACES, location=asked.location_id, branch=ctx.branch_id)
    if asked.customer_id:
        reads.ask("customer", _CUSTOMER, customer=asked.customer_id)
    return await reads.send()


def _checked(ctx: Ctx, asked: ReservationIn, answers: Mapping[str, Any]) -> UUID:
    variants, places = answers["variant"], answers["places"]
    if not variants:
        raise NotFound(what="variant")
    if asked.customer_id and not answers["customer"]:
        raise NotFound(what="customer")
    if variants[0]["kind"] == "service" or variants[0]["tracking"] == "none":
        raise NotStocked(variants[0]["name"])
    if asked.location_id and not places:
        raise NotFound(what="location")
    if len(places) != 1:
        raise LocationRequired
    if asked.until is not None and asked.until <= ctx.now:
        raise ValidationError(fields={"until": ["This moment is over."]})
    return UUID(places[0]["id"])


async def _again(ctx: Ctx, reservation_id: UUID, standing: Mapping[str, Any]) -> PutAside:
    if standing["hash_text"] != ctx.body_hash.hex():
        raise IdempotencyConflict
    return PutAside(await queries.first_state(ctx, reservation_id), again=True)
