"""Making the example shop, once, and telling its logins."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from time import monotonic
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import select

from duka.demo import goods, history, shop, tracked
from duka.demo.people import PASSWORD, SHOP_NAME, SLUG, STAFF, buyers
from duka.platform.edge import House
from duka.shops import permissions
from duka.shops.models import ShopEntry
from duka.stock.costs import jobs as closing_jobs

FILE_NAME: Final = "demo.json"
_SEED: Final = 20_260
_REGULARS: Final = 0.4
"""The part of the customers that the shop knows before its first day."""


@dataclass(frozen=True, slots=True)
class Season:
    """How much of a shop it is: days of history (they end yesterday), customers, and of the range each product or only
    every second, third..."""

    days: int = 90
    customers: int = 150
    every: int = 1


async def run(house: House, season: Season = Season()) -> int:
    """Make the shop unless it is there, tell its logins in the terminal and in `demo.json` beside the data, and give
    the exit code."""
    file = house.settings.data / FILE_NAME
    standing = await _standing(house)
    if SLUG not in standing and standing and house.settings.mode != "development":
        print("There are shops here already, and everybody knows the example shop's password. Nothing was made.")
        print("Give the example shop a data folder of its own with --data.")
        return 1
    if SLUG not in standing:
        started = monotonic()
        print(f"Making the example shop with {season.days} days of history ...", flush=True)
        await make(house, season, datetime.now(UTC))
        print(f"Made in {monotonic() - started:.0f} s.")
    elif not file.exists():
        print("The example shop is there, but an earlier run may have stopped halfway through its history.")
        print("For a whole one delete the data folder and start again.")
    _tell(file)
    return 0


async def make(house: House, season: Season, now: datetime) -> UUID:
    """Make the shop with a season that ends the day before `now`; give its id.

    Founding is one transaction, each later document its own, as over the API.
    """
    rng = Random(_SEED)  # noqa: S311 - the same shop each time is the point
    first = now.astimezone(shop.ZONE).date() - timedelta(days=season.days)
    eve = datetime.combine(first - timedelta(days=1), time(9), shop.ZONE)
    stage = await shop.found(house, eve, rng, goods.all_goods()[:: season.every])
    await shop.stock_up(stage, eve + timedelta(hours=3), season.days * history.LINES_PER_DAY)
    people = list(buyers(rng, season.customers))
    regulars = int(len(people) * _REGULARS)
    for number, buyer in enumerate(people[:regulars]):
        await shop.register(stage, buyer, stage.owner, eve + timedelta(hours=6, minutes=number))
    await history.play(stage, first, season.days, people[regulars:])
    last = first + timedelta(days=season.days - 1)
    await tracked.close_day(stage, datetime.combine(last, time(22), shop.ZONE))
    await closing_jobs.close_costs(house, stage.shop_id, last)
    await house.relay.relay(stage.shop_id)
    return stage.shop_id


async def _standing(house: House) -> set[str]:
    """Give the web names of the shops that are here: up to two tell enough."""
    async with house.database.session("platform") as db:
        mine = select(ShopEntry.slug).where(ShopEntry.slug == SLUG)
        other = select(ShopEntry.slug).where(ShopEntry.slug != SLUG).limit(1)
        return {*(await db.scalars(mine)), *(await db.scalars(other))}


def _tell(file: Path) -> None:
    rows = [
        {"role": permissions.PRESET_NAMES[each.preset], "name": each.name, "phone": each.phone, "password": PASSWORD}
        for each in STAFF
    ]
    file.write_bytes(orjson.dumps({"shop": SHOP_NAME, "logins": rows}, option=orjson.OPT_INDENT_2))
    print(f"\n{SHOP_NAME}: log in with one of these phones and the password {PASSWORD}")
    for row in rows:
        print(f"  {row['phone']}  {row['name']:<18} {row['role']}")
    print(flush=True)
