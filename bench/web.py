"""`./dev bench web`: how fast the app is on a cheap phone, in a real browser before a real server.

The phone is Chromium with its processor slowed down four times and, where said, "Slow 4G"; Lighthouse uses its mobile
preset. Two shops are measured, with 20,000 and 50,000 products. Each figure is the median of the rounds, printed with
its goal and, in brackets, the limit beyond which it counts as missed.
"""

import argparse
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import psycopg
from playwright.async_api import BrowserContext

from bench import browser, bulk, client, lighthouse, place, till
from bench.place import Place
from devtools.web import build_web, need_chromium
from duka.platform.postgres import libpq
from duka.shops.auth import passwords

_PORT: Final = 8473
_DEBUG_PORT: Final = 8474
_URL: Final = f"http://127.0.0.1:{_PORT}"
_PASSWORD: Final = "seven green kettles"
_SMALL: Final = 20_000
_LARGE: Final = 50_000
_PARTS: Final = ("start", "sizes", "lighthouse", "cold", "work", "load", "pay")

# Products as shops name them, so that typing finds much at first and little at the end.
_VARIANT_NAMES: Final = """
WITH named AS (
    SELECT id, (ARRAY['Samsung', 'Nokia', 'Tecno', 'Kasuku', 'Golden', 'Pearl', 'Nile', 'Star', 'Royal', 'Uganda'])
        [1 + n %% 10] || ' ' || (ARRAY['Galaxy A', 'coffee', 'milk', 'sugar brown', 'soap bar', 'rice', 'charger',
        'notebook', 'cooking oil', 'torch', 'battery', 'tea leaves', 'shirt', 'salt', 'candle', 'cable', 'cup',
        'blanket', 'bread', 'juice'])[1 + (n / 10) %% 20] || ' ' || n / 200 || (ARRAY[' g', ' ml', ' pcs', ''])
        [1 + (n / 200) %% 4] AS name
    FROM (SELECT id, substr(sku, 2)::int AS n FROM variants WHERE shop_id = %(shop)s) AS numbered
)
UPDATE variants v SET name = named.name FROM named WHERE v.shop_id = %(shop)s AND v.id = named.id
"""
_PRODUCT_NAMES: Final = """
UPDATE products p SET name = v.name FROM variants v
WHERE p.shop_id = %(shop)s AND v.shop_id = p.shop_id AND v.product_id = p.id
"""

