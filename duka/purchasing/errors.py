"""What can go wrong in buying, said as classes named for what happened."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from duka.platform.errors import DukaError, NotFound


@dataclass(eq=False)
class SupplierNotFound(NotFound):
    """The shop has no such supplier."""

    damaged: ClassVar[bool] = True
    what: str = "supplier"


@dataclass(eq=False)
class OrderNotFound(NotFound):
    """The shop has no such purchase order, or it is another branch's."""

    what: str = "purchase order"
    order_id: UUID | None = None


@dataclass(eq=False)
class ReceiptNotFound(NotFound):
    """The shop has no such goods receipt, or it is another branch's."""

    what: str = "goods receipt"


@dataclass(eq=False)
class SupplierRefTaken(DukaError):
    """Another supplier has this number of the other system."""

    text: ClassVar[str] = "Another supplier has the reference {external_ref}."
    external_ref: str


@dataclass(eq=False)
class SupplierHasDocuments(DukaError):
    """Orders, receipts, bills or payments name the supplier, so it must stay."""

    text: ClassVar[str] = "Documents name this supplier, so it must stay. Deactivate it instead."


@dataclass(eq=False)
class SupplierInactive(DukaError):
    """Nothing new is bought from a supplier that was deactivated."""

    text: ClassVar[str] = "This supplier is deactivated. Activate it first, or choose another one."


@dataclass(eq=False)
class SupplierRequired(DukaError):
    """What comes without an order must say from whom."""

    damaged: ClassVar[bool] = True
    text: ClassVar[str] = "Say with supplier_id who delivered this, or with order_id which order it belongs to."


@dataclass(eq=False)
class SupplierOfOrder(DukaError):
    """The order was placed with another supplier."""

    text: ClassVar[str] = "The order was placed with another supplier."


@dataclass(eq=False)
class PlaceRequired(DukaError):
    """The shop has several showrooms (or none) and the location was not named."""

    damaged: ClassVar[bool] = True
    text: ClassVar[str] = "Say with location_id where the goods are to stand."


@dataclass(eq=False)
class GoodsUnknown(NotFound):
    """Some lines name goods that the shop does not have; `variant_ids` says which."""

    what: str = "item"
    variant_ids: tuple[UUID, ...] = ()


@dataclass(eq=False)
class NoStockKept(DukaError):
    """Some lines name services, or goods whose quantity the shop does not follow."""

    text: ClassVar[str] = "The shop keeps no stock of: {names}."
    names: str


@dataclass(eq=False)
class LinesLeftOut(DukaError):
    """Some lines of goods that were received already could not be taken into stock: the shop has no such goods, or
    keeps no stock of them. `lines` says what they were."""

    text: ClassVar[str] = "Some of what was received could not be taken into stock."
    lines: list[dict[str, Any]]


@dataclass(eq=False)
class NothingKnown(DukaError):
    """Of nothing that was received the shop keeps stock."""

    text: ClassVar[str] = "The shop knows nothing of what was received."
    damaged: ClassVar[bool] = True


@dataclass(eq=False)
class UnitsOfAnother(DukaError):
    """Some of the named pieces came with another receipt than the one they are sent back of; `units` says which, and
    the receipt of each."""

    text: ClassVar[str] = "Some of these pieces came with another receipt. Send them back from there."
    units: list[dict[str, Any]]


@dataclass(eq=False)
class PlaceUnknown(DukaError):
    """Goods were received at a location that the shop does not have (any more)."""

    text: ClassVar[str] = "The location where this was received is not known."
    location_id: UUID


@dataclass(eq=False)
class OrderStepNotAllowed(DukaError):
    """An order in this state cannot take the step."""

    text: ClassVar[str] = "This order is {state}: the step “{step}” is not possible now."
    state: str
    step: str


@dataclass(eq=False)
class OrderPartReceived(DukaError):
    """Some of the order has come in already, so it cannot be cancelled any more."""

    text: ClassVar[str] = "Some of this order has come in already. Close it instead: nothing more is awaited then."


@dataclass(eq=False)
class NotOnOrder(DukaError):
    """Some lines are not among the order's; `lines` says which, counted from 0."""

    text: ClassVar[str] = "Some lines are not on this order. Receive them without it, or name the order's line."
    lines: list[int]


@dataclass(eq=False)
class OverReceived(DukaError):
    """More came than was ordered and the shop's tolerance allows. `lines` names each with what may still come."""

    text: ClassVar[str] = "More than was ordered. Accept less, or reject what is too much."
    lines: list[dict[str, Any]]


@dataclass(eq=False)
class PriceUnknown(DukaError):
    """Some lines have no price, and the supplier has no last price for them; `lines` counts from 0."""

    text: ClassVar[str] = "Give a price for each line: this supplier's last price is not known for all of them."
    lines: list[int]


@dataclass(eq=False)
class NothingToLand(DukaError):
    """There are freight, duty or other costs, and nothing was accepted that could bear them."""

    text: ClassVar[str] = "Nothing was accepted that could bear freight, duty or other costs."
    costs: int


@dataclass(eq=False)
class BillNumberTaken(DukaError):
    """The supplier's invoice with this number was entered before."""

    text: ClassVar[str] = "The invoice {supplier_number} of this supplier was entered before."
    supplier_number: str


@dataclass(eq=False)
class OverBilled(DukaError):
    """More is billed than came in, was kept and is not billed yet. `lines` names each with what may still be billed."""

    text: ClassVar[str] = "More is billed than was received and not billed yet."
    lines: list[dict[str, Any]]


@dataclass(eq=False)
class OverReturned(DukaError):
    """More would go back than came in and did not go back yet. `lines` names each with what may still go back."""

    text: ClassVar[str] = "More would go back than was received."
    lines: list[dict[str, Any]]


@dataclass(eq=False)
class OverPaid(DukaError):
    """More than the supplier is owed, and not marked as paid in advance."""

    text: ClassVar[str] = "This is more than the supplier is owed. Say in_advance if it is meant."
    owed: int


@dataclass(eq=False)
class BranchRequired(DukaError):
    """The shop has several branches and the one that pays was not named."""

    text: ClassVar[str] = "Say with branch_id which branch this is for."


@dataclass(eq=False)
class BillNotFound(NotFound):
    """The shop has no such supplier bill, or it is another branch's."""

    what: str = "supplier bill"


@dataclass(eq=False)
class PaymentNotFound(NotFound):
    """The shop has no such payment to a supplier, or it is another branch's."""

    what: str = "supplier payment"


@dataclass(eq=False)
class ReturnNotFound(NotFound):
    """The shop has no such return to a supplier, or it is another branch's."""

    what: str = "supplier return"


@dataclass(eq=False)
class OrderLineNotFound(NotFound):
    """The order has no such line."""

    what: str = "line of the order"


@dataclass(eq=False)
class OrderLinkNotValid(DukaError):
    """The link never was, is over, or was withdrawn: nobody is told which."""

    status: ClassVar[int] = 404
    text: ClassVar[str] = "This link is no longer good. Ask the shop for a new one."


@dataclass(eq=False)
class ConfirmedTooOften(DukaError):
    """The order was confirmed so many times today that no more may."""

    status: ClassVar[int] = 429
    text: ClassVar[str] = "This order was confirmed {limit} times today. Try again tomorrow, or call the shop."
    limit: int


@dataclass(eq=False)
class SupplierUnreachable(DukaError):
    """The supplier has no e-mail address, and none was named."""

    text: ClassVar[str] = "This supplier has no e-mail address. Name one with to, or note it at the supplier."
