"""`./dev bench stock`: goods come in, are counted while the shop sells, and are looked back at.

A goods receipt of 500 lines against an order. A count of 5,000 lines that a job posts while eight tills go on selling:
how long a sale takes then, and how long when nothing else happens, in rounds that alternate. Then, in a shop with a
million movements behind it (`--rows`): what stock was worth on days that are past, before and after the night's job
has added the days up, and the movements of one product, and how long the costs of all of it take to close. The times
of single questions are the server's own (`Server-Timing`).
"""

import argparse
import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from bench import bulk, client, past, place, sale
from bench.client import Connection
from bench.place import Place, Seller
from duka.main import make_house
from duka.platform.ids import new_id
from duka.shops import entry
from duka.stock import valuation
from duka.stock.costs import jobs as closing_jobs

_PORT: Final = 8482
_RECEIPT_LINES: Final = 500
_COUNT_LINES: Final = 5_000
_ENTRIES_AT_ONCE: Final = 500
_STANDING: Final = 10**8
"""About as many units of each item as `place` puts on the shelves."""
_TILLS: Final = 8
_THINKING_SECONDS: Final = (0.3, 0.7)
_IDLE_SECONDS: Final = 12.0
_LINES_A_SALE: Final = 3
_ASKED: Final = 100
_TEMPLATES: Final = 32
_GOAL_RECEIPT_SECONDS: Final = 1.0
_GOAL_RATIO: Final = 1.3
_GOAL_VALUE_MS: Final = 200.0
_GOAL_MOVEMENTS_MS: Final = 50.0


async def ask(
    connection: Connection, seller: Seller, method: str, path: str, body: Any = None
) -> tuple[Any, client.Answer]:
    """Ask for something that must succeed; give its data, and the answer for its times."""
    sent = b"" if body is None else orjson.dumps(body)
    answer = await connection.ask(client.request(method, path, seller.token, sent))
    if answer.status >= 300:
        raise RuntimeError(f"{method} {path}: {answer.status} {answer.body.decode()[:1000]}")
    return orjson.loads(answer.body)["data"], answer


async def receive(connection: Connection, owner: Seller, rounds: int) -> None:
    """Order and receive 500 lines, round by round; print how long the receipts took."""
    supplier, _ = await ask(connection, owner, "POST", "/api/suppliers", {"name": "Wholesaler"})
    took = []
    for number in range(rounds):
        goods = [str(each) for each in random.sample(owner.variants, _RECEIPT_LINES)]
        lines = [{"variant_id": each, "quantity": 12, "price": 650 + number} for each in goods]
        asked = {"id": str(new_id()), "supplier_id": supplier["id"], "lines": lines}
        order, _ = await ask(connection, owner, "POST", "/api/purchase-orders", asked)
        for step in ("approve", "order"):
            await ask(connection, owner, "POST", f"/api/purchase-orders/{order['id']}/{step}")
        came = [{"variant_id": each, "accepted": 12} for each in goods]
        receipt = {"id": str(new_id()), "order_id": order["id"], "lines": came, "freight": 90_000}
        _, answer = await ask(connection, owner, "POST", "/api/goods-receipts", receipt)
        took.append(answer.seconds)
    print(f"goods receipt of {_RECEIPT_LINES} lines: p50 {client.percentile(took, 0.5):.2f} s, slowest of {rounds} "
          f"{max(took):.2f} s (goal {_GOAL_RECEIPT_SECONDS:.0f} s)", flush=True)  # fmt: skip


async def count(connection: Connection, at: Place, sellers: Sequence[Seller], rounds: int) -> None:
    """Count everything and post it while the tills sell; print sales' times beside those when nothing else happens."""
    idle: list[float] = []
    beside: list[float] = []
    posted: list[float] = []
    clock = asyncio.get_running_loop().time
    for _ in range(rounds):
        here = place.log_in(at, sellers)
        address = await _counted(connection, here[0])
        await place.quiet(at)
        idle += await _sell(here, until=asyncio.create_task(asyncio.sleep(_IDLE_SECONDS)))
        began = clock()
        beside += await _sell(here, until=asyncio.create_task(_post(connection, here[0], address)))
        posted.append(clock() - began)
    print(f"count of {_COUNT_LINES} lines, posted by a job in {client.percentile(posted, 0.5):.1f} s while {_TILLS} "
          "tills sell:")  # fmt: skip
    for name, took in (("idle", idle), ("meanwhile", beside)):
        p50, p95 = (client.percentile(took, share) for share in (0.5, 0.95))
        print(f"  a sale {name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms ({len(took)} sales)")
    ratio = client.percentile(beside, 0.95) / client.percentile(idle, 0.95)
    print(f"  p95 is {ratio:.2f} times as long (goal {_GOAL_RATIO})", flush=True)


async def _counted(connection: Connection, owner: Seller) -> str:
    """Begin a count and enter all of it, a little beside the books; give its address."""
    begun = {"id": str(new_id()), "location_id": str(owner.location_id)}
    address = f"/api/stock-counts/{begun['id']}"
    await ask(connection, owner, "POST", "/api/stock-counts", begun)
    for start in range(0, _COUNT_LINES, _ENTRIES_AT_ONCE):
        some = owner.variants[start : start + _ENTRIES_AT_ONCE]
        entries = [{"variant_id": str(each), "quantity": _STANDING - random.randrange(1_000)} for each in some]
        await ask(connection, owner, "POST", f"{address}/entries", {"entries": entries})
    await ask(connection, owner, "POST", f"{address}/review", {})
    return address


