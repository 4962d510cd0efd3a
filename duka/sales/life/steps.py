"""What every later step in a sale's life shares: the sale is locked, the step is written down, the till is known.

A step locks the sale's own row first, so that whatever it counts (what is left to credit, what is owed) stands until
the commit; then stock by variant, then the number series, then the totals of the day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import orjson

from duka.payments.actions.naming import named
from duka.payments.queries import ask_drawer, ask_open_session, reaches_drawer
from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.disputes import Disputes
from duka.platform.errors import NotFound
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.reads import Reads
from duka.platform.writes import Outcome, Writes
from duka.sales import queries, rows
from duka.sales.checks import (
    NumberNotYours,
    NumberRequired,
    SessionUnknown,
    check_register,
)
from duka.sales.events import EVENTS, SUBMITTED
from duka.sales.facts import RegisterNotUsable, Till, read_till
from duka.sales.invoices import issuing
from duka.sales.invoices.issuing import SeriesRow
from duka.sales.life.schemas import AtRegister
from duka.sales.life.states import State, StepName, after
from duka.sales.models import SaleStep
from duka.sales.schemas import IssuedIn
from duka.shops import settings
from duka.shops.queries import TILL, ask_till
from duka.shops.registers.claims import DeliveredLate, check_day
from duka.shops.series import Kind

Row = Mapping[str, Any]

_KEPT: Final = (
    *rows.STANDING, "number", "revision", "discount", "credited_minor", "debited_minor", "locked_at", "locked_by",
    "version",
)  # fmt: skip
"""The columns of a sale's own row that a step may change."""

_BESIDE: Final = ("number", "credited_minor", "debited_minor", "locked_at", "version")
"""What a step writes down beside `rows.STANDING`."""

_SETTERS: Final = ", ".join(f"{name} = r.{name}" for name in _KEPT if name != "number")
_STEP: Final = f"""
UPDATE sales s SET {_SETTERS}, number = {{number}}
FROM first, jsonb_populate_record(NULL::sales, %(sale_now)s::jsonb) AS r{{reads}}
WHERE s.shop_id = %(shop)s AND s.id = %(stepped_sale)s AND s.version = %(sale_version)s RETURNING s.id
"""  # noqa: S608 - names of columns

_DAMAGED: Final = """
SELECT l.id FROM locations l WHERE l.shop_id = %(shop)s AND l.kind = 'damaged' AND l.active AND l.branch_id = (
    SELECT branch_id FROM ({till}) t) ORDER BY l.id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Counter:
    """Where a later document is made: the till, its series for it, and where its branch puts damaged goods."""

    till: Till
    series: SeriesRow
    damaged_id: UUID | None
    staff_id: UUID | None
    """Who makes it: the caller, or whom the document names."""


@dataclass(frozen=True, slots=True)
class Stepped:
    """A sale after a step: `shown` is `schemas.SaleOut`, `again` says that the step was taken before."""

    shown: Mapping[str, Any]
    again: bool = False


async def opened(ctx: Ctx, sale_id: UUID, permission: str, *, missing: type[NotFound] | None = None) -> Row:
    """Lock a sale for a step and give its row. NotFound for one the caller's permission does not reach; `missing`
    where the caller asked for one of its documents, so that both are answered alike."""
    row = await queries.touch(ctx, sale_id)
    if not reaches(ctx, row, permission):
        raise missing() if missing else NotFound(what="sale")
    return row


def reaches(ctx: Ctx, row: Row, permission: str) -> bool:
    """Say whether the caller's permission reaches a document, by who made it and in which branch."""
    match ctx.permissions.get(permission):
        case "shop":
            return True
        case "branch":
            return bool(row["branch_id"] == ctx.branch_id)
        case "own":
            return ctx.staff_id is not None and row["staff_id"] == ctx.staff_id
    return False


async def counter(ctx: Ctx, at: AtRegister, kind: Kind, branch_id: UUID | None) -> Counter:
    """Ask where a document is made: the register it names, the caller's own, else a `server` register of the branch.
    WrongRegister, NotFound (also for a drawer's session that is not open or out of reach, and for whom it names),
    RegisterNotUsable."""
    check_register(ctx, at.register_id)
    reads = Reads(ctx)
    ask_till(reads, at.register_id or ctx.register_id, ctx.branch_id or branch_id, kind)
    ask_open_session(reads)
    reads.ask("damaged", _DAMAGED.replace("{till}", TILL))
    if at.register_session_id:
        ask_drawer(reads, at.register_session_id)
    answers = await reads.send()
    today = ctx.today(settings.of(ctx).day_start_minutes)
    till = read_till(
        ctx, answers["till"], answers["open_session"], today, day=at.business_date, session_id=at.register_session_id
    )
    drawer = next((row for row in answers.get("drawer", ()) if reaches_drawer(ctx, row)), None)
    if at.register_session_id and not ctx.recording and (drawer is None or drawer["closed_at"]):
        raise NotFound(what="open register session")
    if ctx.recording and drawer is None:
        till = replace(till, session_id=None)  # what is open now is not what was open when it happened
    damaged = next((UUID(row["id"]) for row in answers["damaged"]), None)
    # A series is begun before anything else is locked: who begins one makes the others wait for it until the commit.
    series = await issuing.series_of(ctx, till.register_id, kind, till.business_date, answers["series"])
    return Counter(till, series, damaged, await named(ctx, at.staff_id, "payments:take"))


