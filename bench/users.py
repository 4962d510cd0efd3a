"""`./dev bench users`: a thousand people at work in fifty shops, then all of them within one second.

Each has an account, a login, a register and one connection that is kept over the whole run. Everybody asks for
something every 2 to 5 s: of ten requests seven read and three sell. Times are the client's, from sending a request to
having its whole answer.
"""

import argparse
import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from bench import bulk, client, cpu, lookup, place, sale
from bench.client import Connection
from bench.place import Place, Seller

_PORT: Final = 8475
_SHOPS: Final = 50
_PRODUCTS: Final = 300
_CUSTOMERS: Final = 200
_PAUSE_SECONDS: Final = (2.0, 5.0)
_AT_ONCE: Final = 25
_GOAL_MS: Final = 100.0


@dataclass(slots=True)
class User:
    """Somebody at work, with what they sold last."""

    seller: Seller
    connection: Connection
    last_sale: str | None = None


@dataclass(slots=True)
class Seen:
    """What came back: seconds of each answer by kind of request, how many failed, and what the first of those said."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: int = 0
    first_failure: str = ""

    def all(self) -> list[float]:
        """Give the seconds of all answers."""
        return [each for kind in self.seconds.values() for each in kind]


def _list_products(user: User) -> bytes:
    return _get(user, "/api/products?limit=50")


def _scan(user: User) -> bytes:
    return _get(user, f"/api/products/barcode/{place.barcode(random.randrange(_PRODUCTS))}")


def _look_up(user: User) -> bytes:
    return _get(user, f"/api/customers/phone/{lookup.phone(random.randrange(_CUSTOMERS))}")


def _list_sales(user: User) -> bytes:
    return _get(user, "/api/sales?limit=50")


def _read_sale(user: User) -> bytes:
    return _get(user, f"/api/sales/{user.last_sale}") if user.last_sale else _list_sales(user)


def _sell(user: User) -> bytes:
    return sale.make_sale(user.seller)


def _get(user: User, path: str) -> bytes:
    return client.request("GET", path, user.seller.token)


_MIX: Final[dict[str, tuple[Callable[[User], bytes], int]]] = {
    "sell": (_sell, 30), "scan a barcode": (_scan, 20), "list products": (_list_products, 15),
    "look up a phone": (_look_up, 15), "list sales": (_list_sales, 10), "read a sale": (_read_sale, 10),
}  # fmt: skip
"""What people ask for, and how many of a hundred requests are that."""


async def _do_something(user: User, seen: Seen, kind: str | None = None) -> None:
    """Send one request of a kind, or of any by the mix, and note what came of it."""
    if kind is None:
        (kind,) = random.choices(list(_MIX), [weight for _, weight in _MIX.values()])
    try:
        answer = await user.connection.ask(_MIX[kind][0](user))
    except ConnectionError as broken:
        seen.failures += 1
        seen.first_failure = seen.first_failure or f"{kind}: {broken}"
        return
    seen.seconds[kind].append(answer.seconds)
    if not 200 <= answer.status < 300:
        seen.failures += 1
        seen.first_failure = seen.first_failure or f"{kind}: {answer.status} {answer.body.decode()}"
    elif kind == "sell":
        user.last_sale = orjson.loads(answer.body)["data"]["id"]


async def _work(user: User, seen: Seen, until: float) -> None:
    """Be at work until the end, beginning at a time of one's own."""
    await asyncio.sleep(random.uniform(0, _PAUSE_SECONDS[1]))
    while time.perf_counter() < until:
        await _do_something(user, seen)
        await asyncio.sleep(random.uniform(*_PAUSE_SECONDS))


async def _rush(user: User, seen: Seen) -> None:
    await asyncio.sleep(random.uniform(0, 1))
    await _do_something(user, seen)


async def main(count: int, seconds: int, workers: int) -> None:
    """Measure and print."""
    with place.place() as at:
        with bulk.told(f"{count:,} users in {_SHOPS} shops"):
            sellers = await place.sellers(at, shops=_SHOPS, registers=-(-count // _SHOPS), products=_PRODUCTS)
            _register_customers(at, sellers)
        with place.serving(at, port=_PORT, workers=workers) as server:
            sellers = place.log_in(at, sellers)[:count]
            users = [User(seller, await client.connect(_PORT)) for seller in sellers]
            await _warm_up(users)
            await place.quiet(at)
            at_work, rush = Seen(), Seen()
            until = time.perf_counter() + seconds
            before = _cpu_seconds(at, server.pid)
            await asyncio.gather(*(_work(user, at_work, until) for user in users))
            await place.quiet(at)
            spent = [after - since for after, since in zip(_cpu_seconds(at, server.pid), before, strict=True)]
            await asyncio.gather(*(_rush(user, rush) for user in users))
    report(count, seconds, at_work, rush, spent)


def _register_customers(at: Place, sellers: Sequence[Seller]) -> None:
    with bulk.loading(at, ["customers"]) as connection:
        lookup.register(connection, {seller.shop_id for seller in sellers}, _CUSTOMERS)


async def _warm_up(users: Sequence[User]) -> None:
    """Have everybody sell once, which begins the numbers of their register, and every process do some of everything.

    Not counted.
    """
    unseen = Seen()
    for first in range(0, len(users), _AT_ONCE):
        some = users[first : first + _AT_ONCE]
        await asyncio.gather(*(_do_something(user, unseen, "sell") for user in some))
        await asyncio.gather(*(_do_something(user, unseen) for user in some))
    if unseen.failures:
        raise RuntimeError(unseen.first_failure)


def _cpu_seconds(at: Place, server: int) -> tuple[float, float]:
    """Give the CPU seconds of Python and of PostgreSQL so far."""
    return cpu.of_tree(server), cpu.of_tree(cpu.postmaster(at.folder))


def report(count: int, seconds: int, at_work: Seen, rush: Seen, spent: Sequence[float]) -> None:
    """Print what the requests took, by kind and in all, against the goals."""
    for kind in _MIX:
        print(f"{kind:<16} {_line(at_work.seconds[kind])}")
    everything = at_work.all()
    print(f"{'all':<16} {_line(everything)}, {len(everything) / seconds:.0f} a second")
    python_ms, postgres_ms = (1000 * each / len(everything) for each in spent)
    print(f"{'CPU a request':<16} Python {python_ms:.2f} ms, PostgreSQL {postgres_ms:.2f} ms")
    print(f"{'within a second':<16} {_line(rush.all())}")
    for seen in (at_work, rush):
        if seen.failures:
            print(f"the first failure: {seen.first_failure[:1000]}")
    p95 = 1000 * client.percentile(everything, 0.95)
    verdict = "reached" if p95 <= _GOAL_MS and not at_work.failures and not rush.failures else "MISSED"
    slowest = 1000 * max(rush.all(), default=0.0)
    print(f"users: {count:,} at work: p95 {p95:.0f} ms (goal <= {_GOAL_MS:.0f}), {at_work.failures} errors (goal 0); "
          f"all within a second: {rush.failures} errors (goal 0), slowest {slowest:.0f} ms: {verdict}")  # fmt: skip


def _line(values: list[float]) -> str:
    p50, p95, p99 = (1000 * client.percentile(values, share) for share in (0.5, 0.95, 0.99))
    slowest = 1000 * max(values, default=0.0)
    return f"p50 {p50:6.1f} ms, p95 {p95:6.1f} ms, p99 {p99:6.1f} ms, slowest {slowest:6.0f} ms of {len(values):,}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2, help="web processes")
    arguments = parser.parse_args()
    place.run(main(arguments.users, arguments.seconds, arguments.workers))
