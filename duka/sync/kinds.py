"""Which things an event touched: from the names of events to the ids of rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

SMALL: Final = (
    "settings", "branch", "register", "staff", "group", "tax_class", "cart", "exception_count", "notification_count",
)  # fmt: skip
"""Kinds with few rows: a first load gives them all at once, at its beginning."""
LARGE: Final = ("item", "stock", "customer", "sale")
"""Kinds that a first load gives page by page, in this order."""
KINDS: Final = (*SMALL, *LARGE)

PERMISSIONS: Final[Mapping[str, str]] = {
    "settings": "profile:read", "branch": "profile:read", "register": "profile:read", "staff": "profile:read",
    "group": "groups:read", "tax_class": "taxes:read", "cart": "sales:create", "exception_count": "exceptions:read",
    "notification_count": "notifications:read", "item": "products:read", "stock": "stock:read",
    "customer": "customers:read", "sale": "sales:read",
}  # fmt: skip
"""Without it a person gets no row of the kind. Of branches, tills and staff everybody gets at least their own."""

_DOCUMENTS: Final = frozenset({"sale", "credit_note", "debit_note"})
_DIRECT: Final[Mapping[str, str]] = {
    "product": "products", "group": "groups", "tax_class": "tax_classes", "customer": "customers", "staff": "staff",
    "role": "roles", "branch": "branches", "location": "locations", "register": "registers", "cart": "carts",
}  # fmt: skip
_MOVES: Final = frozenset({
    "stock.adjusted", "stock.transferred", "stock.counted", "stock.told_apart", "stock.reserved", "stock.released",
    "stock.assembled",
    "goods_receipt.posted", "supplier_return.posted",
})  # fmt: skip
"""Events of documents that move goods by themselves or have some put aside, or (`stock.told_apart`) of a variant of
whose goods it was told which they are."""
_LEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "products": ("item",), "groups": ("group",), "tax_classes": ("tax_class",), "customers": ("customer",),
    "staff": ("staff",), "roles": ("staff",), "branches": ("branch",), "locations": ("branch",),
    "registers": ("register",), "carts": ("cart",), "sales": ("sale", "customer"),
    "documents": ("stock", "register"),
}  # fmt: skip
_BY_NAME: Final[Mapping[str, str]] = {
    "shop": "settings", "exception": "exception_count", "document": "exception_count",
    "notification": "notification_count",
}  # fmt: skip


@dataclass(slots=True)
class Touched:
    """Ids of the things that some events are about, and the kinds of rows to look at.

    `documents` are whatever moves goods or takes a number: sales, notes, stock adjustments, transfers, counts,
    assemblies, goods receipts and returns to suppliers.
    """

    products: set[UUID] = field(default_factory=set)
    groups: set[UUID] = field(default_factory=set)
    tax_classes: set[UUID] = field(default_factory=set)
    customers: set[UUID] = field(default_factory=set)
    staff: set[UUID] = field(default_factory=set)
    roles: set[UUID] = field(default_factory=set)
    branches: set[UUID] = field(default_factory=set)
    locations: set[UUID] = field(default_factory=set)
    registers: set[UUID] = field(default_factory=set)
    carts: set[UUID] = field(default_factory=set)
    sales: set[UUID] = field(default_factory=set)
    documents: set[UUID] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)

    def ids(self, name: str) -> list[UUID]:
        """Give the ids of one kind of thing, as a list for a statement."""
        found: set[UUID] = getattr(self, name)
        return list(found)


def touched(events: Iterable[Any]) -> Touched:
    """Say what events (rows with `event`, `entity_id` and `facts`) touched. An event of no kind here touches nothing
    that devices keep."""
    found = Touched()
    for row in events:
        subject = row.event.partition(".")[0]
        if subject in _DIRECT:
            getattr(found, _DIRECT[subject]).add(row.entity_id)
        elif subject in _DOCUMENTS:
            found.documents.add(row.entity_id)
            sale = row.entity_id if subject == "sale" else row.facts.get("sale_id")
            if sale:
                found.sales.add(UUID(str(sale)))
            if row.facts.get("customer_id"):
                found.customers.add(UUID(str(row.facts["customer_id"])))
        elif row.event in _MOVES:
            found.documents.add(row.entity_id)
        elif subject in _BY_NAME:
            found.kinds.add(_BY_NAME[subject])
    for name, kinds in _LEADS.items():
        if getattr(found, name):
            found.kinds.update(kinds)
    return found
