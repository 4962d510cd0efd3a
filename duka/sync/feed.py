"""The feed: everything at first, page by page, then what changed.

A page is few statements: opening the shop, the till where one is named, the events (or where they stand), the rows of
all kinds together, the sales.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from duka.notifications import queries as notifications
from duka.platform.context import Ctx
from duka.platform.db import fetch
from duka.platform.reads import Reads
from duka.sync import goods, people, places, selling
from duka.sync.cursors import Cursor, CursorTooOld, Loading
from duka.sync.kinds import KINDS, LARGE, PERMISSIONS, Touched, touched
from duka.sync.reach import Reach

ROWS_MAX: Final = 5_000
EVENTS_MAX: Final = 1_000
SALES_MAX: Final = 250
"""Sales of a page: each has lines, payments and a history."""

_NONE: Final = UUID(int=0)
_FIRST: Final[Mapping[str, tuple[str, ...]]] = {
    "item": (str(_NONE),), "stock": (str(_NONE), str(_NONE)), "customer": (str(_NONE),),
    "sale": (date.min.isoformat(), str(_NONE)),
}  # fmt: skip

_HEAD: Final = """
SELECT h.position, o.id FROM event_heads h
LEFT JOIN outbox o ON o.shop_id = %(shop)s AND o.position = h.position WHERE h.shop_id = %(shop)s
"""
_EVENTS: Final = """
SELECT position, id, event, entity_id, facts FROM outbox WHERE shop_id = %(shop)s AND position >= %(since)s
ORDER BY position LIMIT %(limit)s
"""
_COUNTS: Final = {
    "item": "SELECT count(*) AS count FROM variants WHERE shop_id = %(shop)s AND deleted_at IS NULL",
    "stock": """SELECT count(*) AS count FROM stock_balances b JOIN locations l ON l.shop_id = %(shop)s
        AND l.id = b.location_id WHERE b.shop_id = %(shop)s
        AND (%(sales_branch)s::uuid IS NULL OR l.branch_id = %(sales_branch)s::uuid)""",
    "customer": "SELECT count(*) AS count FROM customers WHERE shop_id = %(shop)s",
    "sale": selling.COUNT,
}


@dataclass(slots=True)
class Page:
    """A page of changes: rows by kind, ids that are gone by kind, where to go on."""

    cursor: Cursor
    more: bool
    rows: dict[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    gone: dict[str, Sequence[str]] = field(default_factory=dict)

    @property
    def changes(self) -> list[dict[str, Any]]:
        """Write the page's rows, kind by kind; kinds of which there is nothing to say are left out."""
        return [
            {"kind": kind, "rows": self.rows.get(kind, ()), "gone": self.gone.get(kind, ())}
            for kind in KINDS
            if self.rows.get(kind) or self.gone.get(kind)
        ]


async def page(ctx: Ctx, at: Cursor | None, mine: Reach, limit: int) -> Page:
    """Give the next page of a device: of its first load, or of what changed since. CursorTooOld."""
    if at is None:
        begun = await _begin(ctx, mine)
        if begun.cursor.loading is None:
            return begun
        # A device without anything waits for something to sell: the first of it comes at once.
        first = await _load(ctx, begun.cursor, begun.cursor.loading, mine, limit)
        return replace(first, rows={**begun.rows, **first.rows})
    if at.loading:
        return await _load(ctx, at, at.loading, mine, limit)
    return await _follow(ctx, at, mine, limit)


async def _begin(ctx: Ctx, mine: Reach) -> Page:
    """Give every kind of few rows, and count the others. The position is read first: what changes from here on is told
    after the load."""
    head = await fetch(ctx, _HEAD, {})
    start = Cursor(head[0].position, head[0].id) if head else Cursor(0, None)
    reads = Reads(ctx)
    for kind, ask in _ASK_FEW.items():
        if _may(ctx, kind):
            ask(_Asking(ctx, reads, mine))
    counted = [kind for kind in LARGE if _may(ctx, kind)]
    for kind in counted:
        reads.ask(f"{kind}_count", _COUNTS[kind], **(selling.seen(ctx, mine) if kind in ("stock", "sale") else {}))
    answers = await reads.send()
    rows = _rows(ctx, answers)
    await _count_notifications(ctx, rows)
    total = sum(len(each) for each in rows.values()) + sum(answers[f"{kind}_count"][0]["count"] for kind in counted)
    loading = _next(ctx, "", total)
    return Page(replace(start, loading=loading), loading is not None, rows)


