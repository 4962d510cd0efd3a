"""From what is stored to the paper a customer takes home: which facts, under which tax regime, in whose words.

What an invoice or note says is read from its canonical bytes, the very bytes its hash is taken of; the buyer, the
shop's own lines and the payments stand beside them.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.responses import Response

from duka.platform import quantity
from duka.platform.errors import DukaError
from duka.platform.i18n import gettext
from duka.platform.money import decimal_text, divide_half_up
from duka.platform.openapi import refusals
from duka.sales.invoices import gst_states
from duka.sales.invoices import pdf as invoice_pdf
from duka.sales.invoices.view import (
    BuyerBlock,
    Detail,
    HsnRow,
    InvoiceView,
    Kind,
    Layout,
    LineView,
    PaymentView,
    Regime,
    ShopBlock,
    TaxAmount,
    TaxTotal,
)
from duka.shops.queries import Letterhead
from duka.shops.settings import ShopSettings

Row = Mapping[str, Any]
Say = Callable[[str], str]

TAX_NUMBERS: Final = {"IN": "GSTIN", "UG": "TIN", "TZ": "TIN", "RW": "TIN", "KE": "PIN", "GB": "VAT no."}
"""What a country calls the number under which a business is taxed."""
_METHODS: Final = {
    "cash": "Cash", "mtn_momo": "MTN MoMo", "airtel_money": "Airtel Money", "card": "Card",
    "bank_transfer": "Bank transfer", "upi": "UPI", "other": "Other",
}  # fmt: skip
_HASH_SHOWN: Final = 16


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything a document's paper is made from.

    `content` is the canonical document read back, `units` what its lines are counted in, `named` of which pieces or
    batches each line is, where that was said: a warranty asks for it, the document's hash does not. `hash` is empty on
    a sale without invoice. `payments` are those of the document, `balance_minor` what is still owed on the sale.
    """

    letterhead: Letterhead
    settings: ShopSettings
    zone: ZoneInfo
    number: str
    content: Row
    units: Sequence[str]
    hash: str
    issued_at: datetime
    party: Row | None
    payments: Sequence[Row]
    balance_minor: int = 0
    due_on: date | None = None
    original_number: str = ""
    original_date: date | None = None
    named: Sequence[Row | None] = ()


def pdf_answer(*errors: type[DukaError]) -> dict[int | str, dict[str, Any]]:
    """Describe the answer of a route that gives a PDF, for its `responses=`."""
    return {200: {"description": "The PDF.", "content": {"application/pdf": {}}}, **refusals(*errors)}


async def pdf(paper: Paper, layout: Layout | None, *, copy: bool) -> Response:
    """Answer with the paper as PDF, drawn in a thread so that other requests go on meanwhile."""
    view = set_down(paper, layout or paper.settings.receipt_layout, copy=copy)
    drawn = await asyncio.to_thread(invoice_pdf.render, view)
    return file(drawn, paper.number.replace("/", "-"))


def file(drawn: bytes, name: str) -> Response:
    """Answer with a PDF, to be shown and, if saved, called `name`."""
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(drawn, headers=headers, media_type="application/pdf")


def set_down(paper: Paper, layout: Layout, *, copy: bool) -> InvoiceView:
    """Decide what stands on the paper. Pure."""

    def say(text: str) -> str:
        return gettext(text, paper.settings.language)

    content, totals, head = paper.content, paper.content["totals"], paper.letterhead
    regime = _regime(paper)
    included = all(line["tax_included"] == "yes" for line in content["lines"])
    named = paper.named or [None] * len(content["lines"])
    lines = tuple(
        replace(_line(line, unit, included), note=_note(which, say))
        for line, unit, which in zip(content["lines"], paper.units, named, strict=True)
    )
    mixed = not included and any(line["tax_included"] == "yes" for line in content["lines"])
    discount = sum(line.discount_minor for line in lines)
    qr, qr_label = _qr(paper, say)
    return InvoiceView(
        kind=_kind(paper, regime), regime=regime, layout=layout, language=paper.settings.language, copy=copy,
        number=paper.number, issued_at=_moment(paper.issued_at, paper.zone),
        business_date=_day(date.fromisoformat(content["business_date"])), currency=content["currency"],
        shop=_shop(head), branch=head.branch_name, register=head.register_code, cashier=head.staff_name,
        buyer=_buyer(paper),
        place_of_supply=gst_states.label(content.get("place_of_supply")) if regime == "gst" else "",
        original_number=paper.original_number,
        original_date=_day(paper.original_date) if paper.original_date else "",
        details=_details(paper, say), header=paper.settings.receipt_header, footer=paper.settings.receipt_footer,
        prices_include_tax=included, lines=lines,
        subtotal_minor=totals["net_minor"] + discount if mixed else totals["subtotal_minor"],
        discount_minor=discount, net_minor=totals["net_minor"],
        tax_totals=tuple(
            TaxTotal(code=t["code"], rate=_rate(t), net_minor=t["net_minor"], amount_minor=t["tax_minor"])
            for t in content["taxes"]
        ),
        hsn_rows=_hsn_rows(content["lines"]) if regime == "gst" else (),
        rounding_minor=totals["rounding_minor"], total_minor=totals["total_minor"],
        payments=tuple(
            PaymentView(
                method=say(_METHODS[each["method"]]), amount_minor=each["tendered_minor"],
                reference=each["reference"] or "",
            )
            for each in paper.payments
        ),
        change_minor=sum(each["tendered_minor"] - each["amount_minor"] for each in paper.payments),
        balance_minor=paper.balance_minor, verification=_verification(paper.hash), qr=qr, qr_label=qr_label,
    )  # fmt: skip


