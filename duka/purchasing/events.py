"""What purchasing tells the others through the outbox. No fact is a personal value."""

from typing import Final

SUPPLIER_CREATED: Final = "supplier.created"
SUPPLIER_UPDATED: Final = "supplier.updated"
SUPPLIER_DELETED: Final = "supplier.deleted"
"""The entity is the supplier; `updated` names the changed `fields`."""

ORDER_STEPS: Final = {
    "request": "purchase_order.requested", "approve": "purchase_order.approved", "reject": "purchase_order.rejected",
    "order": "purchase_order.ordered", "cancel": "purchase_order.cancelled", "close": "purchase_order.closed",
    "receive": "purchase_order.received",
}  # fmt: skip
"""An order took a step: `supplier_id`, `branch_id`, `state`. The entity is the order."""
ORDER_UPDATED: Final = "purchase_order.updated"

REORDERED: Final = "purchase_order.reordered"
"""Of what ran low an order was made, or its draft grew: `supplier_id`, `branch_id`, `lines` that were added."""

CONFIRMED: Final = "purchase_order.confirmed"
"""The supplier said what comes and when: `supplier_id`, `branch_id`, and how many lines come `short` or `late`."""

RECEIVED: Final = "goods_receipt.posted"
"""Goods came in: `supplier_id`, `order_id`, `location_id`, `branch_id`. The entity is the receipt."""

BILLED: Final = "supplier_bill.posted"
PAID: Final = "supplier_payment.posted"
RETURNED: Final = "supplier_return.posted"
"""A supplier billed, was paid, took goods back: `supplier_id`, `amount_minor`. The entity is the document."""
