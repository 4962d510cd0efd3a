"""Runs the invariants and says what came of it: over one shop, all shops, the installation, the schema."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg

from duka.platform.identity import Signer
from duka.platform.postgres import Urls, libpq
from duka.verify.invariants import BREACHES_MAX, Breach, Invariant, Look
from duka.verify.registry import OF_INSTALLATION, OF_SCHEMA, OF_SHOP

_SHOWN_MAX: Final = 20

_SETTINGS: Final = """
SELECT set_config(name, value, true) FROM (VALUES ('statement_timeout', '1h'), ('jit', 'off'), ('work_mem', '64MB'),
    ('idle_in_transaction_session_timeout', '1h')) AS setting(name, value)
"""


@dataclass(slots=True)
class Tally:
    """What one invariant came to, over all shops that were looked at."""

    invariant: Invariant
    breaches: list[Breach] = field(default_factory=list)
    seconds: float = 0.0


def verify(urls: Urls, signer: Signer, shop: str | None = None, *, schema_only: bool = False) -> list[Tally] | None:
    """Verify a shop (by id or slug), or all shops with the installation and the schema, or the schema alone.

    None where no shop is called so.
    """
    tallies: list[Tally] = []
    if not schema_only:
        with connect(urls.app) as connection:
            shops = shops_called(connection, shop)
            if shop is not None and not shops:
                return None
            tallies += _over(connection, shops, signer)
    if not (shop or schema_only):
        with connect(urls.platform) as connection:
            tallies += verify_outside(connection, OF_INSTALLATION)
    if not shop:
        with connect(urls.owner) as connection:
            tallies += verify_outside(connection, OF_SCHEMA)
    return tallies


def connect(url: str, *, prepare_after: int | None = None) -> psycopg.Connection[Any]:
    """Connect for reading only, every transaction in one unmoving snapshot.

    With `prepare_after` a statement is planned once, at its so many-th repetition: for who verifies small shops over
    and over. Large shops want plans of their own.
    """
    connection = psycopg.connect(libpq(url), prepare_threshold=prepare_after)
    if prepare_after is not None:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.commit()
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    return connection


def shops_called(connection: psycopg.Connection[Any], name: str | None) -> list[UUID]:
    """Give the shops with an id or slug, or all."""
    with connection.transaction():
        found = connection.execute(
            "SELECT shop_id FROM shop_directory WHERE %(name)s::text IS NULL OR slug = %(name)s "
            "OR shop_id::text = lower(%(name)s) ORDER BY shop_id",
            {"name": name},
        )
        return [shop_id for (shop_id,) in found.fetchall()]


def verify_shop(
    connection: psycopg.Connection[Any], shop_id: UUID, signer: Signer | None = None,
    invariants: Sequence[Invariant] = OF_SHOP,
) -> list[Tally]:  # fmt: skip
    """Verify one shop in one read-only transaction of the app's role."""
    with _reading(connection):
        connection.execute("SELECT currency FROM use_shop_for_system(%s)", [shop_id])
        return examine(Look(connection, shop_id, signer), invariants)


def verify_outside(connection: psycopg.Connection[Any], invariants: Sequence[Invariant]) -> list[Tally]:
    """Verify what belongs to no shop."""
    with _reading(connection):
        return examine(Look(connection, None), invariants)


def examine(look: Look, invariants: Sequence[Invariant] = OF_SHOP) -> list[Tally]:
    """Ask every invariant in the transaction that the look has."""
    tallies = []
    for invariant in invariants:
        began = time.perf_counter()
        found = [Breach(invariant.name, look.shop_id, facts) for facts in _first(invariant.find(look))]
        tallies.append(Tally(invariant, found, time.perf_counter() - began))
    return tallies


def breaches_of(tallies: Iterable[Tally]) -> list[Breach]:
    """Give all breaches, in the order of the invariants."""
    return [breach for tally in tallies for breach in tally.breaches]


def as_text(tallies: Sequence[Tally], seconds: float) -> str:
    """Write a line for each invariant, under it its first breaches, and the time it all took."""
    lines: list[str] = []
    for tally in tallies:
        count = len(tally.breaches)
        outcome = f"{count} broken" if count else "holds"
        lines.append(
            f"{tally.invariant.number:>3}  {tally.invariant.name:<28} {outcome:<12} {tally.seconds * 1000:>9.1f} ms"
        )
        if count:
            lines.append(f"     {tally.invariant.says}")
        for breach in tally.breaches[:_SHOWN_MAX]:
            facts = ", ".join(f"{name}={value}" for name, value in breach.facts.items() if value is not None)
            where = f"shop {breach.shop_id}: " if breach.shop_id else ""
            lines.append(f"     - {where}{facts}")
        if count > _SHOWN_MAX:
            lines.append(f"     - and {count - _SHOWN_MAX} more")
    broken = sum(1 for tally in tallies if tally.breaches)
    lines.append(f"{'All' if not broken else f'{broken} of'} {len(tallies)} invariants "
                 f"{'hold' if not broken else 'are broken'}; {seconds:.1f} s.")
    return "\n".join(lines)


def as_json(tallies: Sequence[Tally], seconds: float) -> str:
    """Write the same for programs, with all breaches."""
    answer = {
        "holds": not any(tally.breaches for tally in tallies),
        "seconds": round(seconds, 3),
        "invariants": [
            {
                "number": tally.invariant.number, "name": tally.invariant.name, "says": tally.invariant.says,
                "seconds": round(tally.seconds, 4), "broken": len(tally.breaches),
                "breaches": [{"shop_id": each.shop_id, "facts": each.facts} for each in tally.breaches],
            }
            for tally in tallies
        ],
    }  # fmt: skip
    return orjson.dumps(answer, option=orjson.OPT_INDENT_2, default=str).decode()


def _over(connection: psycopg.Connection[Any], shops: Sequence[UUID], signer: Signer) -> list[Tally]:
    tallies = [Tally(invariant) for invariant in OF_SHOP]
    for shop_id in shops:
        for all_shops, one in zip(tallies, verify_shop(connection, shop_id, signer), strict=True):
            all_shops.breaches += one.breaches
            all_shops.seconds += one.seconds
    return tallies


def _first(found: Iterable[Any]) -> Iterator[Any]:
    for place, facts in enumerate(found):
        if place == BREACHES_MAX:
            return
        yield facts


@contextmanager
def _reading(connection: psycopg.Connection[Any]) -> Iterator[None]:
    with connection.transaction():
        connection.execute(_SETTINGS)
        yield
