"""The app works out the same bills, invoices and notes as the server, to the last unit and the last byte."""

import json
import random
from collections import Counter
from dataclasses import fields
from datetime import date, datetime
from typing import Final
from uuid import UUID

import orjson
import pytest

from duka.catalog.rules import Tax, TaxRate, label, taxes_in_force
from duka.platform import quantity
from duka.platform.errors import DukaError
from duka.platform.money import exponent, in_figures
from duka.sales import rules
from duka.sales.invoices import chain
from duka.sales.invoices import document as invoicing
from duka.sales.rules import Bill, BilledLine, Discount, DraftLine, TaxTotal
from tests.app.node import script
from tests.app.random_carts import cart, tax_classes
from tests.sales.oracle import Json

_SEED: Final = 20261121

_ROUND: Final = 20_000
"""So many carts are held in memory at once."""


@pytest.mark.parametrize(
    ("seed", "carts"),
    [
        pytest.param(_SEED, 500, id="500"),
        pytest.param(_SEED + 1, 20_000, id="20000", marks=pytest.mark.slow),
        pytest.param(_SEED + 2, 100_000, id="100000", marks=pytest.mark.release),
    ],
)
def test_random_carts_come_to_the_same(seed: int, carts: int) -> None:
    dice = random.Random(seed)
    kinds: Counter[str] = Counter()
    for _ in range(0, carts, _ROUND):
        asked = [_asked(dice) for _ in range(min(carts, _ROUND))]
        with script("sums.ts", map(json.dumps, asked)) as replies:
            answers = [_answer(one) for one in asked]
            for one, expected, reply in zip(asked, answers, replies(), strict=True):
                assert orjson.loads(reply) == expected, json.dumps(one)
        kinds.update(answer.get("error", "billed") for answer in answers)
    # The dice must not have thrown only refusals, nor none of some kind.
    assert kinds["billed"] > carts * 0.7
    assert {"AMOUNT_TOO_LARGE", "DISCOUNT_TOO_LARGE", "NO_TAX_RATE_IN_FORCE", "SERIES_FULL"} <= kinds.keys()


def _asked(dice: random.Random) -> Json:
    classes = tax_classes(dice)
    return {"cart": cart(dice, len(classes)), "tax_classes": classes}


def _answer(asked: Json) -> Json:
    """What the server's own functions say to a cart, in the shape in which the app answers."""
    try:
        return _worked_out(asked["cart"], asked["tax_classes"])
    except DukaError as refusal:
        return {"error": refusal.code}


def _worked_out(found: Json, classes: list[Json]) -> Json:
    head, register = found["head"], found["register"]
    on = date.fromisoformat(head["business_date"])
    billed = rules.bill(
        [_drafted(line, classes[line["tax_class"]], found, on) for line in found["lines"]],
        discount=_discounted(found),
        cash_rounding_minor=found["cash_rounding_minor"],
    )
    year = chain.financial_year(on, register["first_month"])
    series = chain.series_name(register["code"], year)
    invoice = _document(head, "invoice", found["lines"], billed)
    tied = chain.invoice_hash(chain.GENESIS, series, register["counter"], invoice)
    return {
        "bill": _plain(billed),
        "invoice": invoice.decode(),
        "hash": tied.hex(),
        "number": chain.document_number(register["code"], year, register["counter"]),
        "labels": [label(Tax(tax.code, tax.rate_bp, tax.parts)) for tax in billed.taxes],
        "quantities": [quantity.text(line["quantity_milli"]) for line in found["lines"]],
        "figures": in_figures(billed.total_minor, head["currency"]),
        "digits": exponent(head["currency"]),
        "note": _note(found, billed, tied, register["counter"] + 1),
    }


def _note(found: Json, billed: Bill, previous: bytes, counter: int) -> Json:
    before: Counter[int] = Counter()
    lines, given = [], []
    for credit in found["credits"]:
        place, milli = credit["line"], credit["milli"]
        sold = found["lines"][place]
        given.append(rules.credited(billed.lines[place], sold["quantity_milli"], before[place], milli))
        lines.append(sold | {"quantity_milli": milli})
        before[place] += milli
    summed = rules.sum_up(tuple(given), cash_rounding_minor=found["cash_rounding_minor"])
    note = _document(found["head"], "credit_note", lines, summed, original_id=UUID(found["head"]["sale_id"]))
    tied = chain.invoice_hash(previous, "C/2627", counter, note)
    return {"bill": _plain(summed), "note": note.decode(), "hash": tied.hex()}


def _document(head: Json, kind: str, lines: list[Json], billed: Bill, original_id: UUID | None = None) -> bytes:
    return invoicing.canonical(
        kind=kind,
        sale_id=head["sale_id"],
        business_date=date.fromisoformat(head["business_date"]),
        issued_at=datetime.fromisoformat(head["issued_at"]),
        currency=head["currency"],
        lines=[invoicing.canonical_line(worked, line) for worked, line in zip(billed.lines, lines, strict=True)],
        bill=billed,
        place_of_supply=head["place_of_supply"],
        original_id=original_id,
    )


def _drafted(line: Json, tax_class: Json, found: Json, on: date) -> DraftLine:
    rates = [TaxRate(**{**rate, "valid_from": date.fromisoformat(rate["valid_from"])}) for rate in tax_class["rates"]]
    taxes = taxes_in_force(
        tax_class["treatment"],
        rates,
        on,
        seller_state=found["seller_state"],
        place_of_supply=found["head"]["place_of_supply"],
    )
    return DraftLine(line["quantity_milli"], line["unit_price_minor"], taxes, line["tax_included"], _discounted(line))


def _discounted(found: Json) -> Discount | None:
    return Discount(**found["discount"]) if "discount" in found else None


def _plain(billed: Bill) -> Json:
    """Write a bill as plain values, keys as in the golden cases."""
    found = _fields(billed)
    found["lines"] = [_fields(line) | {"taxes": [tax._asdict() for tax in line.taxes]} for line in billed.lines]
    found["taxes"] = [_fields(tax) for tax in billed.taxes]
    return found


def _fields(found: Bill | BilledLine | TaxTotal) -> Json:
    """Take a row apart without copying what is in it, as `asdict` would."""
    return {field.name: getattr(found, field.name) for field in fields(found)}
