"""Where a shop is: its country says how local phone and tax numbers are read."""

from collections import OrderedDict
from typing import Final
from uuid import UUID

from sqlalchemy import select

from duka.platform.context import Ctx
from duka.shops.models import Shop

_KNOWN_MAX: Final = 10_000
_known: OrderedDict[UUID, str] = OrderedDict()


async def country(ctx: Ctx) -> str:
    """Give the country of the context's shop (ISO 3166, two letters).

    Asked of the database once in a process: a shop's country is fixed when it is founded, because its currency,
    taxes and phone numbers follow from it.
    """
    found = _known.get(ctx.shop_id)
    if found is None:
        found = (await ctx.db.scalars(select(Shop.country))).one()
        _known[ctx.shop_id] = found
        if len(_known) > _KNOWN_MAX:
            _known.popitem(last=False)
    return found
