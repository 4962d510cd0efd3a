"""The shop's logo: the picture at the head of its receipts and invoices."""

import asyncio
import hashlib
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from duka.platform import audit, events, pictures
from duka.platform.context import Ctx
from duka.platform.errors import NotFound, ValidationError
from duka.shops.models import Logo
from duka.shops.profile.actions import need_the_whole_shop

_HASH_DIGITS: Final = 16


async def get(ctx: Ctx) -> Logo:
    """Give the logo with its bytes. NotFound where the shop has none."""
    logo = (await ctx.db.scalars(select(Logo))).one_or_none()
    if logo is None:
        raise NotFound(what="logo")
    return logo


async def hash_of(ctx: Ctx) -> str | None:
    """Say which logo the shop has, by its hash; None where it has none."""
    return (await ctx.db.scalars(select(Logo.hash))).one_or_none()


async def put(ctx: Ctx, file: bytes) -> str:
    """Give the shop a logo, or another one; it is kept as it was sent. Gives its hash.

    The same one again changes nothing. ValidationError for what is no PNG or JPEG that papers can carry; Forbidden for
    somebody bound to one branch.
    """
    need_the_whole_shop(ctx)
    wrong, kind = await asyncio.to_thread(pictures.fault, file), pictures.media_type(file)
    if wrong or kind is None:
        raise ValidationError(fields={"file": [wrong or "Send a PNG or JPEG picture."]})
    before, after = await hash_of(ctx), hashlib.sha256(file).hexdigest()[:_HASH_DIGITS]
    if before != after:
        kept = {"media_type": kind, "content": file, "hash": after, "set_at": ctx.now}
        fresh = insert(Logo).values(shop_id=ctx.shop_id, **kept)
        await ctx.db.execute(fresh.on_conflict_do_update(index_elements=["shop_id"], set_=kept))
        _tell(ctx, before, after)
    return after


async def remove(ctx: Ctx) -> None:
    """Take the logo off the shop's papers; where there is none nothing changes. Forbidden for somebody bound to one
    branch."""
    need_the_whole_shop(ctx)
    gone = delete(Logo).where(Logo.shop_id == ctx.shop_id).returning(Logo.hash)
    before = (await ctx.db.execute(gone)).scalar_one_or_none()
    if before is not None:
        _tell(ctx, before, None)


def _tell(ctx: Ctx, before: str | None, after: str | None) -> None:
    audit.record(ctx, "update", "shop", ctx.shop_id, before={"logo": before}, after={"logo": after})
    events.emit(ctx, "shop.updated", ctx.shop_id)
