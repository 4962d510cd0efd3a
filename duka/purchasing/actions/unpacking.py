"""To unpack: to say which units and batches came with the lines of a receipt."""

from collections.abc import Sequence
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.disputes import Disputes
from duka.purchasing.order_schemas import ReceiptLineIn
from duka.stock.actions import registering
from duka.stock.actions.parting import TRACKED
from duka.stock.actions.registering import Coming, NewBatch, Registered
from duka.stock.schemas import units_of


async def unpack(
    ctx: Ctx, lines: Sequence[tuple[ReceiptLineIn, UUID, str]], location_id: UUID, disputes: Disputes
) -> Registered:
    """Register what was accepted of each line, with its variant and how that is followed. The balances are held.

    No statement for goods that are all alike. For `disputes`: NotTrackedSo, SerialsMismatch, BatchRequired,
    SerialsTaken, BatchExpiryDiffers.
    """
    coming = []
    for position, (line, variant_id, tracking) in enumerate(lines):
        batch = NewBatch(line.batch.number, line.batch.expires_on) if line.batch else None
        if line.accepted and (tracking in TRACKED or line.serials or batch):
            units = units_of(line.serials)
            coming.append(Coming(line.id, position, variant_id, tracking, line.accepted, units, batch))
    return await registering.register(ctx, coming, location_id, disputes=disputes)
