"""Money handed over against what is due: what counts, what is change, what is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from duka.platform.errors import DukaError, ValidationError


@dataclass(eq=False)
class Overpaid(DukaError):
    """More was paid than is due by a method that gives no change. Minor units."""

    text: ClassVar[str] = "More was paid than is due. Only cash gives change."
    damaged: ClassVar[bool] = True
    due: int
    paid: int


@dataclass(frozen=True, slots=True)
class Tender:
    """An amount handed over by a method, in minor units."""

    method: str
    handed_minor: int


def count(tenders: Sequence[Tender], due_minor: int) -> list[int]:
    """Say how much of each tender counts toward what is due; the rest of a cash tender is change.

    Cash counts last, in the order given. Overpaid when other methods alone are more than is due, or when cash was
    handed over of which nothing counts.
    """
    other = sum(tender.handed_minor for tender in tenders if tender.method != "cash")
    if other > due_minor:
        raise Overpaid(due_minor, other)
    left = due_minor - other
    counted = []
    for tender in tenders:
        if tender.method != "cash":
            counted.append(tender.handed_minor)
            continue
        taken = min(left, tender.handed_minor)
        if taken == 0:
            raise Overpaid(due_minor, sum(each.handed_minor for each in tenders))
        counted.append(taken)
        left -= taken
    return counted


def expected_minor(float_minor: int, *, taken_minor: int, refunded_minor: int, put_in_minor: int,
                   taken_out_minor: int) -> int:
    """Say what a drawer should hold: its float and the cash that came in, less the cash that went out."""
    return float_minor + taken_minor - refunded_minor + put_in_minor - taken_out_minor


def business_date(claimed: date | None, today: date, *, numbered_here: bool) -> date:
    """Fix the business day of a session that opens.

    A device's register says it itself (the larger of its own date and the last one it had from the server), and that
    stands. A `server` register has the shop's date. ValidationError when it claims another.
    """
    if claimed is None or claimed == today:
        return today
    if numbered_here:
        raise ValidationError(fields={"business_date": [f"This register's business day is {today}."]})
    return claimed