def _regime(paper: Paper) -> Regime:
    taxed = any(tax["tax_minor"] for tax in paper.content["taxes"])
    if paper.letterhead.country == "IN":
        return "gst" if paper.letterhead.tax_id or taxed else "plain"
    return "vat" if paper.content["taxes"] else "plain"


def _kind(paper: Paper, regime: Regime) -> Kind:
    kind = paper.content["kind"]
    if not paper.hash:
        return "payment_receipt"
    if kind != "invoice":
        return "credit_note" if kind == "credit_note" else "debit_note"
    if regime == "gst":
        # Goods that bear no tax are sold on a bill of supply (CGST Act, section 31(3)(c)).
        return "tax_invoice" if any(tax["rate_bp"] for tax in paper.content["taxes"]) else "bill_of_supply"
    return "tax_invoice" if regime == "vat" and paper.letterhead.tax_id else "invoice"


def _line(line: Row, unit: str, prices_include_tax: bool) -> LineView:
    price, discount = line["unit_price_minor"], line["discount_minor"]
    if line["tax_included"] == "yes" and not prices_include_tax:
        # One line with tax in its price among others without: it is shown as the others are, by what is left of it.
        price, discount = divide_half_up(line["net_minor"] * 1000, line["quantity_milli"]), 0
    return LineView(
        description=line["description"], hsn=line.get("hsn", ""), quantity=quantity.text(line["quantity_milli"]),
        unit=unit, price_minor=price, discount_minor=discount, net_minor=line["net_minor"],
        taxes=_taxes(line["taxes"]), total_minor=line["total_minor"],
    )  # fmt: skip


def _note(named: Row | None, say: Say) -> str:
    if named and "serials" in named:
        return f"{say('S/N')} {', '.join(named['serials'])}"
    if named and "batches" in named:
        return f"{say('Batch')} {', '.join(each['number'] for each in named['batches'])}"
    return ""


def _taxes(taxes: Sequence[Row]) -> tuple[TaxAmount, ...]:
    return tuple(TaxAmount(code=tax["code"], rate=_rate(tax), amount_minor=tax["amount_minor"]) for tax in taxes)


def _hsn_rows(lines: Sequence[Row]) -> tuple[HsnRow, ...]:
    """Sum the lines by HSN code and rates, in the order they first appear."""
    alike: dict[tuple[Any, ...], list[Row]] = {}
    for line in lines:
        rates = tuple((tax["code"], tax["rate_bp"], tax["parts"]) for tax in line["taxes"])
        alike.setdefault((line.get("hsn", ""), rates), []).append(line)
    return tuple(
        HsnRow(
            hsn=hsn or "-", net_minor=sum(line["net_minor"] for line in same),
            taxes=_taxes([
                {**tax, "amount_minor": sum(line["taxes"][place]["amount_minor"] for line in same)}
                for place, tax in enumerate(same[0]["taxes"])
            ]),
        )
        for (hsn, _), same in alike.items()
    )  # fmt: skip


def _rate(tax: Row) -> str:
    return f"{quantity.text(divide_half_up(tax['rate_bp'] * 10, tax['parts']))}%"


def _shop(head: Letterhead) -> ShopBlock:
    label = TAX_NUMBERS.get(head.country, "Tax no.")
    return ShopBlock(
        name=head.shop_name, address=_address(head.branch_address or head.shop_address),
        phone=head.branch_phone or head.shop_phone or "",
        state=gst_states.label(head.state_code) if head.country == "IN" else "",
        tax_ids=(Detail(label=label, value=head.tax_id),) if head.tax_id else (), logo=head.logo,
    )  # fmt: skip


def _buyer(paper: Paper) -> BuyerBlock | None:
    party = paper.party
    if party is None:
        return None
    country = paper.letterhead.country
    tax_ids = (Detail(label=TAX_NUMBERS.get(country, "Tax no."), value=party["tax_id"]),) if party["tax_id"] else ()
    return BuyerBlock(
        name=party["name"] or "", address=_address(party["address"] or ""), phone=party["phone"] or "",
        state=gst_states.label(party["state_code"]) if country == "IN" else "", tax_ids=tax_ids,
    )  # fmt: skip


def _details(paper: Paper, say: Say) -> tuple[Detail, ...]:
    if paper.due_on is None or not paper.balance_minor:
        return ()
    return (Detail(label=say("Due date"), value=_day(paper.due_on)),)


def _qr(paper: Paper, say: Say) -> tuple[str, str]:
    """Give the QR code's text and label: a UPI payment of what is owed, else what the document is known by."""
    content, payee = paper.content, paper.settings.upi_id
    if payee and content["currency"] == "INR" and paper.balance_minor > 0:
        amount = decimal_text(paper.balance_minor, "INR")
        name = quote(paper.letterhead.shop_name[:50])
        reference = quote(paper.number.replace("/", "-"))
        link = f"upi://pay?pa={quote(payee, safe='@')}&pn={name}&am={amount}&cu=INR&tr={reference}"
        return link, say("Scan to pay by UPI")
    if not paper.hash:
        return "", ""
    total = decimal_text(content["totals"]["total_minor"], content["currency"])
    told = (paper.number, content["business_date"], content["currency"], total, paper.hash)
    return " ".join(told), say("Number, date, total and hash of this document")


def _verification(hash_text: str) -> str:
    shown = hash_text[:_HASH_SHOWN]
    return " ".join(shown[place : place + 4] for place in range(0, len(shown), 4))


def _address(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{_day(local.date())}, {local:%H:%M}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
