"""What a shop may do so many times a day, counted where every process sees it: messages that cost the operator."""

from datetime import UTC
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from duka.platform.context import Ctx
from duka.shops.models import Attempts


async def count_today(ctx: Ctx, kind: str, subject: str, most: int) -> bool:
    """Count one more of a kind against a subject, by the day (UTC); False when `most` were counted already.

    Shops share the subjects: who counts against a document names the shop with it (`of_shop`). It needs the transaction
    of the platform role, and counts only if that commits.
    """
    day = ctx.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    counted = insert(Attempts).values(kind=kind, subject=subject, window_start=day, count=1)
    guarded = counted.on_conflict_do_update(
        index_elements=[Attempts.kind, Attempts.subject, Attempts.window_start],
        set_={"count": Attempts.count + 1}, where=Attempts.count < most,
    ).returning(Attempts.count)  # fmt: skip
    return (await ctx.db.execute(guarded)).scalar_one_or_none() is not None


def of_shop(ctx: Ctx, document_id: UUID) -> str:
    """Name a document of a shop as a subject: its id is made by clients, and another shop may use the same."""
    return f"{ctx.shop_id}:{document_id}"
