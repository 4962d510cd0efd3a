"""Events: what happened, written to the outbox with the change that caused it, read in order afterwards.

Business transactions never NOTIFY (it takes a lock over the whole server at commit). The relay gives committed events
their place in the shop's order, a few milliseconds later and many at a time, and notifies every web process once a
batch (`platform.live`); readers go by that position, so that a transaction which commits late is never skipped.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from duka.platform.context import Ctx
from duka.platform.db import Database
from duka.platform.ids import new_id
from duka.platform.models import EventConsumer, OutboxEvent
from duka.platform.statements import execute

log = structlog.get_logger()
_BATCH: Final = 500
_PAUSE_SECONDS: Final = 0.25

CHANNEL: Final = "duka_live"
"""What the web processes LISTEN to. A notice is JSON: `["shop", name, position, kinds]` or `["session", name]`."""
_NOTICE_BYTES_MAX: Final = 7_900  # PostgreSQL takes less than 8,000
_ENDED: Final = "sessions_ended"
_NOTIFY: Final = "SELECT pg_notify(%(channel)s, notice) FROM unnest(%(notices)s::text[]) notice"
_STAMP: Final = "SELECT of_shop, kind, place FROM stamp_events(%(shops)s::uuid[], %(batch)s::integer)"


def entry(ctx: Ctx, event: str, entity_id: UUID, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Make the row of one event, for `Writes.insert(OutboxEvent, [...])`. Facts hold ids and amounts, no personal
    values."""
    ctx.emitted = True
    return {"id": new_id(), "event": event, "entity_id": entity_id, "facts": dict(facts or {}), "at": ctx.now}


def emit(ctx: Ctx, event: str, entity_id: UUID, facts: Mapping[str, Any] | None = None) -> None:
    """Add an event to the transaction."""
    ctx.db.add(OutboxEvent(shop_id=ctx.shop_id, **entry(ctx, event, entity_id, facts)))


