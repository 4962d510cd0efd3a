"""What became of the files, month by month, to the penny: what the shop's own invoices say against what the files say.

Files hold prices finer than a penny, so their sums are exact decimals of pence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from duka.platform import quantity
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.replay.online_retail import Document
from duka.replay.plan import Refused

NO_MONTH: Final = "unknown"
"""Where a line counts whose document has no date."""


@dataclass(slots=True)
class Month:
    """A month's sums. `files_minor` is everything in the files, `refused_minor` what of it was not taken; what the
    shop sold, took back with receipt and without it, wrote off and bought for it, is read from the shop's documents."""

    name: str
    files_minor: Decimal = Decimal(0)
    refused_minor: Decimal = Decimal(0)
    refused_lines: int = 0
    sales: int = 0
    sales_minor: int = 0
    returns: int = 0
    returns_minor: int = 0
    loose: int = 0
    loose_minor: int = 0
    write_offs: int = 0
    debits_minor: int = 0
    receipts: int = 0
    bought_minor: int = 0

    @property
    def shop_minor(self) -> int:
        """The shop's net total: invoices and debit notes less credit notes."""
        return self.sales_minor + self.debits_minor - self.returns_minor - self.loose_minor

    @property
    def equal(self) -> bool:
        """Whether the shop has exactly what the files say, but for what is reported."""
        return self.files_minor == self.shop_minor + self.refused_minor


@dataclass(frozen=True, slots=True)
class Report:
    """What an import came to."""

    lines: int
    documents: int
    months: Sequence[Month]
    refused: Sequence[Refused] = field(default_factory=list)
    below_zero: Mapping[str, int] = field(default_factory=dict)
    """Codes of which the files took out what the shop never had, with what stands there now: thousandths."""

    @property
    def equal(self) -> bool:
        """Whether every month is equal."""
        return all(month.equal for month in self.months)


_INVOICES: Final = """
SELECT to_char(business_date, 'YYYY-MM') AS month,
    CASE WHEN kind <> 'credit_note' THEN kind WHEN original_id IS NULL THEN 'loose' ELSE 'return' END AS what,
    count(*) AS documents, sum(total_minor)::bigint AS total_minor
FROM invoices WHERE shop_id = %(shop)s GROUP BY 1, 2
"""
_WRITE_OFFS: Final = """
SELECT to_char(business_date, 'YYYY-MM') AS month, count(*) AS documents FROM stock_adjustments
WHERE shop_id = %(shop)s AND reason IN ('damage', 'loss') GROUP BY 1
"""


_BOUGHT: Final = """
SELECT to_char(business_date, 'YYYY-MM') AS month, count(*) AS documents, sum(goods_minor)::bigint AS total_minor
FROM goods_receipts WHERE shop_id = %(shop)s GROUP BY 1
"""
_BELOW_ZERO: Final = """
SELECT v.sku, b.quantity_milli FROM stock_balances b
JOIN variants v ON v.shop_id = b.shop_id AND v.id = b.variant_id
WHERE b.shop_id = %(shop)s AND b.quantity_milli < 0 ORDER BY v.sku
"""


async def add_up(ctx: Ctx, documents: Sequence[Document], refused: Sequence[Refused]) -> Report:
    """Compare the files' documents with the shop's, for the months that the files are of."""
    months = {name: Month(name) for name in sorted({document.month for document in documents})}
    for document in documents:
        months[document.month].files_minor += sum(line.amount_minor for line in document.lines)
    for each in refused:
        month = months.setdefault(each.month, Month(each.month))
        month.refused_minor += each.line.amount_minor
        month.refused_lines += 1
        if each.month == NO_MONTH:
            month.files_minor += each.line.amount_minor
    for row in await fetch(ctx, _INVOICES, {}):
        if row.month in months:
            _count(months[row.month], row.what, row.documents, row.total_minor)
    for row in await fetch(ctx, _WRITE_OFFS, {}):
        if row.month in months:
            months[row.month].write_offs = row.documents
    for row in await fetch(ctx, _BOUGHT, {}):
        if row.month in months:
            months[row.month].receipts, months[row.month].bought_minor = row.documents, row.total_minor
    below_zero = {row.sku: row.quantity_milli for row in await fetch(ctx, _BELOW_ZERO, {})}
    lost = sum(each.month == NO_MONTH for each in refused)
    lines = sum(len(document.lines) for document in documents) + lost
    return Report(lines, len(documents), list(months.values()), refused, below_zero)


