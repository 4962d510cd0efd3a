"""`./dev bench sale`: sales a second through the whole of Duka, as a share of what the database alone does.

32 registers in 4 shops, three lines a sale, cash; JWT, session check, row-level security, fsync on. Rounds of the
floor and of Duka alternate in one run on one server; medians and spread are printed, the ratio last.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from bench import client, cpu, floor, place
from bench.place import Place, Seller
from duka.platform.ids import new_id

PORT: Final = 8471


@dataclass(frozen=True, slots=True)
class Round:
    """One round: sales a second, CPU milliseconds a sale of Python and of PostgreSQL, answers that said `busy`."""

    rate: float
    python_ms: float
    postgres_ms: float
    busy: int = 0


def make_sale(seller: Seller) -> bytes:
    """Write the request of one sale: three lines, cash."""
    lines = [{"variant_id": str(v), "quantity": 1} for v in random.sample(seller.variants, 3)]
    body = {
        "id": str(new_id()), "register_id": str(seller.register_id), "lines": lines,
        "payments": [{"method": "cash", "amount": 50_000}],
    }  # fmt: skip
    return client.request("POST", "/api/sales", seller.token, orjson.dumps(body))


async def round_of_duka(
    at: Place, sellers: Sequence[Seller], server: int, sales: int, *, connections: int = 32, port: int = PORT
) -> tuple[Round, client.Tally]:
    """Sell through Duka, all requests made beforehand. Each connection sells for its part of the sellers in turn."""
    assert len(sellers) >= connections
    each = sales // connections
    makers = [_requests(sellers[n::connections], each) for n in range(connections)]
    database = cpu.postmaster(at.folder)
    before = cpu.of_tree(server), cpu.of_tree(database)
    clock = time.perf_counter()
    tally = await client.hammer(port, makers)
    took = time.perf_counter() - clock
    after = cpu.of_tree(server), cpu.of_tree(database)
    if tally.failures:
        raise RuntimeError(f"{tally.failures} failures, the first: {tally.first_failure.decode()}")
    count = each * connections
    python, postgres = (1000 * (b - a) / count for a, b in zip(before, after, strict=True))
    return Round(count / took, python, postgres, tally.busy), tally


def _requests(sellers: Sequence[Seller], count: int) -> Callable[[], bytes | None]:
    queue = iter([make_sale(sellers[n % len(sellers)]) for n in range(count)])
    return lambda: next(queue, None)


def round_of_floor(at: Place, scripts: list[Path], seconds: int) -> Round:
    """Sell by plain SQL."""
    database = cpu.postmaster(at.folder)
    before = cpu.of_tree(database)
    rate = floor.run(at, scripts, seconds)
    return Round(rate, 0.0, 1000 * (cpu.of_tree(database) - before) / (rate * seconds))


async def main(rounds: int, seconds: int, workers: int) -> None:
    """Measure and print."""
    with place.place() as at:
        sellers = await place.sellers(at, shops=4, registers=8)
        hot = [sellers[0]] * 32
        with place.serving(at, port=PORT, workers=workers) as server:
            scripts = floor.prepare(at, sellers)
            # The first sales open the series and warm the pools; they are not counted.
            await round_of_duka(at, sellers, server.pid, 640)
            floors, sold, one = [], [], []
            seen: list[float] = []
            for number in range(1, rounds + 1):
                floors.append(round_of_floor(at, scripts, seconds))
                result, tally = await round_of_duka(at, sellers, server.pid, int(floors[-1].rate * 0.5 * seconds))
                sold.append(result)
                seen += tally.seconds
                single, _ = await round_of_duka(at, hot, server.pid, int(result.rate * 0.4 * seconds))
                one.append(single)
                print(f"round {number}: floor {floors[-1].rate:.0f}/s, duka {result.rate:.0f}/s, "
                      f"one register {single.rate:.0f}/s", flush=True)  # fmt: skip
    report(floors, sold, one, seen)


def report(floors: list[Round], sold: list[Round], one: list[Round], seen: list[float]) -> None:
    """Print medians, spread and the ratio."""
    base, duka = _median(floors, "rate"), _median(sold, "rate")
    ratios = [d.rate / f.rate for d, f in zip(sold, floors, strict=True)]
    floor_cpu, duka_cpu = _median(floors, "postgres_ms"), _median(sold, "postgres_ms")
    ms = [1000 * client.percentile(seen, share) for share in (0.5, 0.95, 0.99)]
    print(f"floor      {base:.0f} sales/s, PostgreSQL CPU {floor_cpu:.2f} ms a sale")
    print(f"duka       {duka:.0f} sales/s, PostgreSQL CPU {duka_cpu:.2f} ms a sale ({duka_cpu / floor_cpu:.2f} x "
          f"floor), Python CPU {_median(sold, 'python_ms'):.2f} ms a sale")  # fmt: skip
    print(f"answers    p50 {ms[0]:.1f} ms, p95 {ms[1]:.1f} ms, p99 {ms[2]:.1f} ms with 32 registers at full speed")
    print(f"busy       {sum(each.busy for each in [*sold, *one])} answers, repeated after a second")
    print(f"one server register for all: {_median(one, 'rate'):.0f} sales/s, ratio {_median(one, 'rate') / base:.2f}")
    print(f"ratio {statistics.median(ratios):.2f} (median of {len(ratios)} rounds, {min(ratios):.2f} to "
          f"{max(ratios):.2f})")  # fmt: skip


def _median(rounds: list[Round], field: str) -> float:
    return float(statistics.median(getattr(each, field) for each in rounds))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    place.run(main(arguments.rounds, arguments.seconds, arguments.workers))