async def _post(connection: Connection, owner: Seller, address: str) -> None:
    """Have a count posted and wait until it is."""
    shown, _ = await ask(connection, owner, "POST", f"{address}/post")
    while shown["state"] != "posted":
        await asyncio.sleep(0.5)
        shown, _ = await ask(connection, owner, "GET", f"/api/stock-counts?location_id={owner.location_id}&limit=1")
        shown = shown[0]


async def _sell(sellers: Sequence[Seller], *, until: "asyncio.Task[None]") -> list[float]:
    """Sell at every till, with a pause between, until something is done; give the milliseconds of each sale."""

    async def till(seller: Seller) -> list[float]:
        connection, took = await client.connect(_PORT), []
        while not until.done():
            await asyncio.sleep(random.uniform(*_THINKING_SECONDS))
            answer = await connection.ask(sale.make_sale(seller))
            if answer.status != 201:
                raise RuntimeError(answer.body.decode())
            took.append(1000 * answer.seconds)
        connection.close()
        return took

    sold = await asyncio.gather(*(till(each) for each in sellers))
    await until
    return [each for some in sold for each in some]


async def _with_a_past(at: Place, sales: int) -> list[Seller]:
    """Make a shop with so many sales behind it, and with them its movements."""
    sellers = await place.sellers(at, shops=1, registers=_TILLS)
    with place.serving(at, port=_PORT, workers=1) as server:
        await sale.round_of_duka(at, sellers, server.pid, _TEMPLATES, connections=1, port=_PORT)
        await place.quiet(at)
    with bulk.loading(at, past.TABLES) as connection:
        past.give(connection, sellers[0].shop_id, sales)
    return sellers


async def look_back(at: Place, sellers: Sequence[Seller]) -> None:
    """Ask what stock was worth, before and after the days were added up, and for the movements of single products."""
    (owner,) = place.log_in(at, sellers[:1])
    connection = await client.connect(_PORT)
    today = datetime.now(UTC).date()

    def worth() -> str:
        return f"/api/stock/valuation?date={today - timedelta(days=random.randrange(1, 90))}"

    await _print(connection, owner, "stock's value, nothing added up yet", worth, _GOAL_VALUE_MS, count=10)
    with bulk.told("the night's job"):
        await _add_up(at, owner)
    with bulk.told("closing the costs of all of it"):
        await _close(at, owner)
    with bulk.told("closing them again"):
        await _close(at, owner)
    # A million takes longer than the server keeps an idle connection, and than a login lasts.
    connection.close()
    (owner,) = place.log_in(at, sellers[:1])
    connection = await client.connect(_PORT)
    await _print(connection, owner, "stock's value on a past day", worth, _GOAL_VALUE_MS)
    sold = await _sold(connection, owner)
    for name, more in (("", ""), (", oldest first", "&sort=id"), (" of one kind", "&kind=sale")):

        def moved(more: str = more) -> str:
            return f"/api/stock-movements?limit=50&variant_id={random.choice(sold)}{more}"

        await _print(connection, owner, f"movements of one product{name}", moved, _GOAL_MOVEMENTS_MS)
    await _print(
        connection, owner, "one product's value on a past day", lambda: f"{worth()}&variant_id={random.choice(sold)}",
        _GOAL_VALUE_MS,
    )  # fmt: skip
    connection.close()


async def _print(
    connection: Connection, owner: Seller, name: str, path: Callable[[], str], goal_ms: float, *, count: int = _ASKED
) -> None:  # fmt: skip
    took = [(await ask(connection, owner, "GET", path()))[1].server_ms for _ in range(count)]
    p50, p95 = (client.percentile(took, share) for share in (0.5, 0.95))
    print(f"{name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms (goal {goal_ms:.0f} ms)", flush=True)


async def _sold(connection: Connection, owner: Seller) -> list[str]:
    """Give variants that were sold, from the newest movements."""
    rows, _ = await ask(connection, owner, "GET", "/api/stock-movements?kind=sale&limit=200")
    return sorted({row["variant_id"] for row in rows})


async def _add_up(at: Place, owner: Seller) -> None:
    """Do what the night's job does."""
    found = at.found()
    house = make_house(found.options, found.urls, found.secret)
    more = True
    while more:
        async with house.database.session() as db:
            ctx = await entry.open_shop_for_system(db, owner.shop_id, datetime.now(UTC))
            more = await valuation.add_up(ctx, valuation.settled(ctx.now))
            await db.commit()
    await house.database.close()


async def _close(at: Place, owner: Seller) -> None:
    """Close the costs up to today, with the pauses that the job makes."""
    found = at.found()
    house = make_house(found.options, found.urls, found.secret)
    await closing_jobs.close_costs(house, owner.shop_id, datetime.now(UTC).date())
    await house.database.close()


async def main(rows: int, rounds: int, parts: Sequence[str]) -> None:
    """Measure and print."""
    if {"receipt", "count"} & set(parts):
        with place.place() as at:
            sellers = await place.sellers(at, shops=1, registers=_TILLS, products=_COUNT_LINES)
            with place.serving(at, port=_PORT, workers=1):
                connection = await client.connect(_PORT)
                if "receipt" in parts:
                    await receive(connection, sellers[0], rounds)
                if "count" in parts:
                    await count(connection, at, sellers, rounds)
                connection.close()
    if "past" in parts:
        with place.place() as at:
            with bulk.told(f"{rows:,} movements"):
                sellers = await _with_a_past(at, rows // _LINES_A_SALE)
            with place.serving(at, port=_PORT, workers=1):
                await look_back(at, sellers)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--parts", nargs="+", default=["receipt", "count", "past"])
    arguments = parser.parse_args()
    place.run(main(arguments.rows, arguments.rounds, arguments.parts))