async def _load(ctx: Ctx, at: Cursor, where: Loading, mine: Reach, limit: int) -> Page:
    """Give the next rows of a kind of many."""
    kind = where.kind
    if kind == "sale":
        limit = min(limit, SALES_MAX)
        day, sale = where.after
        rows, last = await selling.page(ctx, mine, (date.fromisoformat(day), UUID(sale)), limit)
    else:
        rows, last = await _load_goods_or_people(ctx, where, mine, limit)
    full = len(rows) == limit
    loading = replace(where, after=last) if full else _next(ctx, kind, where.total)
    following = replace(at, loading=loading)
    return Page(following, loading is not None or bool(await _events(ctx, following, 1)), {kind: rows})


async def _load_goods_or_people(
    ctx: Ctx, where: Loading, mine: Reach, limit: int
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    reads = Reads(ctx)
    after = tuple(map(UUID, where.after))
    match where.kind:
        case "item":
            goods.ask_items(ctx, reads, after[0], limit)
        case "stock":
            goods.ask_stock(reads, mine, (after[0], after[1]), limit)
        case _:
            people.ask_customers(ctx, reads, after[0], limit)
    rows = (await reads.send())[where.kind]
    if where.kind in _WRITTEN:
        rows = [_WRITTEN[where.kind](ctx, row) for row in rows]
    names = ("variant_id", "location_id") if where.kind == "stock" else ("id",)
    # Texts of ids sort as the ids do.
    return rows, max((tuple(row[name] for name in names) for row in rows), default=())


def _next(ctx: Ctx, kind: str, total: int) -> Loading | None:
    """Say which kind is loaded after one; None after the last."""
    for each in LARGE[LARGE.index(kind) + 1 if kind else 0 :]:
        if _may(ctx, each):
            return Loading(each, _FIRST[each], total)
    return None


async def _events(ctx: Ctx, at: Cursor, limit: int) -> Sequence[Any]:
    """Give the events after a cursor. CursorTooOld when the one it stands at is not where it was: the events were
    cleared away, or the database was put back to an earlier day."""
    rows = await fetch(ctx, _EVENTS, {"since": at.position, "limit": limit + 1})
    if at.event_id is not None:
        if not rows or (rows[0].position, rows[0].id) != (at.position, at.event_id):
            raise CursorTooOld(reason="the shop's changes since then are not kept")
        rows = rows[1:]
    if rows and rows[0].position != at.position + 1:
        raise CursorTooOld(reason="the shop's changes since then are not kept")
    return rows[:limit]


async def _follow(ctx: Ctx, at: Cursor, mine: Reach, limit: int) -> Page:
    """Give what the next events lead to."""
    taken = min(limit, EVENTS_MAX)
    events = await _events(ctx, at, taken + 1)
    following, more = events[:taken], len(events) > taken
    if not following:
        return Page(at, more=False)
    found = touched(following)
    answers = await _ask_touched(ctx, mine, found)
    rows = _rows(ctx, answers)
    if found.sales and _may(ctx, "sale"):
        rows["sale"] = await selling.some(ctx, mine, found.ids("sales"))
    if "notification_count" in found.kinds:
        await _count_notifications(ctx, rows)
    last = following[-1]
    return Page(Cursor(last.position, last.id), more, rows, _gone(ctx, found, answers))


def _may(ctx: Ctx, kind: str) -> bool:
    return ctx.may(PERMISSIONS[kind])


@dataclass(frozen=True, slots=True)
class _Asking:
    """A statement on its way: for whom, and about which things; `found` None: about everything."""

    ctx: Ctx
    reads: Reads
    mine: Reach
    found: Touched | None = None

    def ids(self, name: str) -> list[UUID] | None:
        return None if self.found is None else self.found.ids(name)

    def both(self, one: str, other: str) -> tuple[list[UUID], list[UUID]] | None:
        return None if self.found is None else (self.found.ids(one), self.found.ids(other))


_ASK_FEW: Final[Mapping[str, Callable[[_Asking], None]]] = {
    "settings": lambda a: places.ask_settings(a.reads),
    "branch": lambda a: places.ask_branches(a.ctx, a.reads, a.both("branches", "locations")),
    "register": lambda a: places.ask_registers(a.ctx, a.reads, a.mine, a.ids("registers")),
    "staff": lambda a: people.ask_staff(a.ctx, a.reads, a.mine, a.both("staff", "roles")),
    "group": lambda a: goods.ask_groups(a.reads, a.ids("groups")),
    "tax_class": lambda a: goods.ask_tax_classes(a.reads, a.ids("tax_classes")),
    "cart": lambda a: selling.ask_carts(a.reads, a.mine, a.ids("carts")),
    "exception_count": lambda a: selling.ask_exceptions(a.ctx, a.reads),
}


async def _ask_touched(ctx: Ctx, mine: Reach, found: Touched) -> dict[str, list[dict[str, Any]]]:
    """Ask for the rows that events touched, of all kinds that the caller may see and that one statement gives."""
    wanted = {kind for kind in found.kinds if _may(ctx, kind)} - {"sale", "notification_count"}
    if not wanted:
        return {}
    reads = Reads(ctx)
    asking = _Asking(ctx, reads, mine, found)
    for kind, ask in _ASK_FEW.items():
        if kind in wanted:
            ask(asking)
    if wanted & {"stock", "register"}:
        reads.bind(documents=found.ids("documents"))
    if "item" in wanted:
        goods.ask_items_of(ctx, reads, found.ids("products"))
    if "stock" in wanted:
        goods.ask_stock_moved(reads, mine)
    if "customer" in wanted:
        people.ask_customers_of(ctx, reads, found.ids("customers"), found.ids("sales"))
    return await reads.send()


def _rows(ctx: Ctx, answers: Mapping[str, list[dict[str, Any]]]) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Take the rows out of a statement's answers, as they leave the server."""
    rows: dict[str, Sequence[Mapping[str, Any]]] = {kind: answers[kind] for kind in KINDS if kind in answers}
    for kind, write in _WRITTEN.items():
        if kind in answers:
            rows[kind] = [write(ctx, row) for row in answers[kind]]
    return rows


async def _count_notifications(ctx: Ctx, rows: dict[str, Sequence[Mapping[str, Any]]]) -> None:
    if _may(ctx, "notification_count"):
        rows["notification_count"] = [{"id": "n", "count": await notifications.count_unread(ctx)}]


_WRITTEN: Final[Mapping[str, Callable[[Ctx, dict[str, Any]], dict[str, Any]]]] = {
    "settings": places.settings_row,
    "staff": lambda _ctx, row: people.staff_row(row),
    "cart": lambda _ctx, row: selling.cart_row(row),
    "item": lambda _ctx, row: goods.item_row(row),
    "stock": lambda _ctx, row: goods.stock_row(row),
}

_MAY_GO: Final = {
    "group": "groups", "customer": "customers", "staff": "staff", "branch": "branches", "cart": "carts",
}  # fmt: skip
"""Kinds whose rows may disappear: what was touched and is not there (any more, or for this person) is gone."""


def _gone(ctx: Ctx, found: Touched, answers: Mapping[str, list[dict[str, Any]]]) -> dict[str, Sequence[str]]:
    gone: dict[str, Sequence[str]] = {
        kind: sorted({str(each) for each in found.ids(name)} - {row["id"] for row in answers[kind]})
        for kind, name in _MAY_GO.items()
        if kind in answers and _may(ctx, kind)
    }
    if "item_gone" in answers:
        gone["item"] = sorted(row["id"] for row in answers["item_gone"])
    return gone


