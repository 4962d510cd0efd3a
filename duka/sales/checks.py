"""Where a sale says it was made, by whom, when and to whom: what of it does not agree with what the shop knows.

Asked for, the first disagreement refuses the sale; recorded, it happened: each becomes an exception to settle. Only a
document that is not its register's own, or lacks what its register must give, is damaged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.disputes import Disputes
from duka.platform.errors import DukaError, NotFound
from duka.platform.ids import check_made
from duka.sales.facts import Facts, RegisterNotUsable
from duka.sales.rows import readable_phone
from duka.sales.schemas import PaymentIn, SaleIn
from duka.shops.registers.claims import DeliveredLate, check_day


@dataclass(eq=False)
class WrongRegister(DukaError):
    """A register's credential delivers that register's own documents and nothing else."""

    text: ClassVar[str] = "This document belongs to another register."
    damaged: ClassVar[bool] = True
    register_id: UUID


@dataclass(eq=False)
class NumberRequired(DukaError):
    """A register that numbers its own documents must give the number, the business day and the total."""

    text: ClassVar[str] = "This register numbers its own documents: send {field}."
    damaged: ClassVar[bool] = True
    field: str


@dataclass(eq=False)
class NumberNotYours(DukaError):
    """The number is given by the server here, or it has another register's code."""

    text: ClassVar[str] = "This register cannot give that number: leave out {field}, or send its own."
    damaged: ClassVar[bool] = True
    field: str


@dataclass(eq=False)
class SellerUnknown(NotFound):
    """The shop has nobody with the id under `staff_id`."""

    what: str = "member of staff"
    staff_id: UUID | None = None


@dataclass(eq=False)
class SellerNotActive(DukaError):
    """Whoever sold is suspended or has left the shop."""

    text: ClassVar[str] = "{name} does not work in this shop at present."
    staff_id: UUID
    name: str
    staff_status: str


@dataclass(eq=False)
class CustomerUnknown(NotFound):
    """The shop has no customer with the id under `customer_id`."""

    what: str = "customer"
    customer_id: UUID | None = None


@dataclass(eq=False)
class SessionUnknown(NotFound):
    """The register has no session with the id under `register_session_id`."""

    what: str = "register session"
    register_session_id: UUID | None = None
    register_id: UUID | None = None
    """The register whose session it would be."""


@dataclass(eq=False)
class PhoneUnreadable(DukaError):
    """What was typed as the buyer's phone is no phone number."""

    text: ClassVar[str] = "The buyer's phone is not a phone number. Write it with its country code."
    field: str = "customer.phone"


def check_register(ctx: Ctx, register_id: UUID | None) -> None:
    """Refuse what a register delivers for another one. WrongRegister."""
    if ctx.actor == "register" and register_id not in (None, ctx.register_id):
        assert register_id
        raise WrongRegister(register_id)


def check_payment_ids(ctx: Ctx, payments: Sequence[PaymentIn]) -> None:
    """Check that payments have ids that sort by time. ValidationError, unless recorded."""
    for place, payment in enumerate(payments):
        check_made(ctx, payment.id, f"payments.{place}.id")


def check(ctx: Ctx, sale: SaleIn, facts: Facts, disputes: Disputes) -> None:
    """Check all that a sale claims about itself but its lines and money.

    NumberRequired and NumberNotYours always refuse, and ids that do not sort by time where it is asked; everything else
    is for `disputes`.
    """
    check_made(ctx, sale.id)
    check_payment_ids(ctx, sale.payments)
    _check_till(sale, facts, disputes)
    check_day(ctx, facts.till.business_date, disputes, anyway=ctx.may("sales:override"))
    if sale.staff_id and facts.seller is None:
        disputes.add(SellerUnknown(staff_id=sale.staff_id))
    elif sale.staff_id and facts.seller and facts.seller["status"] != "active":
        disputes.add(SellerNotActive(sale.staff_id, facts.seller["name"], facts.seller["status"]))
    if sale.customer_id and facts.customer is None:
        disputes.add(CustomerUnknown(customer_id=sale.customer_id))
    if facts.session_unknown:
        disputes.add(
            SessionUnknown(register_session_id=sale.register_session_id, register_id=facts.till.register_id)
        )
    phone = sale.customer.phone if sale.customer else None
    if phone and readable_phone(phone, facts.till.country) is None:
        disputes.add(PhoneUnreadable())


def _check_till(sale: SaleIn, facts: Facts, disputes: Disputes) -> None:
    till = facts.till
    if till.numbered_here:
        given = next((name for name in ("invoice", "number") if getattr(sale, name) is not None), None)
        if given:
            raise NumberNotYours(given)
    else:
        missing = next((name for name in ("business_date", "total") if getattr(sale, name) is None), None)
        if missing:
            raise NumberRequired(missing)
        if sale.number and sale.number.partition("-")[0] != till.code:
            raise NumberNotYours("number")
    if till.closed_at:
        disputes.add(RegisterNotUsable("it is closed"))
    elif till.replaced_at:
        disputes.add(DeliveredLate(till.replaced_at, sale.made_at))
    series = next((row for row in facts.series if sale.invoice and row["code"] == sale.invoice.code
                   and row["financial_year"] == sale.invoice.financial_year), None)
    if series and series["closed_at"]:
        disputes.add(RegisterNotUsable("its number series is closed"))
