"""What sales tell the others through the outbox. The entity of a sale's events is the sale."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from duka.sales.life.states import StepName

CREATED: Final = "sale.created"
"""A sale was stored: `state`, `branch_id`, `total_minor`."""

SUBMITTED: Final = "sale.submitted"
"""A completed sale waits for somebody to review it: `branch_id`."""

EVENTS: Final[Mapping[StepName, str]] = MappingProxyType({
    "edit": "sale.updated",
    "pay": "sale.paid",
    "complete": "sale.completed",
    "cancel": "sale.cancelled",
    "credit": "sale.credited",
    "debit": "sale.debited",
    "approve": "sale.approved",
    "lock": "sale.locked",
    "reject": "sale.reversed",
    "reverse": "sale.reversed",
    "correct": "sale.reversed",
})  # fmt: skip
"""What each step in a sale's life tells: `state`, `branch_id`, and the ids of what was made with it."""

NOTE_ISSUED: Final = "credit_note.issued"
"""A credit note: `sale_id` (none where there was no receipt), `branch_id`, `total_minor`, `customer_id` where it is
known. The entity is the note."""

DEBIT_ISSUED: Final = "debit_note.issued"
"""A debit note: `sale_id`, `branch_id`, `total_minor`. The entity is the note."""
