"""A till on a device: it prices, numbers, hashes and prints its sales itself, and delivers them when it can.

Written with the standard library and the slow oracle alone, as any device could be.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx2

from duka.platform.ids import new_id
from duka.shops.registers import actions as registers
from duka.shops.registers.schemas import RegisterIn
from tests.sales import oracle
from tests.world import Shop

Json = dict[str, Any]
GENESIS = "0" * 64
VAT = ({"code": "VAT", "rate_bp": 1800, "parts": 1},)


@dataclass(frozen=True, slots=True)
class Item:
    """What the device knows of something it sells."""

    variant_id: UUID
    name: str = "cable"
    price: int = 1000
    taxes: tuple[Json, ...] = ()
    tax_included: bool = True
    hsn: str | None = None


@dataclass(slots=True)
class Device:
    """A device's register: its credential, its next number, the hash it printed last."""

    shop: Shop
    register_id: UUID
    code: str
    credential: str
    client: httpx2.AsyncClient
    counter: int = 0
    head: str = GENESIS
    incomplete: int = 0
    sent: list[bytes] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        """What its requests carry."""
        return {"Authorization": f"Bearer {self.credential}", "Content-Type": "application/json"}

    def ring(self, *bought: tuple[Item, float], paid: int | None = None, discount: Json | None = None,
             cash_rounding: int = 1, day: date | None = None, **more: Any) -> Json:
        """Make a sale on the device: its lines as printed, cash for all of it, the next invoice of its series."""
        now = datetime.now(UTC)
        lines = [self._line(item, quantity) for item, quantity in bought]
        cart = {"lines": [_drafted(item, quantity) for item, quantity in bought], "cash_rounding_minor": cash_rounding}
        if discount:
            cart["discount"] = {"bp": discount["percent_bp"]} if "percent_bp" in discount else {
                "amount_minor": discount["amount"]
            }
        billed = oracle.bill(cart)
        body: Json = {
            "schema": 1, "id": str(new_id()), "register_id": str(self.register_id),
            "business_date": str(day or now.date()), "made_at": now.isoformat(), "lines": lines,
            "payments": [{"id": str(new_id()), "method": "cash", "amount": paid or billed["total_minor"]}],
            "total": billed["total_minor"],
        }  # fmt: skip
        if discount:
            body["discount"] = discount
        if cash_rounding != 1:
            body["cash_rounding"] = cash_rounding
        body |= more
        if paid is not None and paid < billed["total_minor"] and not body.get("on_account"):
            self.incomplete += 1
            return body | {"number": f"{self.code}-{self.incomplete}"}
        return body | {"invoice": self._issue(body, bought, billed, now)}

    def again(self, body: Json, **changes: Any) -> Json:
        """Number and hash a body anew after changes of its own, as if it had been so from the start."""
        return body | changes

    async def deliver(self, body: Json | bytes, *, mode: str = "record") -> httpx2.Response:
        """Send a document that has happened (`record`), or ask for it."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.post("/api/sales", content=content, headers=self.headers | {"Duka-Mode": mode})

    def _line(self, item: Item, quantity: float) -> Json:
        return {
            "id": str(new_id()), "variant_id": str(item.variant_id), "quantity": quantity, "price": item.price,
            "tax_included": item.tax_included,
            "printed": {"name": item.name, "hsn": item.hsn, "taxes": list(item.taxes)},
        }  # fmt: skip

    def _issue(self, body: Json, bought: tuple[tuple[Item, float], ...], billed: Json, now: datetime) -> Json:
        day = date.fromisoformat(body["business_date"])
        first = day.year if day.month >= 7 else day.year - 1
        year = f"{first % 100:02d}{(first + 1) % 100:02d}"
        issued_at = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        content = {
            "version": 1, "kind": "invoice", "sale": body["id"], "business_date": str(day), "issued_at": issued_at,
            "currency": "UGX",
            "lines": [_written(item, quantity, line) for (item, quantity), line in
                      zip(bought, billed["lines"], strict=True)],
            "totals": {name: value for name, value in billed.items() if name.endswith("_minor")},
            "taxes": billed["taxes"],
        }  # fmt: skip
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        self.counter += 1
        previous = self.head
        tied = bytes.fromhex(previous) + f"{self.code}/{year}".encode() + self.counter.to_bytes(8, "big")
        self.head = hashlib.sha256(tied + hashlib.sha256(text).digest()).hexdigest()
        return {
            "code": self.code, "financial_year": year, "counter": self.counter, "previous_hash": previous,
            "hash": self.head, "issued_at": issued_at,
        }  # fmt: skip


async def a_device(shop: Shop, client: httpx2.AsyncClient, branch_id: UUID | None = None) -> Device:
    """Register a device in a branch (the first) of the shop."""
    async with shop.as_() as ctx:
        wanted = RegisterIn(
            branch_id=branch_id or shop.branch_id, name="Phone", kind="installation", installation_id=new_id()
        )
        opened = await registers.open_register(ctx, wanted)
    assert opened.credential
    return Device(shop, opened.register.id, opened.register.code, opened.credential, client)


def _drafted(item: Item, quantity: float) -> Json:
    return {
        "quantity_milli": round(quantity * 1000), "unit_price_minor": item.price, "taxes": list(item.taxes),
        "tax_included": item.tax_included,
    }  # fmt: skip


def _written(item: Item, quantity: float, line: Json) -> Json:
    written = {
        "description": item.name, "variant": str(item.variant_id), "quantity_milli": round(quantity * 1000),
        "unit_price_minor": item.price,
        "discount_minor": line["line_discount_minor"] + line["cart_discount_minor"],
        "tax_included": "yes" if item.tax_included else "no", "net_minor": line["net_minor"],
        "taxes": line["taxes"], "total_minor": line["total_minor"],
    }  # fmt: skip
    return written | ({"hsn": item.hsn} if item.hsn else {})
