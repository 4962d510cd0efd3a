"""A planned document in the API's own words, under ids that are the same each time it is read."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from duka.purchasing.money_schemas import BillIn, BillLineIn, SupplierPaymentIn
from duka.purchasing.order_schemas import LINES_MAX, ReceiptIn, ReceiptLineIn
from duka.purchasing.rules import worth_minor
from duka.replay.online_retail import Document, Line
from duka.replay.plan import Sold, Step
from duka.replay.purchases import Delivery, Need
from duka.sales.life.schemas import CreditLineIn, CreditNoteIn, LooseCreditNoteIn, LooseLineIn, RefundIn
from duka.sales.schemas import LineIn, PaymentIn, SaleIn
from duka.stock.schemas import AdjustIn

METHOD: Final = "other"
"""How everything was paid: the files do not say."""

_SPOILT: Final = (
    "damage", "broken", "thrown", "throw", "faulty", "mouldy", "crack", "wet", "rust", "crush", "smash", "dirty",
)  # fmt: skip
"""What people wrote beside goods that were spoilt; everything else they wrote is a loss."""

_VERSION_7: Final = 0x7 << 76
_VARIANT: Final = 0b10 << 62


@dataclass(frozen=True, slots=True)
class Goods:
    """A code's product in the shop, and its only variant."""

    product_id: UUID
    variant_id: UUID


Body = SaleIn | AdjustIn | CreditNoteIn | LooseCreditNoteIn | ReceiptIn | BillIn | SupplierPaymentIn


@dataclass(frozen=True, slots=True)
class Asked:
    """One document for the shop to take, with the lines it is made of. `of_id` is the product of a write-off, or the
    sale whose invoice a credit note takes back."""

    body: Body
    lines: Sequence[Line]
    of_id: UUID | None = None

    @property
    def body_hash(self) -> bytes:
        """The SHA-256 by which the body is known again."""
        return hashlib.sha256(self.body.model_dump_json(by_alias=True).encode()).digest()


def made_id(at: datetime, *words: str | int) -> UUID:
    """Make an id from what a thing is, with its time in front: a UUIDv7 (RFC 9562) whose random part is the first 74
    bits of the SHA-256 of the words."""
    digest = int.from_bytes(hashlib.sha256("\x1f".join(map(str, words)).encode()).digest()[:10], "big")
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | _VERSION_7 | (digest >> 68) << 64 | _VARIANT | (digest & (1 << 62) - 1))


def sale_id(document: Document) -> UUID:
    """Give the id of a document's sale."""
    return made_id(document.at, "sale", document.ref)


def of(step: Step, goods: Mapping[str, Goods], customer_id: UUID | None) -> Iterator[Asked]:
    """Write all that a document becomes: its sale, its write-offs, a credit note for each sale of which something
    came back, one for what came back without receipt."""
    document = step.document
    if step.sold:
        yield Asked(_sale(document, step.sold, goods, customer_id), [each.line for each in step.sold])
    for line in step.written_off:
        of_goods = goods[line.code]
        yield Asked(_write_off(document, line, of_goods), [line], of_goods.product_id)
    with_receipt: dict[str, list[tuple[Line, Sold]]] = {}
    without: list[Line] = []
    for each in step.returned:
        if each.sold is None:
            without.append(each.line)
        else:
            with_receipt.setdefault(each.sold.document.ref, []).append((each.line, each.sold))
    for pairs in with_receipt.values():
        original = pairs[0][1].document
        yield Asked(_credit(document, original, pairs), [line for line, _ in pairs], sale_id(original))
    if without:
        yield Asked(_loose(document, without, goods, customer_id), without)


def _sale(document: Document, sold: Sequence[Sold], goods: Mapping[str, Goods], customer_id: UUID | None) -> SaleIn:
    total = sum(each.line.quantity * each.line.price_minor for each in sold)
    return SaleIn(
        id=sale_id(document), made_at=document.at, business_date=document.at.date(), customer_id=customer_id,
        lines=[
            LineIn(
                id=_line_id(each), variant_id=goods[each.line.code].variant_id, quantity=each.line.quantity,
                price=each.line.price_minor,
            )
            for each in sold
        ],
        payments=[PaymentIn(id=made_id(document.at, "payment", document.ref), method=METHOD, amount=total)]
        if total else [],
        total=total, external_ref=document.ref,
    )  # fmt: skip


