"""An order as the paper that goes to the supplier: in the shop's language, with the supplier's own codes and packs.

What goods cost stands on it only for those who may see it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from duka.platform import printing, quantity, typesetting
from duka.platform.context import Ctx
from duka.platform.i18n import gettext
from duka.purchasing import order_queries, rules, supplier_queries
from duka.sales.invoices.paper import TAX_NUMBERS
from duka.shops import queries, settings
from duka.shops.queries import Letterhead

_TEMPLATE: Final = Path(__file__).parent / "templates" / "order.typ"
_ONE_MILLI: Final = 1000
_LINES_REMEMBERED: Final = 50
"""Lines up to which remembering a paper is worth its memory."""


@dataclass(frozen=True, slots=True)
class OrderPaper:
    """Everything an order's paper is made from. `order` is what `order_queries.order` gives, `supplier` the lines of
    the supplier's address; `total` and the lines' `price` (minor units) are there only where they may be seen."""

    letterhead: Letterhead
    language: str
    currency: str
    order: Mapping[str, Any]
    supplier: tuple[str, ...]

    @property
    def name(self) -> str:
        """What its file is called, without ending."""
        return str(self.order["number"]).replace("/", "-")


async def find(ctx: Ctx, order_id: UUID, permission: str = "purchasing:read", *, prices: bool) -> OrderPaper:
    """Gather the paper of an order that the caller may reach under `permission`; its prices only if both `prices` and
    the caller's role say so. OrderNotFound."""
    order = await order_queries.order(ctx, order_id, permission)
    if not prices:
        order = {key: value for key, value in order.items() if key != "total"} | {
            "lines": [{key: value for key, value in line.items() if key != "price"} for line in order["lines"]]
        }
    supplier = await supplier_queries.of_order(ctx, order_id)
    head = await queries.letterhead(ctx, order["branch_id"], None, order["created_by"])
    address = (supplier.contact, *supplier.address.splitlines(), supplier.phone or "", supplier.email or "")
    return OrderPaper(head, settings.of(ctx).language, ctx.currency, order, tuple(line for line in address if line))


def render(paper: OrderPaper) -> bytes:
    """Make the PDF. The same paper gives the same bytes."""
    told = set_out(paper)
    told["fonts"] = typesetting.families()
    files = {"main.typ": _TEMPLATE.read_bytes(), "common.typ": printing.SHARED.read_bytes()}
    printing.place_logo(told, files, paper.letterhead.logo)
    files["data.json"] = json.dumps(told, ensure_ascii=False).encode()
    return typesetting.typeset(files, "pdf", forget=len(paper.order["lines"]) > _LINES_REMEMBERED)[0]


def set_out(paper: OrderPaper) -> dict[str, Any]:
    """Say everything the paper says, under the names its template uses. Pure."""
    order, head, language = paper.order, paper.letterhead, paper.language

    def say(text: str) -> str:
        return gettext(text, language)

    def typed(text: str) -> str:
        return printing.typed(text, language)

    facts = (
        (say("Number"), order["number"]),
        (say("Ordered on"), _day(order["ordered_on"])),
        (say("Expected on"), _day(order["expected_on"])),
        (say("Branch"), head.branch_name),
        (say("Asked for by"), head.staff_name),
    )
    total = order.get("total")
    return {
        "language": language, "title": say("Purchase order"), "mark": say(_MARKS.get(order["state"], "")),
        "number": printing.clean(order["number"]), "seller": printing.clean(head.shop_name),
        "shop": {"name": typed(head.shop_name), "lines": _lines_of(paper, head.shop_address, head.shop_phone),
                 "tax_ids": [
                     {"label": TAX_NUMBERS.get(head.country, say("Tax no.")), "value": typed(head.tax_id)}
                 ] if head.tax_id else []},
        "supplier": {"label": say("Supplier"), "name": typed(order["supplier_name"]),
                     "lines": [typed(line) for line in paper.supplier]},
        "delivery": {"label": say("Deliver to"), "name": typed(order["location_name"]),
                     "lines": _lines_of(paper, head.branch_address or head.shop_address, head.branch_phone)},
        "facts": [{"label": label, "value": typed(value)} for label, value in facts if value],
        "columns": _columns(paper),
        "lines": [_line(paper, number, line) for number, line in enumerate(order["lines"], start=1)],
        "total": {"label": say("Total"),
                  "value": "" if total is None else printing.priced(total, paper.currency, language)},
        "without_tax": say("Without tax"),
        "note": {"label": say("Note"), "value": typed(order["note"])},
        "page_of": say("Page {page} of {pages}"), "qr": "", "qr_label": "", "logo": "", "logo_ratio": 1,
    }  # fmt: skip


_MARKS: Final = {"requested": "Not approved yet", "rejected": "Cancelled", "cancelled": "Cancelled"}
"""What a paper says of an order that is not meant to be delivered (yet)."""


def _columns(paper: OrderPaper) -> dict[str, str]:
    def say(text: str) -> str:
        return gettext(text, paper.language)

    lines = paper.order["lines"]
    own_days = any(line["expected_on"] for line in lines)
    priced = any("price" in line for line in lines)
    return {
        "code": say("Your code"), "description": say("Description"), "pack": say("Pack"), "quantity": say("Qty"),
        "expected": say("Expected on") if own_days else "", "price": say("Price") if priced else "",
        "amount": say("Amount") if priced else "",
    }  # fmt: skip


def _line(paper: OrderPaper, number: int, line: Mapping[str, Any]) -> dict[str, str]:
    pack, price = line["pack_size_milli"], line.get("price")

    def typed(text: str) -> str:
        return printing.typed(text, paper.language)

    def figure(amount_minor: int) -> str:
        return printing.figure(amount_minor, paper.currency, paper.language)

    return {
        "number": str(number), "code": typed(line["supplier_code"] or ""), "description": typed(line["variant_name"]),
        "pack": quantity.text(pack) if pack and pack != _ONE_MILLI else "",
        "quantity": typed(f"{quantity.text(line['quantity_milli'])} {line['unit']}"),
        "expected": _day(line["expected_on"]), "price": "" if price is None else figure(price),
        "amount": "" if price is None else figure(rules.worth_minor(line["quantity_milli"], price)),
    }  # fmt: skip


def _lines_of(paper: OrderPaper, address: str, phone: str | None) -> list[str]:
    return [printing.typed(line, paper.language) for line in (*address.splitlines(), phone or "") if line.strip()]


def _day(day: date | None) -> str:
    return f"{day.day} {day:%b %Y}" if day else ""
