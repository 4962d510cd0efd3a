"""To assemble: sets are built of their components beforehand, or taken apart again.

Stock becomes other stock of the same worth, so nothing is posted: the sets cost what their components cost, and the
components of a set that is taken apart share its cost in proportion to their own, to the last minor unit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.catalog.errors import SetFollowed
from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import DukaError, IdempotencyConflict, NotFound, ValidationError
from duka.platform.ids import check_made, new_id
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.money import LIMIT_MINOR, spread
from duka.platform.quantity import LIMIT_MILLI
from duka.platform.reads import Reads
from duka.platform.writes import Writes
from duka.shops import settings
from duka.stock import events as told
from duka.stock.actions import receiving
from duka.stock.actions.adjusting import LocationRequired, NotStocked
from duka.stock.actions.moving import Goods, Source, issue, put_back, refuse_short
from duka.stock.actions.parting import TRACKED
from duka.stock.actions.picking import Back, pick, pick_back, refuse_troubles
from duka.stock.actions.receiving import Standing
from duka.stock.assembly import queries
from duka.stock.assembly.schemas import AssemblyIn
from duka.stock.choosing import PIECE_MILLI, Named, Parts, Wanted
from duka.stock.models import Assembly, AssemblyLine
from duka.stock.rules import priced_apart, value_minor


@dataclass(eq=False)
class NotASet(DukaError):
    """The variant has no components."""

    text: ClassVar[str] = "Nobody said what {name} is made of. Give it components first."
    name: str


@dataclass(eq=False)
class SerialsTooMany(DukaError):
    """More serial numbers were named of a component than pieces of it move, or it has none."""

    text: ClassVar[str] = "More serial numbers of {name} were named than pieces go in or out."
    name: str


@dataclass(frozen=True, slots=True)
class Assembled:
    """An assembly as answered: `shown` is `assembly_schemas.AssemblyOut`, `again` says that it stood already."""

    shown: Mapping[str, Any]
    again: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of a variant that goes in (above zero) or out at one cost of a unit."""

    id: UUID
    variant_id: UUID
    name: str
    tracking: str
    quantity_milli: int
    unit_cost_minor: int
    min_stock_milli: int
    named: Named

    @property
    def worth_minor(self) -> int:
        return value_minor(abs(self.quantity_milli), self.unit_cost_minor)

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.id, self.variant_id, self.name, self.tracking, abs(self.quantity_milli), self.named)


_STANDING: Final = """
SELECT encode(body_hash, 'hex') AS hash_text FROM stock_assemblies WHERE shop_id = %(shop)s AND id = %(assembly)s
"""
_PLACES: Final = """
SELECT l.id FROM locations l WHERE l.shop_id = %(shop)s AND l.active
    AND (%(branch)s::uuid IS NULL OR l.branch_id = %(branch)s::uuid)
    AND (l.id = %(location)s::uuid OR (%(location)s::uuid IS NULL AND l.kind = 'showroom'))
ORDER BY l.id LIMIT 2
"""
# The set is the row that is in itself once; it comes first.
_GOODS: Final = """
SELECT v.id AS variant_id, v.name, p.kind, p.tracking, p.min_stock_milli, g.quantity_milli
FROM (
    SELECT %(set)s::uuid AS id, 1000::bigint AS quantity_milli, 0 AS position
    UNION ALL SELECT component_id, quantity_milli, position FROM variant_components
    WHERE shop_id = %(shop)s AND variant_id = %(set)s
) g JOIN variants v ON v.shop_id = %(shop)s AND v.id = g.id AND v.deleted_at IS NULL
JOIN products p ON p.shop_id = %(shop)s AND p.id = v.product_id ORDER BY g.position
"""


