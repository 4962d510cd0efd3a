"""To unpack: to say which units and batches came with the lines of a receipt."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.disputes import Disputes
from duka.platform.signs import without_unseen
from duka.purchasing.order_schemas import ReceiptLineIn
from duka.stock.actions import registering
from duka.stock.actions.parting import TRACKED
from duka.stock.actions.registering import Coming, NewBatch, Registered
from duka.stock.choosing import code_of
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
        batch = _batch_of(line)
        if line.accepted and (tracking in TRACKED or line.serials or batch):
            units = list(_units_of(line))
            coming.append(Coming(line.id, position, variant_id, tracking, line.accepted, units, batch))
    return await registering.register(ctx, coming, location_id, disputes=disputes)


def _batch_of(line: ReceiptLineIn) -> NewBatch | None:
    """Read which batch came; a number of unseen signs only, which a register may have recorded, names none."""
    number = without_unseen(line.batch.number) if line.batch and line.batch.number else None
    return NewBatch(number or None, line.batch.expires_on) if line.batch and (number or line.batch.expires_on) else None


def _units_of(line: ReceiptLineIn) -> Iterator[list[str]]:
    """Read which pieces came, likewise."""
    for serials in units_of(line.serials):
        legible = [serial for serial in serials if code_of(serial)]
        if legible:
            yield legible
