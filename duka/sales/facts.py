"""What a sale needs to know before it is made, asked of every domain below in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.catalog.queries import ask_prices
from duka.catalog.rules import Tax, TaxRate, TaxTreatment, taxes_in_force
from duka.catalog.sets import SetComponent, ask_components, components
from duka.customers.queries import ask_customer
from duka.payments.queries import ask_open_session, ask_session
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.errors import DukaError, NotFound
from duka.platform.reads import Reads
from duka.sales.schemas import SaleIn
from duka.shops import settings
from duka.shops.queries import ask_approver, ask_seller, ask_till
from duka.stock.rules import value_minor


@dataclass(eq=False)
class RegisterNotUsable(DukaError):
    """The register is closed, belongs to another branch than the caller's, or its branch has no showroom."""

    text: ClassVar[str] = "This register cannot sell: {reason}."
    reason: str


@dataclass(frozen=True, slots=True)
class Till:
    """Where the sale is made."""

    register_id: UUID
    code: str
    numbered_here: bool
    """A `server` register: its documents get their numbers from the server."""
    branch_id: UUID
    location_id: UUID
    session_id: UUID | None
    business_date: date
    state_code: str | None
    country: str
    closed_at: datetime | None = None
    replaced_at: datetime | None = None
    """Since when the register's device is another one, which got a register of its own."""


@dataclass(frozen=True, slots=True)
class Ware:
    """A variant as the catalogue has it at the moment of the sale. Prices in minor units."""

    variant_id: UUID
    name: str
    unit: str
    hsn: str | None
    stocked: bool
    tracking: str
    active: bool
    tax_class_id: UUID
    price_minor: int | None
    tax_included: bool
    cost_minor: int
    min_stock_milli: int
    treatment: TaxTreatment
    rates: tuple[TaxRate, ...]
    components: tuple[SetComponent, ...] = ()
    """Of a set that is taken from its components when it is sold."""