async def assemble(ctx: Ctx, asked: AssemblyIn) -> Assembled:
    """Build sets of their components at a location, or take some apart.

    Repeating the same body gives the first answer; another body under the same id is an IdempotencyConflict. NotFound
    for a variant or location that the shop does not have or that is out of the caller's scope; LocationRequired,
    NotStocked, NotASet, SetFollowed, SerialsTooMany, the troubles of `picking.pick`; OutOfStock, whatever the shop
    allows a sale, naming what lacks.
    """
    standing = await fetch(ctx, _STANDING, {"assembly": asked.id})
    if standing:
        return await _again(ctx, asked.id, standing[0].hash_text)
    check_made(ctx, asked.id)
    location_id, goods = await _facts(ctx, asked)
    variants = [UUID(row["variant_id"]) for row in goods]
    await receiving.hold(ctx, variants, location_id)
    standing = await fetch(ctx, _STANDING, {"assembly": asked.id})
    if standing:  # by a repetition that this one waited for
        return await _again(ctx, asked.id, standing[0].hash_text)
    reads = Reads(ctx)
    receiving.ask_standing(reads, variants)
    held = receiving.standing((await reads.send())["standing"])
    parts = list(_built(goods, asked, held) if asked.way == "build" else _apart(goods, asked, held))
    if any(abs(part.quantity_milli) > LIMIT_MILLI or part.worth_minor > LIMIT_MINOR for part in parts):
        raise ValidationError(fields={"quantity": ["This is more than Duka can count or book."]})
    await _write(ctx, asked, location_id, parts, held)
    return Assembled(await queries.assembly(ctx, asked.id))


async def _again(ctx: Ctx, assembly_id: UUID, hash_text: str) -> Assembled:
    if hash_text != ctx.body_hash.hex():
        raise IdempotencyConflict
    return Assembled(await queries.assembly(ctx, assembly_id), again=True)


async def _facts(ctx: Ctx, asked: AssemblyIn) -> tuple[UUID, Sequence[Mapping[str, Any]]]:
    """Say where, and which goods: the set, then its components, each with how much of it is in one set."""
    reads = Reads(ctx)
    reads.ask("places", _PLACES, location=asked.location_id, branch=ctx.branch_id)
    reads.ask("goods", _GOODS, set=asked.variant_id)
    answers = await reads.send()
    places, goods = answers["places"], answers["goods"]
    if not goods or goods[0]["variant_id"] != str(asked.variant_id):
        raise NotFound(what="variant")
    if asked.location_id and not places:
        raise NotFound(what="location")
    if len(places) != 1:
        raise LocationRequired
    if len(goods) == 1:
        raise NotASet(goods[0]["name"])
    for row in goods:
        if row["kind"] == "service" or row["tracking"] == "none":
            raise NotStocked(row["name"])
    if goods[0]["tracking"] in TRACKED:
        raise SetFollowed
    return UUID(places[0]["id"]), goods


def _built(
    goods: Sequence[Mapping[str, Any]], asked: AssemblyIn, held: Mapping[UUID, Standing]
) -> Iterator[_Part]:
    """Components go out at what they cost, and the sets come in at the sum of it."""
    worth_minor = 0
    for row in goods[1:]:
        milli, cost = row["quantity_milli"] * asked.quantity, _cost(held, row)
        worth_minor += value_minor(milli, cost)
        yield _part(row, -milli, cost, _named(asked, row, milli))
    for milli, cost in priced_apart(PIECE_MILLI * asked.quantity, worth_minor):
        yield _part(goods[0], milli, cost)


def _apart(
    goods: Sequence[Mapping[str, Any]], asked: AssemblyIn, held: Mapping[UUID, Standing]
) -> Iterator[_Part]:
    """The sets go out at what they cost, and their components come in with a share of it each: by what they cost
    themselves, or by how much there is of each where none is known to cost anything."""
    cost = _cost(held, goods[0])
    yield _part(goods[0], -PIECE_MILLI * asked.quantity, cost)
    quantities = [row["quantity_milli"] * asked.quantity for row in goods[1:]]
    weights = [value_minor(milli, _cost(held, row)) for milli, row in zip(quantities, goods[1:], strict=True)]
    shares = spread(cost * asked.quantity, weights if any(weights) else quantities)
    for row, milli, share_minor in zip(goods[1:], quantities, shares, strict=True):
        serials = _named(asked, row, milli).serials
        for part_milli, unit_minor in priced_apart(milli, share_minor):
            pieces = part_milli // PIECE_MILLI
            yield _part(row, part_milli, unit_minor, Named(serials[:pieces]))
            serials = serials[pieces:]