def check_claims(ctx: Ctx, at: AtRegister, here: Counter, disputes: Disputes) -> None:
    """Check what a later document claims about where and when it was made: for `disputes` DateFar, SessionUnknown,
    DeliveredLate, RegisterNotUsable."""
    till = here.till
    check_day(ctx, till.business_date, disputes, anyway=ctx.may("sales:override"))
    if at.register_session_id and till.session_id is None:
        disputes.add(SessionUnknown(register_session_id=at.register_session_id, register_id=till.register_id))
    if till.closed_at:
        disputes.add(RegisterNotUsable("it is closed"))
    elif till.replaced_at:
        disputes.add(DeliveredLate(till.replaced_at, ctx.now))


def check_number(at: AtRegister, issued: IssuedIn | None, field: str, here: Counter, *, needed: bool = True) -> None:
    """Check that a document's number comes from whom it must: `issued` (sent as `field`) from an installation's
    register, with its business day, and from nobody else. NumberRequired, NumberNotYours."""
    if issued is not None and (here.till.numbered_here or not needed):
        raise NumberNotYours(field)
    if not here.till.numbered_here and needed and (issued is None or at.business_date is None):
        raise NumberRequired(field if issued is None else "business_date")


def step(
    writes: Writes, sale: Row, name: StepName, changes: Mapping[str, Any], *, invoice_id: UUID | None,
    reason: str | None = None, noted: Mapping[str, Any] | None = None, numbered: bool = False,
    audited: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {}),
) -> dict[str, Any]:  # fmt: skip
    """Add a step in a sale's life to a statement: its row, the sale's own row, audit and event. Gives the row as it
    will stand. StepNotAllowed, SaleLocked.

    `changes` are columns of the sale; `noted` is kept with the step (`payment_ids`, ids of documents). `numbered` says
    that the sale takes the number that the same statement gives its invoice. `audited` tells of changes stored beside
    the sale's own row, as they were and as they become.
    """
    ctx = writes.ctx
    state: State = after(name, sale)
    now = {**sale, **changes, "state": state, "version": sale["version"] + 1}
    writes.value("sale_now", orjson.dumps({column: now[column] for column in _KEPT}).decode())
    writes.value("stepped_sale", sale["id"])
    writes.value("sale_version", sale["version"])
    number, reads = ("series_locked.number", ", series_locked") if numbered else ("r.number", "")
    writes.step("sale_stepped", _STEP.format(number=number, reads=reads))
    writes.result("sale_steps", "SELECT count(*) FROM sale_stepped")
    stands = standing(now, invoice_id) | dict(noted or {})
    row = rows.step(ctx, sale["id"], name, sale["state"], state, stands, revision=now["revision"], reason=reason)
    # What the statement itself finds out is written down by it too.
    found = {"standing": "r.standing || jsonb_build_object('number', series_locked.number)"} if numbered else None
    writes.insert(SaleStep, [row], computed=found, reads=("series_locked",) if numbered else ())
    was = {column: sale[column] for column in _KEPT if column != "version" and sale[column] != now[column]}
    becomes = {column: now[column] for column in was}
    entry = audit.entry(
        ctx, name, "sale", sale["id"], before={**was, **audited[0]}, after={**becomes, **audited[1]}, reason=reason
    )
    writes.insert(AuditEntry, [entry])
    facts = {"state": state, "branch_id": sale["branch_id"], **(noted or {})}
    told = [events.entry(ctx, EVENTS[name], sale["id"], facts)]
    if name == "complete" and now["review"]:
        told.append(events.entry(ctx, SUBMITTED, sale["id"], {"branch_id": sale["branch_id"]}))
    writes.insert(OutboxEvent, told)
    return now


def standing(sale: Row, invoice_id: UUID | None) -> dict[str, Any]:
    """Write down how a sale stands after a later step: what is sold and paid, and what was credited, locked, counted
    since."""
    return rows.standing(sale, invoice_id) | {column: sale[column] for column in _BESIDE}


async def send(writes: Writes) -> Outcome:
    """Write a step. Its sale is locked, so it is taken unless one of the statement's guards does not hold."""
    outcome = await writes.send()
    assert outcome.failed or outcome.results["sale_steps"] == 1
    return outcome
