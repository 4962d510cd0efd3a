"""What is asked about the numbers of a till: what was delivered of them, and what is still awaited."""

from typing import Any, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.reads import Reads
from duka.sales.series.schemas import Range, SeriesNumbers
from duka.shops.registers import queries as registers

RANGES_MAX: Final = 1_000
SERIES_MAX: Final = 100

_SERIES: Final = """
SELECT id, kind, code, financial_year, highest_seen, complete_to, closed_at, declared_hole FROM series
WHERE shop_id = %(shop)s AND register_id = %(register)s ORDER BY financial_year DESC, code LIMIT %(series_max)s
"""
_SET_ASIDE: Final = """
SELECT DISTINCT s.id AS series_id, d.claimed_counter AS counter FROM series s
JOIN quarantined_documents d ON d.shop_id = %(shop)s AND d.claimed_series = s.code || '/' || s.financial_year
    AND d.claimed_counter > s.complete_to AND d.claimed_counter <= s.highest_seen
WHERE s.shop_id = %(shop)s AND s.register_id = %(register)s AND NOT EXISTS (
    SELECT 1 FROM invoices i WHERE i.shop_id = %(shop)s AND i.series_id = s.id AND i.counter = d.claimed_counter)
"""
# Between two numbers that are there and do not follow each other lie those that are not. The highest is there.
_GAPS: Final = f"""
SELECT series_id, before + 1 AS first, counter - 1 AS last FROM (
    SELECT h.series_id, h.counter, lag(h.counter, 1, h.complete_to) OVER (
        PARTITION BY h.series_id ORDER BY h.counter) AS before
    FROM (
        SELECT s.id AS series_id, s.complete_to, i.counter FROM series s JOIN invoices i
            ON i.shop_id = %(shop)s AND i.series_id = s.id AND i.counter > s.complete_to
        WHERE s.shop_id = %(shop)s AND s.register_id = %(register)s AND s.declared_hole IS NULL
        UNION SELECT a.series_id, s.complete_to, a.counter FROM ({_SET_ASIDE}) a
            JOIN series s ON s.shop_id = %(shop)s AND s.id = a.series_id AND s.declared_hole IS NULL
    ) h
) g WHERE counter > before + 1
"""  # noqa: S608 - no outside text


async def numbers(ctx: Ctx, register_id: UUID) -> list[SeriesNumbers]:
    """Give the series of a till, the newest year first, with what is awaited of each. RegisterNotFound."""
    await registers.register(ctx, register_id)
    reads = Reads(ctx)
    reads.ask("series", _SERIES, register=register_id, series_max=SERIES_MAX)
    reads.ask("gaps", _GAPS)
    reads.ask("set_aside", _SET_ASIDE)
    answers = await reads.send()
    return [_shown(row, answers) for row in answers["series"]]


def _shown(row: dict[str, Any], answers: dict[str, list[dict[str, Any]]]) -> SeriesNumbers:
    gaps = sorted((each["first"], each["last"]) for each in answers["gaps"] if each["series_id"] == row["id"])
    damaged = sorted(each["counter"] for each in answers["set_aside"] if each["series_id"] == row["id"])
    awaited = [Range(first=first, last=last) for first, last in gaps[:RANGES_MAX]]
    count = sum(last - first + 1 for first, last in gaps)
    return SeriesNumbers.model_validate({**row, "awaited": awaited, "awaited_count": count, "set_aside": damaged})