def _cost(held: Mapping[UUID, Standing], row: Mapping[str, Any]) -> int:
    return held[UUID(row["variant_id"])].cost_minor or 0


def _part(row: Mapping[str, Any], milli: int, cost_minor: int, named: Named | None = None) -> _Part:
    variant_id, level = UUID(row["variant_id"]), row["min_stock_milli"]
    return _Part(new_id(), variant_id, row["name"], row["tracking"], milli, cost_minor, level, named or Named())


def _named(asked: AssemblyIn, row: Mapping[str, Any], milli: int) -> Named:
    """Give the pieces that were named of a component. SerialsTooMany."""
    serials = next((each.serials for each in asked.pieces if str(each.variant_id) == row["variant_id"]), [])
    if serials and (row["tracking"] != "serial" or PIECE_MILLI * len(serials) > milli):
        raise SerialsTooMany(row["name"])
    return Named(tuple(serials))


async def _write(
    ctx: Ctx, asked: AssemblyIn, location_id: UUID, parts: Sequence[_Part], held: Mapping[UUID, Standing]
) -> None:  # fmt: skip
    today = ctx.today(settings.of(ctx).day_start_minutes)
    out = [part for part in parts if part.quantity_milli < 0]
    coming = [part for part in parts if part.quantity_milli > 0]
    chosen = {**await _leaving(ctx, out, location_id), **await _arriving(ctx, coming)}
    milli = PIECE_MILLI * asked.quantity * (1 if asked.way == "build" else -1)
    writes = Writes(ctx)
    source = Source("assembly", asked.id, today, ctx.staff_id, note=asked.note or None)
    issue(writes, [_goods(part, chosen) for part in out], source, location_id, below_zero=False)
    put_back(writes, [(_goods(part, chosen), location_id) for part in coming], source)
    receiving.average(
        writes,
        [(part.variant_id, part.quantity_milli, part.worth_minor) for part in coming],
        held,
    )
    writes.first(Assembly, {
        "id": asked.id, "variant_id": asked.variant_id, "location_id": location_id, "quantity_milli": milli,
        "note": asked.note, "staff_id": ctx.staff_id, "business_date": today, "at": ctx.now,
        "body_hash": ctx.body_hash,
    })  # fmt: skip
    writes.insert(AssemblyLine, [
        {
            "id": part.id, "assembly_id": asked.id, "position": place, "variant_id": part.variant_id,
            "quantity_milli": part.quantity_milli, "unit_cost_minor": part.unit_cost_minor,
        }
        for place, part in enumerate(parts, 1)
    ])  # fmt: skip
    facts = {"variant_id": str(asked.variant_id), "location_id": str(location_id), "quantity_milli": milli}
    writes.insert(AuditEntry, [audit.entry(ctx, asked.way, "stock_assembly", asked.id, after=facts)])
    writes.insert(OutboxEvent, [events.entry(ctx, told.ASSEMBLED, asked.id, facts)])
    outcome = await writes.send()
    if outcome.failed:
        raise refuse_short(outcome.results["stock_short"], {part.variant_id: part.name for part in out})
    if outcome.existed:
        raise IdempotencyConflict


def _goods(part: _Part, chosen: Mapping[UUID, Parts]) -> Goods:
    return Goods(
        part.variant_id, abs(part.quantity_milli), part.unit_cost_minor, part.id, part.min_stock_milli, part.tracking,
        chosen.get(part.id, ()),
    )  # fmt: skip


async def _leaving(ctx: Ctx, out: Sequence[_Part], location_id: UUID) -> Mapping[UUID, Parts]:
    """Say which units and batches go into the sets: what was named, else what expires first."""
    wanted = [part.wanted for part in out if part.tracking in TRACKED]
    picked = await pick(ctx, wanted, location_id, ctx.today())
    refuse_troubles(picked)
    return picked.parts


async def _arriving(ctx: Ctx, coming: Sequence[_Part]) -> Mapping[UUID, Parts]:
    """Say which units come out of the sets, where they were named; the rest has no name for now."""
    picked = await pick_back(ctx, [[Back(part.wanted)] for part in coming if part.named.serials], [])
    refuse_troubles(picked)
    return picked.parts
