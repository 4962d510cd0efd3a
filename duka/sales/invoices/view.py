"""What stands on a printed invoice or receipt: plain facts, already decided, nothing to look up or add up.

Amounts are whole minor units of `InvoiceView.currency`. Texts are any text at all: control characters and
emoji are left out in print, and each text is cut at `printing.TEXT_MAX` characters with an ellipsis. Fields that are
empty are not printed.
"""

from dataclasses import dataclass
from typing import Final, Literal

LINES_MAX: Final = 1_000
"""Lines on one document, as on one sale."""

QR_BYTES_MAX: Final = 1_500
"""Bytes of a QR code: a signed GST e-invoice code has about a thousand, a payment link a hundred."""

Kind = Literal["tax_invoice", "invoice", "bill_of_supply", "credit_note", "debit_note", "payment_receipt", "quotation"]
"""What the paper is. A payment receipt confirms money taken on a sale that has no invoice yet."""

Regime = Literal["gst", "vat", "plain"]
"""How taxes are shown: GST by head and HSN code (India), VAT with a summary by rate (Uganda, Kenya), or not."""

Layout = Literal["a4", "80mm", "58mm"]
"""The paper: a page, or a till roll of that width and of any length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """A fact with its name, as `TIN 1000123456` or `Due date 30 Jun 2026`; both printed as given."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopBlock:
    """Who sells. `state` with its code (`Karnataka (29)`), needed under GST; `logo` a PNG or JPEG file
    (`platform.pictures` says which can be printed; another one is left out)."""

    name: str
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    state: str = ""
    tax_ids: tuple[Detail, ...] = ()
    logo: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerBlock:
    """Who buys, as far as known. `delivery_address` only where the goods go elsewhere."""

    name: str = ""
    address: tuple[str, ...] = ()
    phone: str = ""
    state: str = ""
    tax_ids: tuple[Detail, ...] = ()
    delivery_address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxAmount:
    """One tax of a line or of a summary row: `code` as `CGST`, `rate` as printed, `9%`."""

    code: str
    rate: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """One thing sold. `note` is small print below it: serial number, batch, warranty.

    `price_minor` and `discount_minor` are with tax where the document's prices include tax, else without;
    `discount_minor` is the line's own and its share of the cart's. `net_minor` is without tax (the taxable
    value), `total_minor` with tax.
    """

    description: str
    note: str = ""
    hsn: str = ""
    quantity: str
    unit: str = ""
    price_minor: int
    discount_minor: int = 0
    net_minor: int
    taxes: tuple[TaxAmount, ...] = ()
    total_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxTotal:
    """The whole document's tax of one code and rate, and the net amount it was taken on."""

    code: str
    rate: str
    net_minor: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HsnRow:
    """The document's goods of one HSN/SAC code and rate, as GST returns ask for them."""

    hsn: str
    net_minor: int
    taxes: tuple[TaxAmount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """One payment: `method` as printed (`Cash`, `MTN MoMo`), `reference` the provider's number."""

    method: str
    amount_minor: int
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceView:
    """A whole document as it will be printed.

    `subtotal_minor` is quantity x price of all lines before discounts (with tax where `prices_include_tax`);
    `net_minor` the taxable value; `total_minor` what the customer owes, `rounding_minor` included.
    `payments` are as handed over; `change_minor` was handed back, `balance_minor` is
    still owed. `details` are further facts for the head (due date, order, IRN, fiscal number); `notices` are
    sentences the law asks for above the lines; `qr` is the text of a QR code with `qr_label` below it.
    `original_number` and `original_date` name the invoice that a credit or debit note corrects.
    `verification` is a short text of the document's hash. `copy` marks a reprint. `language` is one of
    `i18n.LANGUAGES`.
    """

    kind: Kind
    regime: Regime
    layout: Layout = "a4"
    language: str = "en"
    copy: bool = False
    number: str
    issued_at: str
    business_date: str = ""
    currency: str
    shop: ShopBlock
    branch: str = ""
    register: str = ""
    cashier: str = ""
    buyer: BuyerBlock | None = None
    place_of_supply: str = ""
    reverse_charge: bool = False
    original_number: str = ""
    original_date: str = ""
    details: tuple[Detail, ...] = ()
    notices: tuple[str, ...] = ()
    header: str = ""
    footer: str = ""
    prices_include_tax: bool = False
    lines: tuple[LineView, ...]
    subtotal_minor: int
    discount_minor: int = 0
    net_minor: int
    tax_totals: tuple[TaxTotal, ...] = ()
    hsn_rows: tuple[HsnRow, ...] = ()
    rounding_minor: int = 0
    total_minor: int
    payments: tuple[PaymentView, ...] = ()
    change_minor: int = 0
    balance_minor: int = 0
    verification: str = ""
    qr: str = ""
    qr_label: str = ""
