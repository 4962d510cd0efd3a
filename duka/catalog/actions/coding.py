"""Barcodes of the shop's own for goods that came without one."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from duka.catalog import codes, shelf
from duka.catalog.actions import editing, products
from duka.catalog.models import Variant
from duka.platform import db
from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.shops import settings

CODES_AT_ONCE: Final = 500
"""Variants that get their codes in one request."""

_PREFIXES: Final = ("29", "28", "27", "26", "25", "24", "23", "22", "21", "20")
_NUMBERS: Final = 10**10
_SPARE: Final = 3


@dataclass(frozen=True, slots=True)
class Coded:
    """A variant and the barcode it has now; `made` says that it got it this time."""

    variant_id: UUID
    barcode: str
    made: bool


async def give_codes(ctx: Ctx, variant_ids: Sequence[UUID]) -> list[Coded]:
    """Give an EAN-13 of the shop's own to each of these variants that has no barcode; the others keep theirs.

    The numbers begin with 20 to 29, which GS1 leaves to shops (General Specifications 2.1.11), and not with what the
    shop's scales begin theirs with. NotFound where a variant is not there.
    """
    wanted = list(dict.fromkeys(variant_ids))
    found = (await ctx.db.execute(
        select(Variant.id, Variant.product_id).where(Variant.id.in_(wanted), Variant.deleted_at.is_(None))
    )).all()  # fmt: skip
    if len(found) < len(wanted):
        raise NotFound(what="variant")
    items = await shelf.items_to_change(ctx, sorted({row.product_id for row in found}))
    variants = {variant.id: (item, variant) for item in items.values() for variant in item.variants}
    if not variants.keys() >= set(wanted):
        raise NotFound(what="variant")
    bare = [variant_id for variant_id in wanted if variants[variant_id][1].barcode is None]
    made = await _free_codes(ctx, bare)
    async with db.refusing(ctx, products.REFUSALS):
        for variant_id, barcode in made.items():
            item, variant = variants[variant_id]
            editing.change(ctx, item, {}, variant, {"barcode": barcode})
    return [Coded(each, variants[each][1].barcode or "", each in made) for each in wanted]


async def _free_codes(ctx: Ctx, variant_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Choose a code that nothing in the shop has for each variant: the first free one counting from its id's number."""
    prefix = _own_prefix(settings.of(ctx).scale_codes)
    runs = {each: [_numbered(prefix, each, step) for step in range(_SPARE)] for each in variant_ids}
    asked = [code for run in runs.values() for code in run]
    taken = {*(await shelf.standing(ctx, [], asked, [], [])).barcodes} if asked else set()
    chosen: dict[UUID, str] = {}
    for variant_id, run in runs.items():
        code = next(_free(run, taken))
        taken.add(code)
        chosen[variant_id] = code
    return chosen


def _free(run: Sequence[str], taken: Collection[str]) -> Iterator[str]:
    # A number is one of ten thousand million: that three in a row are taken does not happen in a shop's life.
    return (code for code in run if code not in taken)


def _own_prefix(scale_codes: Collection[str]) -> str:
    """Give the prefix of the shop's own codes: the highest that no scale uses."""
    scales = {pattern[:2] for pattern in scale_codes}
    return next((each for each in _PREFIXES if each not in scales), _PREFIXES[0])


def _numbered(prefix: str, variant_id: UUID, step: int) -> str:
    number = (int.from_bytes(variant_id.bytes[-8:]) + step) % _NUMBERS
    body = f"{prefix}{number:010d}"
    return body + codes.check_digit(f"{body}0")