_SET_PASSWORD: Final = "UPDATE accounts SET password_hash = %s WHERE id = %s RETURNING email"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure is to be: at most `best` (with `least`: at least), and missed beyond `limit`."""

    what: str
    unit: str
    best: float
    limit: float | None = None
    least: bool = False

    def met_by(self, value: float) -> str:
        """Say in a word how a value stands to it: reached, near (within the limit), or missed."""
        sign = -1 if self.least else 1
        if sign * value <= sign * self.best:
            return "reached"
        return "near" if self.limit is not None and sign * value <= sign * self.limit else "missed"


GOALS: Final = {
    "till kB": Goal("till, first load: JS + CSS over the wire", "kB", 80, 100),
    "page kB": Goal("any other page's own code, the largest", "kB", 40),
    **{
        f"{page} {name}": Goal(f"Lighthouse, {page}: {what}", unit, best, limit, least)
        for page in ("login", "dashboard", "till")
        for name, what, unit, best, limit, least in (
            ("performance", "performance", "", 95, None, True),
            ("accessibility", "accessibility", "", 100, None, True),
            ("lcp_ms", "largest paint", "ms", 1800, 2200, False),
            ("tbt_ms", "blocked", "ms", 200, 300, False),
            ("cls", "jumps", "", 0, None, False),
        )
    },
    "tap ms": Goal("code not on the device: first tap adds a product", "ms", 2200),
    "cold ms": Goal("nothing on the device: first product", "ms", 3300, 4000),
    **{
        f"{way} {size}": Goal(f"second start, {way}, {size:,} products: first product", "ms", best, limit)
        for size, best, limit in ((_SMALL, 700, None), (_LARGE, 900, 1200))
        for way in ("online", "offline")
    },
    "key p50": Goal("50,000: keystroke to painted results, p50", "ms", 35),
    "key p95": Goal("50,000: keystroke to painted results, p95", "ms", 90, 130),
    "add p95": Goal("50,000: tap to painted total, p95", "ms", 80),
    "scan p95": Goal("50,000: scanner's Enter to painted line, p95", "ms", 50),
    "read ms": Goal("50,000: catalogue from IndexedDB", "ms", 150),
    "heap MB": Goal("50,000: heap after sweeping", "MB", 25),
    "load s": Goal("50,000: first download", "s", 20),
    "pay ms": Goal("no network: pay to printed receipt", "ms", 300),
}

Seen = dict[str, list[float]]


async def main(rounds: int, parts: Sequence[str]) -> None:
    """Measure and print."""
    need_chromium()
    build_web()
    lighthouse.install()
    seen: Seen = defaultdict(list)
    try:
        await _measure(seen, rounds, parts)
    finally:
        report(seen)


async def _measure(seen: Seen, rounds: int, parts: Sequence[str]) -> None:
    with place.place() as at, tempfile.TemporaryDirectory(prefix="duka-bench-", ignore_cleanup_errors=True) as folder:
        logins = {size: await _fill(at, size) for size in (_SMALL, _LARGE)}
        with place.serving(at, port=_PORT, workers=1):
            if "lighthouse" in parts:
                async with browser.profile(Path(folder) / "nobody", _URL, _DEBUG_PORT):
                    for _ in range(rounds):
                        _look_at("login", "/login", Path(folder), seen)
            for size, login in logins.items():
                async with browser.profile(Path(folder) / str(size), _URL, _DEBUG_PORT) as context:
                    with bulk.told(f"a till with {size:,} products"):
                        await till.set_up(context, login, _PASSWORD)
                    for number in range(1, rounds + 1):
                        with bulk.told(f"round {number} with {size:,} products"):
                            await _round(context, seen, size, parts)


async def _round(context: BrowserContext, seen: Seen, size: int, parts: Sequence[str]) -> None:
    """Measure once: what the number of products matters for in the large shop, the rest in the small one."""
    if "start" in parts:
        for way in ("online", "offline"):
            seen[f"{way} {size}"].append(await till.second_start(context, offline=way == "offline"))
    if size == _SMALL:
        if "sizes" in parts and not seen["till kB"]:
            seen["till kB"], seen["page kB"] = await till.weigh(context)
        if "lighthouse" in parts:
            with tempfile.TemporaryDirectory() as folder:
                _look_at("dashboard", "/dashboard", Path(folder), seen)
                _look_at("till", till.PATH, Path(folder), seen)
        if "cold" in parts:
            seen["tap ms"].append(await till.first_tap(context, _URL))
            seen["cold ms"].append(await till.cold_start(context, _URL))
    else:
        if "work" in parts:
            worked = await till.work(context)
            seen["read ms"].append(worked.read_ms)
            seen["heap MB"].append(worked.heap_bytes / 1e6)
            for name, took in (("key", worked.keys_ms), ("add", worked.taps_ms), ("scan", worked.scans_ms)):
                seen[f"{name} p50"].append(client.percentile(took, 0.5))
                seen[f"{name} p95"].append(client.percentile(took, 0.95))
        if "pay" in parts:
            seen["pay ms"].extend(await till.pay(context))
        if "load" in parts:
            seen["load s"].append(await till.first_download(context) / 1000)


def _look_at(name: str, path: str, folder: Path, seen: Seen) -> None:
    marks = lighthouse.marks(f"{_URL}{path}", _DEBUG_PORT, folder)
    for each in fields(marks):
        seen[f"{name} {each.name}"].append(getattr(marks, each.name))


async def _fill(at: Place, products: int) -> str:
    """Make a shop with goods; give the e-mail its owner logs in with by `_PASSWORD`."""
    with bulk.told(f"a shop with {products:,} products"):
        seller = (await place.sellers(at, shops=1, registers=1, products=products))[0]
        hashed = await passwords.make_hash(_PASSWORD)
        with psycopg.connect(libpq(at.cluster.superuser_url("duka")), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            for statement in ("ANALYZE", _VARIANT_NAMES, _PRODUCT_NAMES, "VACUUM ANALYZE"):
                connection.execute(statement, {"shop": seller.shop_id} if "%" in statement else None)
            found = connection.execute(_SET_PASSWORD, [hashed, seller.account_id]).fetchone()
    assert found
    return str(found[0])


def report(seen: Seen) -> None:
    """Print the median of each figure beside its goal, and in the last line what is missed."""
    words: dict[str, list[str]] = {"reached": [], "near": [], "missed": []}
    for name, goal in GOALS.items():
        if not seen.get(name):
            continue
        value = statistics.median(seen[name])
        verdict = goal.met_by(value)
        words[verdict].append(f"{goal.what} ({_number(value)} {goal.unit})".replace(" )", ")"))
        sign = ">=" if goal.least else "<="
        limit = f" [{_number(goal.limit)}]" if goal.limit is not None else ""
        span = f"{_number(min(seen[name]))} to {_number(max(seen[name]))}"
        print(f"{goal.what:<58} {_number(value):>7} {goal.unit:<3} goal {sign} {_number(goal.best)}{limit:<7} "
              f"{verdict if verdict != 'missed' else 'MISSED':<8} ({span})")  # fmt: skip
    count = sum(map(len, words.values()))
    missed = "; ".join(words["missed"]) or "nothing"
    near = f"; within the limit: {'; '.join(words['near'])}" if words["near"] else ""
    print(f"web: {len(words['reached'])} of {count} goals reached{near}; MISSED: {missed}")


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") if value < 10 else f"{value:,.0f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", nargs="+", choices=_PARTS, default=_PARTS, help="measure only these")
    arguments = parser.parse_args()
    place.run(main(arguments.rounds, arguments.parts))
