"""`./dev bench growth`: does Duka stay as fast when a shop has a million sales behind it, and how much memory is idle?

The same sales by 32 connections, at 10 thousand and at 1 million existing ones (`--rows`): all in one shop with 32
registers, then spread over 1,000 shops that sell in turn. Both sizes run at once, each on a server of its own, and
their rounds alternate. Then lists of 50 in the shop with the million, and the memory of an empty, idle Duka.
`duka verify` is run over the smaller one, with `--verify` over both.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bench import bulk, client, memory, past, place, sale
from bench.place import Place, Seller
from duka.platform.identity import Signer
from duka.verify import runner

_PORTS: Final = (8477, 8478)
_IDLE_PORT: Final = 8479
_SMALL: Final = 10_000
_SHOPS: Final = 1000
_CONNECTIONS: Final = 32
_TEMPLATES: Final = 4
_WARM_UP: Final = 640
_IDLE_SECONDS: Final = 30
_LIST_REQUESTS: Final = 60
_GOAL_SLOWER: Final = 0.15
_GOAL_LIST_MS: Final = 50.0
_GOAL_MEMORY_MB: Final = 250

Fill = Callable[[Place, int], Coroutine[Any, Any, list[Seller]]]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two servers: how many sales are behind it, who sells on it, its first process and its port."""

    size: int
    at: Place
    sellers: Sequence[Seller]
    server: int
    port: int


async def one_shop(at: Place, sales: int) -> list[Seller]:
    """Make a shop with 32 registers and a past."""
    sellers = await place.sellers(at, shops=1, registers=_CONNECTIONS)
    await _sell_first(at, sellers, len(sellers))
    with bulk.loading(at, past.TABLES) as connection:
        past.give(connection, sellers[0].shop_id, sales)
    return sellers


