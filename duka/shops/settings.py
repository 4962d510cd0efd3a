"""A shop's own settings, typed: what the owner decides about money, stock, people and paper."""

from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field

from duka.platform import wire
from duka.platform.context import Ctx
from duka.platform.wire import Body, LongText

Method = Literal["cash", "mtn_momo", "airtel_money", "card", "bank_transfer", "upi", "other"]
Language = Literal["en", "sw", "lg", "hi", "fr", "ar"]
ScaleCode = Annotated[str, Field(min_length=13, max_length=13, pattern=r"^2[0-9]I{4,6}X?(W{4,6}|P{4,6})C$")]
"""How a scale's EAN-13 is made up, digit by digit: the two it begins with, I for the item's number, X for one that is
not looked at, W for grams or P for the price in minor units, C for the check digit."""
Module = Literal["repairs", "devices", "purchasing", "quotations", "loyalty", "accounting"]


class ShopSettings(Body):
    """Everything a shop can decide. A missing field has its default, so that new settings need no migration."""

    payment_policy: Literal["full_payment", "on_account"] = "full_payment"
    """`on_account`: an invoice is issued though money is still owed, up to the customer's credit limit."""
    payment_methods: Annotated[tuple[Method, ...], Field(min_length=1, max_length=7)] = (
        "cash", "mtn_momo", "airtel_money", "card", "bank_transfer", "other",
    )  # fmt: skip
    credit_days: Annotated[int, Field(ge=0, le=365)] = 30
    review_sales: bool = False
    """Each completed sale waits on a list for somebody with `sales:approve`."""
    negative_stock: bool = False
    """Sell what the books say is not there; it is flagged."""
    reserve_held_carts: bool = False
    """What lies in a cart that is put aside is kept for it."""
    held_cart_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """How long it is kept; then others may buy it. The cart itself goes on waiting."""
    reserve_incomplete_sales: bool = False
    """The goods of a sale that is not paid yet are kept for it until it is paid or cancelled."""
    open_items: bool = True
    """Everybody at the till may sell an item by name and price; else only who may change prices."""
    devices_per_account: Annotated[int, Field(ge=1, le=20)] = 1
    return_window_days: Annotated[int, Field(ge=0, le=3650)] = 30
    tax_included: bool = True
    """Prices are given with tax in them."""
    cash_rounding_minor: Annotated[int, Field(ge=1, le=10_000)] = 1
    """The smallest cash amount, in minor units: 50 for UGX 50, 100 for one Indian rupee."""
    day_start_minutes: Annotated[int, Field(ge=0, le=720)] = 0
    """Minutes after midnight at which a new business day begins, for registers without a session."""
    financial_year_month: Annotated[int, Field(ge=1, le=12)] = 7
    adjustment_approval_minor: Annotated[int, Field(ge=0, le=10**12)] | None = None
    """Stock adjustments worth more than this wait for approval; empty: none waits."""
    costing_method: Literal["average", "fifo"] = "average"
    """What goods that leave had cost: the average of all that stands there, or of what came first. Closing the costs
    works by it."""
    receipt_tolerance_bp: Annotated[int, Field(ge=0, le=10_000)] = 0
    """How much more than was ordered may be received, in basis points."""
    expiry_warning_days: Annotated[int, Field(ge=1, le=365)] = 30
    """How many days before its last day it is told that a batch expires."""
    scale_codes: Annotated[tuple[ScaleCode, ...], Field(max_length=10)] = ()
    """What scales print: `21IIIIIWWWWWC` is item 5 digits, weight 5 digits in grams."""
    receipt_header: LongText = ""
    receipt_footer: LongText = ""
    receipt_layout: Literal["a4", "80mm", "58mm"] = "80mm"
    upi_id: Annotated[str, Field(max_length=100, pattern=r"^([A-Za-z0-9._-]+@[A-Za-z0-9.]+)?$")] = ""
    """Where UPI payments go (`shop@bank`); papers on which money is owed then carry its QR code."""
    language: Language = "en"
    modules: Annotated[frozenset[Module], Field(max_length=10)] = frozenset()
    """The parts of Duka that the shop's screens show beside sales, items, customers, stock and the dashboard."""


@lru_cache(maxsize=4096)
def _read(text: str) -> ShopSettings:
    return ShopSettings.model_validate_json(text, context=wire.STORED)


def of(ctx: Ctx) -> ShopSettings:
    """Give the settings of the context's shop."""
    return _read(ctx.settings_text)