def _line_id(sold: Sold) -> UUID:
    return made_id(sold.document.at, "line", sold.document.ref, sold.place)


def _write_off(document: Document, line: Line, goods: Goods) -> AdjustIn:
    spoilt = any(word in line.description.lower() for word in _SPOILT)
    return AdjustIn(
        id=made_id(document.at, "write-off", document.ref, document.lines.index(line)), variant_id=goods.variant_id,
        quantity=line.quantity, reason="damage" if spoilt else "loss",
        note=f"{document.ref} {line.description}".strip(),
    )  # fmt: skip


def _credit(document: Document, original: Document, pairs: Sequence[tuple[Line, Sold]]) -> CreditNoteIn:
    words = ("credit note", document.ref, original.ref)
    return CreditNoteIn(
        id=made_id(document.at, *words), business_date=document.at.date(), reason=f"Return {document.ref}",
        lines=[CreditLineIn(sale_line_id=_line_id(sold), quantity=-line.quantity) for line, sold in pairs],
        refunds=_refunds(document, [line for line, _ in pairs], words),
    )  # fmt: skip


def _loose(
    document: Document, lines: Sequence[Line], goods: Mapping[str, Goods], customer_id: UUID | None
) -> LooseCreditNoteIn:
    words = ("credit note", document.ref)
    return LooseCreditNoteIn(
        id=made_id(document.at, *words), business_date=document.at.date(), reason=f"Return {document.ref}",
        customer_id=customer_id,
        lines=[
            LooseLineIn(variant_id=goods[line.code].variant_id, quantity=-line.quantity, price=line.price_minor)
            for line in lines
        ],
        refunds=_refunds(document, lines, words),
    )  # fmt: skip


def _refunds(document: Document, lines: Sequence[Line], words: tuple[str, ...]) -> list[RefundIn]:
    total = -sum(line.quantity * line.price_minor for line in lines)
    return [RefundIn(id=made_id(document.at, "refund", *words), method=METHOD, amount=total)] if total else []


def bought(delivery: Delivery, goods: Mapping[str, Goods], supplier_id: UUID) -> Iterator[Asked]:
    """Write what was bought for a month: receipts of as many lines as one may have, each billed and paid at once."""
    at, month = delivery.at, delivery.month
    for number, start in enumerate(range(0, len(delivery.needs), LINES_MAX)):
        needs = delivery.needs[start : start + LINES_MAX]
        line_ids = [made_id(at, "receipt line", month, need.code) for need in needs]
        yield Asked(ReceiptIn(
            id=made_id(at, "receipt", month, number), supplier_id=supplier_id, note=f"Sold in {month}",
            lines=[
                ReceiptLineIn(
                    id=line_id, variant_id=goods[need.code].variant_id, accepted=need.quantity, price=need.cost_minor
                )
                for need, line_id in zip(needs, line_ids, strict=True)
            ],
        ), [])  # fmt: skip
        yield Asked(BillIn(
            id=made_id(at, "bill", month, number), supplier_id=supplier_id, supplier_number=f"{month}-{number + 1}",
            billed_on=at.date(),
            lines=[
                BillLineIn(
                    id=made_id(at, "bill line", month, need.code), receipt_line_id=line_id, quantity=need.quantity,
                    price=need.cost_minor,
                )
                for need, line_id in zip(needs, line_ids, strict=True)
            ],
        ), [])  # fmt: skip
        if total := _worth(needs):
            paid_id = made_id(at, "payment to supplier", month, number)
            yield Asked(SupplierPaymentIn(id=paid_id, supplier_id=supplier_id, amount=total, method=METHOD), [])


def _worth(needs: Sequence[Need]) -> int:
    return sum(worth_minor(need.quantity * 1000, need.cost_minor) for need in needs)