async def stamp(db: AsyncSession, shop_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Give the committed events of some shops their positions, up to a batch each, and tell the web processes once for
    each shop; say of which kinds each shop had some.

    The row of a shop's head is locked while it runs, so one relay works for a shop at a time; the shops are taken in
    one order, so two relays do not wait for each other.
    """
    stamped: dict[UUID, list[str]] = {}
    newest: dict[UUID, int] = {}
    for shop_id, kind, place in await execute(db, _STAMP, {"shops": sorted(shop_ids), "batch": _BATCH}):
        stamped.setdefault(shop_id, []).append(kind)
        newest[shop_id] = max(place, newest.get(shop_id, 0))
    await _notify(db, [_shop_notice(each, newest[each], sorted(set(kinds))) for each, kinds in stamped.items()])
    return stamped


def told_as(thing_id: UUID) -> str:
    """Give the name under which a shop or session is spoken of on the channel, which every shop's roles can hear."""
    return hashlib.sha256(thing_id.bytes).hexdigest()[:32]


def session_ended(db: AsyncSession, session_id: UUID) -> None:
    """Note in a transaction that it ends a device session: once it is committed the edge has its screens told."""
    db.info.setdefault(_ENDED, set()).add(session_id)


def sessions_ended_in(db: AsyncSession) -> set[UUID]:
    """Take what `session_ended` noted in a transaction that is now committed."""
    ended: set[UUID] = db.info.pop(_ENDED, set())
    return ended


def _shop_notice(shop_id: UUID, position: int, kinds: Sequence[str]) -> str:
    notice = orjson.dumps(["shop", told_as(shop_id), position, kinds])
    if len(notice) > _NOTICE_BYTES_MAX:
        notice = orjson.dumps(["shop", told_as(shop_id), position, []])
    return notice.decode()


async def _notify(db: AsyncSession, notices: Sequence[str]) -> None:
    if notices:
        await execute(db, _NOTIFY, {"channel": CHANNEL, "notices": notices})


async def unread(
    ctx: Ctx, consumer: str, limit: int = 200, *, kinds: Collection[str] | None = None
) -> Sequence[OutboxEvent]:
    """Give a reader the next events of the shop (of some kinds, or all) and move its place past them, in the reader's
    own transaction.

    What the reader does and its new place are committed together: each event has its effect once.
    """
    place = insert(EventConsumer).values(shop_id=ctx.shop_id, consumer=consumer, position=0)
    await ctx.db.execute(place.on_conflict_do_nothing())
    locked = select(EventConsumer.position).where(EventConsumer.consumer == consumer).with_for_update()
    position = (await ctx.db.execute(locked)).scalar_one()
    newer = select(OutboxEvent).where(OutboxEvent.position > position)
    if kinds is not None:
        newer = newer.where(OutboxEvent.event.in_(kinds))
    events = (await ctx.db.scalars(newer.order_by(OutboxEvent.position).limit(limit))).all()
    if events:
        moved = update(EventConsumer).where(EventConsumer.consumer == consumer)
        await ctx.db.execute(moved.values(position=events[-1].position))
    return events


Deliver = Callable[[UUID, Collection[str]], Awaitable[None]]
"""Hands a shop's newly placed events to the readers: the shop, and the kinds there were."""
OpenShop = Callable[[Any, UUID], Awaitable[Ctx]]


@dataclass(slots=True)
class Relay:
    """Stamps the events of shops that wrote some, soon after their commit; `deliver` hands the shop to the readers.

    A process that dies between commit and stamp loses nothing: the events wait in the outbox and `sweep` (at start
    and every few minutes) finds them.
    """

    database: Database
    deliver: Deliver
    shops_at_once: int = 1
    """How many shops share a transaction: `DUKA_RELAY_SHOPS`."""
    _shops: set[UUID] = field(default_factory=set)
    _sessions: set[UUID] = field(default_factory=set)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def nudge(self, shop_id: UUID) -> None:
        """Say that a shop has committed events."""
        self._shops.add(shop_id)
        self._wake.set()

    def nudge_sessions(self, session_ids: Collection[UUID]) -> None:
        """Say that device sessions have ended, by a committed transaction."""
        self._sessions.update(session_ids)
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._tell_of_sessions()
            await asyncio.sleep(_PAUSE_SECONDS)
            shops, self._shops = sorted(self._shops), set()
            for first in range(0, len(shops), self.shops_at_once):
                await self._try(shops[first : first + self.shops_at_once])
            if self._shops:
                await asyncio.sleep(1)
                self._wake.set()

    async def _try(self, shops: Sequence[UUID]) -> None:
        """Relay some shops together, or where that fails one by one; a shop that fails by itself is tried again."""
        try:
            await self.relay(*shops)
        except Exception:
            if len(shops) > 1:
                for shop_id in shops:
                    await self._try([shop_id])
                return
            log.exception("relay_failed", shop_id=str(shops[0]))
            self._shops.update(shops)

    async def _tell_of_sessions(self) -> None:
        """Have the screens of ended sessions told. What goes wrong here is made good by their own check each minute."""
        sessions, self._sessions = self._sessions, set()
        if not sessions:
            return
        try:
            async with self.database.session("platform") as db:
                await _notify(db, [orjson.dumps(["session", told_as(each)]).decode() for each in sessions])
                await db.commit()
        except Exception:
            log.exception("sessions_not_told", sessions=len(sessions))

    async def relay(self, *shop_ids: UUID) -> int:
        """Stamp the waiting events of some shops until none is left; give how many there were."""
        count, shops = 0, set(shop_ids)
        while shops:
            async with self.database.session() as db:
                stamped = await stamp(db, shops)
                await db.commit()
            await self._hand_on(stamped)
            count += sum(len(kinds) for kinds in stamped.values())
            shops = {shop_id for shop_id, kinds in stamped.items() if len(kinds) == _BATCH}
        return count

    async def _hand_on(self, stamped: Mapping[UUID, Sequence[str]]) -> None:
        """Hand what was stamped to the readers. One shop's failure, made good by `sweep`, keeps no other waiting."""
        for shop_id, kinds in stamped.items():
            try:
                await self.deliver(shop_id, set(kinds))
            except Exception:
                log.exception("events_not_delivered", shop_id=str(shop_id))