def _count(month: Month, what: str, documents: int, total_minor: int) -> None:
    match what:
        case "invoice":
            month.sales, month.sales_minor = documents, total_minor
        case "return":
            month.returns, month.returns_minor = documents, total_minor
        case "loose":
            month.loose, month.loose_minor = documents, total_minor
        case "debit_note":
            month.debits_minor = total_minor


def text(report: Report) -> str:
    """Write a report for the terminal."""
    titles = ("month", "files", "sales", "returns", "no receipt", "shop", "reported", "write-offs", "bought", "")
    table = [titles, *(_cells(month) for month in report.months)]
    widths = [max(len(row[column]) for row in table) for column in range(len(titles))]
    rows = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    told = [f"{report.lines:,} lines in {report.documents:,} documents, amounts in GBP", "", *rows, ""]
    if report.refused:
        told.append(f"{len(report.refused):,} lines could not be taken:")
        told += [f"  {_where(each)}: {each.why}" for each in report.refused]
    else:
        told.append("Every line was taken.")
    if report.below_zero:
        told.append(f"{len(report.below_zero):,} codes stand below zero: the files take out what the shop never had.")
        told += [f"  {code}: {quantity.text(milli)}" for code, milli in report.below_zero.items()]
    return "\n".join(told)


def _cells(month: Month) -> tuple[str, ...]:
    return (
        month.name, pounds(month.files_minor), pounds(month.sales_minor), pounds(-month.returns_minor),
        pounds(-month.loose_minor), pounds(month.shop_minor), pounds(month.refused_minor), str(month.write_offs),
        pounds(month.bought_minor), "equal" if month.equal else "NOT EQUAL",
    )  # fmt: skip


def _where(refused: Refused) -> str:
    line = refused.line
    return f"{line.file} row {line.row} ({line.ref} {line.code}, {pounds(line.amount_minor)})"


def as_json(report: Report) -> dict[str, Any]:
    """Write a report for machines. Amounts are decimal text in pounds."""
    return {
        "equal": report.equal, "lines": report.lines, "documents": report.documents,
        "months": [_month_json(month) for month in report.months],
        "not_taken": [
            {
                "file": each.line.file, "row": each.line.row, "invoice_no": each.line.ref, "stock_code": each.line.code,
                "month": each.month, "amount": _plain(each.line.amount_minor), "why": each.why,
            }
            for each in report.refused
        ],
        "below_zero": {code: quantity.from_milli(milli) for code, milli in report.below_zero.items()},
    }  # fmt: skip


def _month_json(month: Month) -> Mapping[str, Any]:
    return {
        "month": month.name, "equal": month.equal, "files": _plain(month.files_minor),
        "sales": {"count": month.sales, "total": _plain(month.sales_minor)},
        "returns_with_receipt": {"count": month.returns, "total": _plain(month.returns_minor)},
        "returns_without_receipt": {"count": month.loose, "total": _plain(month.loose_minor)},
        "debit_notes": _plain(month.debits_minor), "write_offs": month.write_offs,
        "bought": {"count": month.receipts, "total": _plain(month.bought_minor)}, "shop": _plain(month.shop_minor),
        "not_taken": {"count": month.refused_lines, "total": _plain(month.refused_minor)},
    }  # fmt: skip


def pounds(minor: Decimal | int) -> str:
    """Write pence as pounds with thousands apart: exact, with at least two decimals."""
    amount = Decimal(minor) / 100
    exponent = amount.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return f"{amount:,.{max(2, -exponent)}f}"


def _plain(minor: Decimal | int) -> str:
    return pounds(minor).replace(",", "")
