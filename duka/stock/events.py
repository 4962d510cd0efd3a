"""What stock tells the others through the outbox."""

from typing import Final

LOW: Final = "stock.low"
"""A variant fell to its warning level at a location, or below it: `variant_id`, `location_id`, `branch_id`,
`quantity_milli`, `min_stock_milli`. The entity is the variant. Once for each crossing."""

ADJUSTED: Final = "stock.adjusted"
"""Stock was corrected by hand: `variant_id`, `location_id`, `quantity_milli` (the change), `reason`."""

ADJUSTMENT_REQUESTED: Final = "stock.adjustment_requested"
"""A correction above the shop's limit waits for approval: facts as for `stock.adjusted`."""
