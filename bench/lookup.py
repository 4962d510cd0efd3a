"""`./dev bench lookup`: finding a customer by phone, among 10 thousand and among 1 million.

Shops of 10,000 customers each: one shop against a hundred (a thousand with `--rows 10000000`), each on a server of
its own. One connection asks for random phones of random shops, one after the other, in rounds that alternate between
the two. The time is the server's own (`Server-Timing`), without the way there and back.
"""

import argparse
import random
import statistics
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from bench import bulk, client, place
from bench.place import Place, Seller
from duka.customers.rules import search_text
from duka.platform.ids import new_id

_PORTS: Final = (8473, 8474)
_OF_A_SHOP: Final = 10_000
_GOAL_MS: Final = 5.0
_GOAL_RATIO: Final = 1.3

_COLUMNS: Final = (
    "shop_id", "id", "name", "phone", "address", "notes", "type", "tags", "credit_limit_minor", "search", "active",
    "version", "created_at", "updated_at",
)  # fmt: skip


def phone(number: int) -> str:
    """Give the phone of a shop's n-th customer, as it is kept."""
    return f"+25677{number:07}"


def register(connection: psycopg.Connection[Any], shop_ids: Iterable[UUID], each: int) -> None:
    """Write customers into shops, the same phones in each."""
    now = datetime.now(UTC)
    statement = f"COPY customers ({', '.join(_COLUMNS)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for shop_id in shop_ids:
            for n in range(each):
                name = f"Customer {n:07}"
                copy.write_row((
                    shop_id, new_id(), name, phone(n), "", "", "retail", "[]", 0, search_text(name, phone(n), None),
                    True, 1, now, now,
                ))  # fmt: skip


async def look_up(port: int, sellers: Sequence[Seller], each: int, count: int) -> list[float]:
    """Ask for customers one after the other on one connection; give the server's milliseconds."""
    connection = await client.connect(port)
    took = []
    for _ in range(count):
        path = f"/api/customers/phone/{phone(random.randrange(each))}"
        answer = await connection.ask(client.request("GET", path, random.choice(sellers).token))
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {answer.body.decode()}")
        took.append(answer.server_ms)
    connection.close()
    return took


async def main(rows: int, rounds: int, requests: int) -> None:
    """Measure and print."""
    each = min(_OF_A_SHOP, rows // 10)
    sizes = (each, rows)
    with ExitStack() as stack:
        places = [stack.enter_context(place.place()) for _ in sizes]
        sellers = [await _fill(at, size // each, each) for at, size in zip(places, sizes, strict=True)]
        for at, port in zip(places, _PORTS, strict=True):
            stack.enter_context(place.serving(at, port=port, workers=1))
        for index, port in enumerate(_PORTS):
            sellers[index] = place.log_in(places[index], sellers[index])
            await look_up(port, sellers[index], each, 200)  # opens connections, prepares statements; not counted
        seen: tuple[list[list[float]], list[list[float]]] = ([], [])
        for number in range(1, rounds + 1):
            for index in (0, 1) if number % 2 else (1, 0):
                who = place.log_in(places[index], sellers[index])
                seen[index].append(await look_up(_PORTS[index], who, each, requests))
            print(f"round {number}: p50 {_p50(seen[0][-1]):.2f} ms of {sizes[0]:,}, "
                  f"{_p50(seen[1][-1]):.2f} ms of {sizes[1]:,}", flush=True)  # fmt: skip
    report(sizes, seen)


async def _fill(at: Place, shops: int, each: int) -> list[Seller]:
    with bulk.told(f"{shops * each:,} customers in {shops:,} shops"):
        sellers = await place.sellers(at, shops=shops, registers=1, products=1)
        with bulk.loading(at, ["customers"]) as connection:
            register(connection, [seller.shop_id for seller in sellers], each)
    return sellers


def report(sizes: tuple[int, int], seen: tuple[list[list[float]], list[list[float]]]) -> None:
    """Print the medians and the ratio against the goals."""
    for size, rounds in zip(sizes, seen, strict=True):
        all_ms = [ms for each in rounds for ms in each]
        ms = [client.percentile(all_ms, share) for share in (0.5, 0.95, 0.99)]
        print(f"{size:>10,} customers: p50 {ms[0]:.2f} ms, p95 {ms[1]:.2f} ms, p99 {ms[2]:.2f} ms "
              f"({len(all_ms):,} requests)")  # fmt: skip
    ratios = [_p50(large) / _p50(small) for small, large in zip(*seen, strict=True)]
    few, many = (statistics.median(_p50(each) for each in rounds) for rounds in seen)
    ratio = statistics.median(ratios)
    verdict = "reached" if max(few, many) < _GOAL_MS and ratio <= _GOAL_RATIO else "MISSED"
    print(f"lookup: p50 {few:.2f} and {many:.2f} ms (goal < {_GOAL_MS:.0f}), ratio {ratio:.2f} (goal <= {_GOAL_RATIO}, "
          f"{min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} rounds): {verdict}")  # fmt: skip


def _p50(values: list[float]) -> float:
    return client.percentile(values, 0.5)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="customers of the large server")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=2000, help="in a round, of each server")
    arguments = parser.parse_args()
    place.run(main(arguments.rows, arguments.rounds, arguments.requests))
