"""Sums of the dashboard: plain figures in minor units, made of the totals of days."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

CHART_DAYS: Final = 14
WEEK_DAYS: Final = 7

Row = Mapping[str, Any]
Figures = dict[str, Any]


def first_needed(today: date) -> date:
    """Give the first day that any figure needs: of the month, or of the chart."""
    return min(today.replace(day=1), today - timedelta(days=CHART_DAYS - 1))


def day(on: date, row: Row | None, *, margins: bool) -> Figures:
    """Show one day; a day without a row had no sales."""
    found = row or {}
    count, total = found.get("sales", 0), found.get("total_minor", 0)
    net = found.get("net_minor", 0)
    return {
        "date": on, "count": count, "total": total, "net": net, "tax": found.get("tax_minor", 0),
        "discount": found.get("discount_minor", 0), "credited": found.get("credited_minor", 0),
        "average": total // count if count else 0, "profit": net - found.get("cost_minor", 0) if margins else None,
    }  # fmt: skip


def chart(today: date, rows: Mapping[date, Row], *, margins: bool) -> list[Figures]:
    """Show the last days one by one, today last."""
    days = (today - timedelta(days=ago) for ago in reversed(range(CHART_DAYS)))
    return [day(each, rows.get(each), margins=margins) for each in days]


def month(today: date, rows: Mapping[date, Row], credited_tax_minor: int, *, margins: bool) -> Figures:
    """Sum the month up to today."""
    since = today.replace(day=1)
    within = [day(on, row, margins=margins) for on, row in rows.items() if on >= since]
    sums = {name: sum(each[name] for each in within) for name in ("count", "total", "net", "tax", "credited")}
    profit = sum(each["profit"] for each in within) if margins else None
    return {**sums, "since": since, "tax": sums["tax"] - credited_tax_minor, "profit": profit}
