"""What stock tells the others through the outbox."""

from typing import Final

LOW: Final = "stock.low"
"""A variant fell to its warning level at a location, or below it: `variant_id`, `location_id`, `branch_id`,
`quantity_milli`, `min_stock_milli`. The entity is the variant. Once for each crossing."""

ADJUSTED: Final = "stock.adjusted"
"""Stock was corrected by hand: `variant_id`, `location_id`, `quantity_milli` (the change), `reason`."""

ADJUSTMENT_REQUESTED: Final = "stock.adjustment_requested"
"""A correction above the shop's limit waits for approval: facts as for `stock.adjusted`."""

TRANSFERRED: Final = "stock.transferred"
"""A transfer took a step: `step`, `state`, `from_location_id`, `to_location_id`. The entity is the transfer."""

ASSEMBLED: Final = "stock.assembled"
"""Sets were built of their components, or taken apart: `variant_id`, `location_id`, `quantity_milli` (below zero for
what was taken apart). The entity is the assembly."""

COUNTED: Final = "stock.counted"
"""A part of a count was posted, or it was begun, reviewed or called off: `state`, `location_id`. The entity is the
count."""

RESERVED: Final = "stock.reserved"
"""Goods were put aside: `purpose`, `location_id`. The entity is the document they are for."""

RELEASED: Final = "stock.released"
"""What was put aside was handed over, or is for sale again: `purpose`, `location_id`, `state` (`taken`, `released`,
`expired`). The entity is the document it was for."""

TOLD_APART: Final = "stock.told_apart"
"""Goods that stood at a location without a serial number or batch got theirs, or missing ones were named:
`location_id`. The entity is the variant."""

EXPIRING: Final = "stock.expiring"
"""The last day of a batch comes soon, or is over, and some of it is left in a branch: `variant_id`, `number`,
`expires_on`, `branch_id`, `quantity_milli`. The entity is the batch. Once for each batch and branch that has some."""