@dataclass(frozen=True, slots=True)
class TaxClassFacts:
    """A tax class, for an item that is not in the catalogue."""

    treatment: TaxTreatment
    rates: tuple[TaxRate, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known when the sale is made. `series` are the register's newest invoice series.

    `seller` is whom the sale names, with what their role may do; `approver` whose PIN the till says has allowed the
    discount (counted from the till itself only: a person could name anybody). `session_unknown` says that the sale
    names a register session that is not there (yet), `session_closed` that its drawer was counted; `set_aside` why the
    very same bytes were set aside before.
    """

    till: Till
    wares: Mapping[UUID, Ware]
    tax_classes: Mapping[UUID, TaxClassFacts]
    customer: Mapping[str, Any] | None
    series: Sequence[Mapping[str, Any]]
    existing: Mapping[str, Any] | None
    owed_minor: int
    seller: Mapping[str, Any] | None = None
    approver: Mapping[str, Any] | None = None
    session_unknown: bool = False
    session_closed: bool = False
    set_aside: str | None = None

    def taxes(self, of: Ware | TaxClassFacts, place_of_supply: str | None) -> tuple[Tax, ...]:
        """Give the taxes in force for goods on the sale's business day."""
        return taxes_in_force(
            of.treatment, of.rates, self.till.business_date, seller_state=self.till.state_code,
            place_of_supply=place_of_supply,
        )  # fmt: skip


_EXISTING: Final = "SELECT encode(body_hash, 'hex') AS body_hash FROM sales WHERE shop_id = %(shop)s AND id = %(sale)s"
_OWED: Final = """
SELECT coalesce(sum(total_minor + debited_minor - paid_minor - credited_minor), 0) AS owed_minor FROM sales
WHERE shop_id = %(shop)s AND customer_id = %(owing)s AND state = 'completed'
    AND paid_minor + credited_minor < total_minor + debited_minor
"""
_DEBTOR: Final = "SELECT 1 FROM customers WHERE shop_id = %(shop)s AND id = %(debtor)s FOR NO KEY UPDATE"
_SET_ASIDE: Final = """
SELECT reason FROM quarantined_documents WHERE shop_id = %(shop)s AND body_hash = %(set_aside_body)s
"""
_SOME_LOCATION: Final = """
SELECT id FROM locations WHERE shop_id = %(shop)s AND branch_id = %(branch)s
ORDER BY kind = 'showroom' DESC, active DESC, id LIMIT 1
"""


async def gather(ctx: Ctx, sale: SaleIn, *, repeatable: bool = False) -> Facts:
    """Ask everything about a sale at once. NotFound for a register or customer the shop does not have;
    RegisterNotUsable for a register that may not sell.

    Where it is `repeatable` and stands already, nothing of this is refused: whoever asks again gets the first answer.
    """
    await hold_debtor(ctx, sale)
    reads = Reads(ctx)
    register_id = sale.register_id or ctx.register_id
    today = sale.business_date or ctx.today(settings.of(ctx).day_start_minutes)
    ask_till(reads, register_id, ctx.branch_id, "invoice", hold=sale.invoice is not None)
    ask_open_session(reads, register_id)
    variants = [line.variant_id for line in sale.lines if line.variant_id]
    named = (line.item.tax_class_id if line.item else line.tax_class_id for line in sale.lines)
    classes = [tax_class_id for tax_class_id in named if tax_class_id]
    # A session's business day may be a day earlier than today: rates up to tomorrow are asked, the day decides later.
    ask_prices(reads, variants, classes, ctx.now, today + timedelta(days=1))
    ask_components(reads)
    reads.ask("existing", _EXISTING, sale=sale.id)
    if sale.staff_id:
        ask_seller(reads, sale.staff_id)
    if sale.approved_by and ctx.actor == "register":
        ask_approver(reads, sale.approved_by)
    if sale.register_session_id:
        ask_session(reads, sale.register_session_id)
    if ctx.actor == "register":
        reads.ask("set_aside", _SET_ASIDE, set_aside_body=ctx.body_hash)
    if sale.customer_id:
        ask_customer(reads, sale.customer_id)
        if may_owe(sale):
            reads.ask("owed", _OWED, owing=sale.customer_id)
    answers = await reads.send()
    existing = next(iter(answers["existing"]), None)
    happened = ctx.recording or (repeatable and existing is not None)
    if happened:
        await _find_location(ctx, answers["till"])
    till = read_till(
        ctx, answers["till"], answers["open_session"], today, day=sale.business_date,
        session_id=sale.register_session_id, happened=happened,
    )  # fmt: skip
    session = next(iter(answers.get("claimed_session", ())), None)
    session_unknown = sale.register_session_id is not None and session is None
    if session_unknown or (ctx.recording and sale.register_session_id is None):
        till = replace(till, session_id=None)  # what is open now is not what was open when it happened
    customer = next(iter(answers.get("customer", ())), None)
    if sale.customer_id and customer is None and not happened:
        raise NotFound(what="customer")
    return Facts(
        till=till,
        wares=_wares(answers["prices"], components(answers["components"])),
        tax_classes={UUID(row["tax_class_id"]): _tax_class(row) for row in answers.get("tax_classes", ())},
        customer=customer,
        series=answers["series"],
        existing=existing,
        owed_minor=sum(row["owed_minor"] for row in answers.get("owed", ())),
        seller=next(iter(answers.get("seller", ())), None),
        approver=next(iter(answers.get("approver", ())), None),
        session_unknown=session_unknown,
        session_closed=bool(session and session["closed_at"]),
        set_aside=next((row["reason"] for row in answers.get("set_aside", ())), None),
    )


def may_owe(sale: SaleIn) -> bool:
    """Say whether a sale may leave something to pay on its customer's account: it asks for that, or its register has
    issued the invoice of a sale that is not paid in full."""
    unpaid = sale.total is not None and sum(payment.amount for payment in sale.payments) < sale.total
    return sale.on_account or (sale.invoice is not None and unpaid)


async def hold_debtor(ctx: Ctx, sale: SaleIn) -> None:
    """Hold the row of a customer who may owe more after a sale, so that two sales at once do not both count on what is
    left of one limit. Before stock and series, as every lock of a customer."""
    if sale.customer_id and may_owe(sale):
        await fetch(ctx, _DEBTOR, {"debtor": sale.customer_id})


async def _find_location(ctx: Ctx, tills: Sequence[dict[str, Any]]) -> None:
    """Let goods that were sold already leave some location, where the branch has no showroom any more."""
    for row in tills:
        if row["location_id"] is None:
            for (location_id,) in await fetch(ctx, _SOME_LOCATION, {"branch": row["branch_id"]}):
                row["location_id"] = str(location_id)


def read_till(ctx: Ctx, rows: Sequence[Mapping[str, Any]], sessions: Sequence[Mapping[str, Any]], today: date, *,
              day: date | None, session_id: UUID | None, happened: bool | None = None) -> Till:
    """Read the till that `shops.queries.ask_till` and `payments.queries.ask_open_session` asked for.

    `day` and `session_id` are what the document claims; else the open session's, else `today`. What `happened` (left
    out: what is recorded) may be of a closed register. NotFound for another shop's or branch's register,
    RegisterNotUsable.
    """
    if not rows:
        raise NotFound(what="register")
    row = rows[0]
    branch_id = UUID(row["branch_id"])
    if ctx.branch_id not in (None, branch_id):
        raise NotFound(what="register")
    if row["closed_at"] and not (ctx.recording if happened is None else happened):
        raise RegisterNotUsable("it is closed")
    if row["location_id"] is None:
        raise RegisterNotUsable("its branch has no showroom")
    session = next(iter(sessions), None)
    return Till(
        register_id=UUID(row["register_id"]), code=row["code"], numbered_here=row["kind"] == "server",
        branch_id=branch_id, location_id=UUID(row["location_id"]),
        session_id=session_id or (UUID(session["id"]) if session else None),
        business_date=day or (date.fromisoformat(session["business_date"]) if session else today),
        state_code=row["state_code"], country=row["country"], closed_at=_moment(row["closed_at"]),
        replaced_at=_moment(row["replaced_at"]),
    )  # fmt: skip


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _wares(rows: Sequence[Mapping[str, Any]], made_of: Mapping[UUID, tuple[SetComponent, ...]]) -> dict[UUID, Ware]:
    wares = (_ware(row, made_of.get(UUID(row["variant_id"]), ())) for row in rows)
    return {ware.variant_id: ware for ware in wares}


def _ware(row: Mapping[str, Any], made_of: tuple[SetComponent, ...]) -> Ware:
    stocked = row["kind"] == "goods" and row["tracking"] != "none"
    made_of = () if stocked else made_of  # a set with a stock of its own was built beforehand
    cost = sum(value_minor(each.quantity_milli, each.cost_minor) for each in made_of)
    return Ware(
        variant_id=UUID(row["variant_id"]), name=row["name"], unit=row["unit"], hsn=row["hsn"],
        stocked=stocked,
        tracking=row["tracking"], active=row["active"],
        tax_class_id=UUID(row["tax_class_id"]), price_minor=row["price_minor"],
        tax_included=bool(row["tax_included"]), cost_minor=cost if made_of else row["cost_minor"] or 0,
        min_stock_milli=row["min_stock_milli"], treatment=row["treatment"], rates=_rates(row["rates"]),
        components=made_of,
    )  # fmt: skip


def _tax_class(row: Mapping[str, Any]) -> TaxClassFacts:
    return TaxClassFacts(row["treatment"], _rates(row["rates"]))


def _rates(rows: Sequence[Mapping[str, Any]]) -> tuple[TaxRate, ...]:
    return tuple(
        TaxRate(row["kind"], row["code"], row["rate_bp"], date.fromisoformat(row["valid_from"])) for row in rows
    )