async def many_shops(at: Place, sales: int) -> list[Seller]:
    """Make 1,000 shops of a register that share a number of sales: one with its part of the past, then its copies.

    Fewer shops when there are few sales, but one for each connection.
    """
    shops = max(_CONNECTIONS, min(_SHOPS, sales // 10))
    (seller,) = await place.sellers(at, shops=1, registers=1, products=100)
    await _sell_first(at, [seller], _TEMPLATES)
    with bulk.loading(at, past.shop_tables()) as connection:
        past.give(connection, seller.shop_id, sales // shops)
        return past.multiply(connection, seller, shops)


async def _sell_first(at: Place, sellers: list[Seller], sales: int) -> None:
    """Sell what the past is copied from."""
    with place.serving(at, port=_PORTS[0], workers=1) as server:
        await sale.round_of_duka(at, sellers, server.pid, sales, connections=1, port=_PORTS[0])
        await place.quiet(at)


async def start(
    stack: ExitStack, sizes: tuple[int, int], name: str, fill: Fill, workers: int, *, verify_all: bool
) -> tuple[Side, Side]:
    """Make, fill, check and start two servers that differ only in how many sales are behind them."""
    filled = []
    for size in sizes:
        at = stack.enter_context(place.place())
        with bulk.told(f"{size:,} sales {name}"):
            filled.append((at, size, await fill(at, size)))
        if size == sizes[0] or verify_all:
            _verify(at)
    small, large = (
        Side(size, at, sellers, stack.enter_context(place.serving(at, port=port, workers=workers)).pid, port)
        for (at, size, sellers), port in zip(filled, _PORTS, strict=True)
    )
    return small, large


def _verify(at: Place) -> None:
    """Prove that the past is one that Duka could have written."""
    found = at.found()
    with bulk.told("duka verify"):
        tallies = runner.verify(found.urls, Signer(found.secret))
    assert tallies is not None
    if runner.breaches_of(tallies):
        raise RuntimeError(runner.as_text(tallies, 0.0))


async def sell(side: Side, sales: int) -> sale.Round:
    """Sell on one of the two and leave it quiet."""
    sellers = place.log_in(side.at, side.sellers)
    result, _ = await sale.round_of_duka(
        side.at, sellers, side.server, sales, connections=_CONNECTIONS, port=side.port
    )
    await place.quiet(side.at)
    return result


async def compare(small: Side, large: Side, rounds: int, seconds: int) -> list[float]:
    """Sell on both in turn; print the rates and give the ratio of each round, large to small."""
    # Everybody sells before it counts; how fast tells how many sales fit the time.
    warm_up = max(_WARM_UP, 2 * len(large.sellers))
    rate = min([(await sell(side, warm_up)).rate for side in (small, large)])
    sales = max(_WARM_UP, int(rate * seconds))
    done: dict[int, list[sale.Round]] = {small.size: [], large.size: []}
    for number in range(1, rounds + 1):
        for side in (small, large) if number % 2 else (large, small):
            done[side.size].append(await sell(side, sales))
        few, many = (done[side.size][-1].rate for side in (small, large))
        print(f"round {number}: {few:.0f} sales/s, {many:.0f} sales/s", flush=True)
    for size, each in done.items():
        rates = [one.rate for one in each]
        print(f"{size:>10,} sales: {statistics.median(rates):.0f} sales/s ({min(rates):.0f} to {max(rates):.0f}), "
              f"{sum(one.busy for one in each)} busy answers repeated")  # fmt: skip
    return [many.rate / few.rate for few, many in zip(done[small.size], done[large.size], strict=True)]


async def list_sales(side: Side) -> float:
    """Ask for lists of 50 as a shop's owner; print each and give the slowest list's p95 in milliseconds."""
    (owner,) = place.log_in(side.at, side.sellers[:1])
    connection = await client.connect(side.port)
    slowest = 0.0
    for path in _lists(owner):
        took = []
        for _ in range(_LIST_REQUESTS):
            answer = await connection.ask(client.request("GET", path, owner.token))
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status} {answer.body.decode()}")
            took.append(1000 * answer.seconds)
        p50, p95 = (client.percentile(took, share) for share in (0.5, 0.95))
        print(f"  p50 {p50:7.1f} ms, p95 {p95:7.1f} ms  {path}", flush=True)
        slowest = max(slowest, p95)
    connection.close()
    return slowest


def _lists(owner: Seller) -> list[str]:
    """Give the lists that a shop's people ask for: by day, state, till, person, sum, number."""
    today = datetime.now(UTC).date()
    day, month = (today - timedelta(days=1)).isoformat(), (today - timedelta(days=30)).isoformat()
    asked = (
        "", "sort=created", "sort=-business_date", "sort=-total", f"from={day}&to={day}",
        f"from={day}&to={day}&sort=-total", f"from={month}&sort=-business_date", "state=completed", "state=incomplete",
        "method=cash", "owing=true", f"staff_id={owner.staff_id}", f"register_id={owner.register_id}",
        f"branch_id={owner.branch_id}&sort=-business_date", "amount_min=5000&amount_max=6000", "number=S1/",
        "q=000123",
    )  # fmt: skip
    return [f"/api/sales?limit=50&{each}".rstrip("&") for each in asked] + ["/api/invoices?limit=50"]


async def idle_memory() -> float:
    """Start an empty Duka as its users do, let it be, and give the megabytes of all its processes, PostgreSQL's too."""
    with tempfile.TemporaryDirectory(prefix="duka-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        command = [sys.executable, "-m", "duka.cli", "--data", name, "--port", str(_IDLE_PORT)]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DUKA_")}
        words = folder / "duka.log"
        with words.open("wb") as log:
            server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            place.await_ready(_IDLE_PORT, server, words)
            await asyncio.sleep(_IDLE_SECONDS)
            return memory.of_tree(server.pid)
        finally:
            server.terminate()
            server.wait(timeout=60)


async def main(rows: int, rounds: int, seconds: int, workers: int, *, verify_all: bool) -> None:
    """Measure and print."""
    megabytes = await idle_memory()
    print(f"an idle Duka with its PostgreSQL: {megabytes:.0f} MB", flush=True)
    sizes = (min(_SMALL, rows // 10), rows)
    ratios: dict[str, list[float]] = {}
    list_ms = 0.0
    layouts: Sequence[tuple[str, Fill]] = (("in 1 shop", one_shop), ("over many shops", many_shops))
    for name, fill in layouts:
        with ExitStack() as stack:
            small, large = await start(stack, sizes, name, fill, workers, verify_all=verify_all)
            ratios[name] = await compare(small, large, rounds, seconds)
            if fill is one_shop:
                list_ms = await list_sales(large)
    report(rows, ratios, list_ms, megabytes)


def report(rows: int, ratios: dict[str, list[float]], list_ms: float, megabytes: float) -> None:
    """Print the figures against the goals."""
    told = ", ".join(
        f"{name} {statistics.median(each):.2f} ({min(each):.2f} to {max(each):.2f})" for name, each in ratios.items()
    )
    kept = all(statistics.median(each) >= 1 - _GOAL_SLOWER for each in ratios.values())
    reached = kept and list_ms < _GOAL_LIST_MS and megabytes < _GOAL_MEMORY_MB
    print(f"growth: speed at {rows:,} sales to that at few: {told} (goal >= {1 - _GOAL_SLOWER:.2f}); slowest list p95 "
          f"{list_ms:.0f} ms (goal < {_GOAL_LIST_MS:.0f}); idle {megabytes:.0f} MB (goal < {_GOAL_MEMORY_MB}): "
          f"{'reached' if reached else 'MISSED'}")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="sales behind the larger server")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10, help="of a round, on each server")
    parser.add_argument("--workers", type=int, default=2, help="web processes")
    parser.add_argument("--verify", action="store_true", help="verify the larger one too")
    given = parser.parse_args()
    place.run(main(given.rows, given.rounds, given.seconds, given.workers, verify_all=given.verify))
