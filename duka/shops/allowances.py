"""What a shop may do so many times a day, counted where every process sees it: messages that cost the operator."""

from datetime import UTC

from sqlalchemy.dialects.postgresql import insert

from duka.platform.context import Ctx
from duka.shops.models import Attempts


async def count_today(ctx: Ctx, kind: str, subject: str, most: int) -> bool:
    """Count one more of a kind against a subject of the shop, by the day (UTC); False when `most` were counted already.

    It needs the transaction of the platform role, and counts only if that commits.
    """
    day = ctx.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    counted = insert(Attempts).values(kind=kind, subject=f"{ctx.shop_id}:{subject}", window_start=day, count=1)
    guarded = counted.on_conflict_do_update(
        index_elements=[Attempts.kind, Attempts.subject, Attempts.window_start],
        set_={"count": Attempts.count + 1}, where=Attempts.count < most,
    ).returning(Attempts.count)  # fmt: skip
    return (await ctx.db.execute(guarded)).scalar_one_or_none() is not None
