"""To open a drawer: a person's turn at a register begins, and its business day is fixed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.payments import events as told
from duka.payments import queries
from duka.payments.actions.naming import named
from duka.payments.models import RegisterSession
from duka.payments.rules import business_date
from duka.payments.schemas import SessionIn
from duka.platform import audit, events
from duka.platform.context import Ctx
from duka.platform.errors import Busy, DukaError, IdempotencyConflict, ValidationError
from duka.platform.ids import check_made
from duka.platform.models import AuditEntry, OutboxEvent
from duka.platform.reads import Reads
from duka.platform.writes import Outcome, Writes
from duka.shops import settings
from duka.shops.registers.actions import RegisterClosed
from duka.shops.registers.queries import RegisterNotFound


@dataclass(eq=False)
class RegisterSessionOpen(DukaError):
    """The register has an open session: it is closed first."""

    text: ClassVar[str] = "This register has an open session. Count and close it first."
    register_session_id: UUID


@dataclass(eq=False)
class WrongRegister(RegisterNotFound):
    """A register's credential delivers that register's documents only."""

    damaged: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Opened:
    """A session as answered; `again` says that it stood already."""

    session: Any
    again: bool = False


_REGISTER: Final = "SELECT id, kind, branch_id, closed_at FROM registers WHERE shop_id = %(shop)s AND id = %(register)s"
_STANDING: Final = """
SELECT encode(body_hash, 'hex') AS hash_text FROM register_sessions WHERE shop_id = %(shop)s AND id = %(session)s
"""
_OPEN: Final = """
SELECT id FROM register_sessions
WHERE shop_id = %(shop)s AND register_id = %(register)s AND id <> %(session)s AND closed_at IS NULL
"""


async def open_session(ctx: Ctx, asked: SessionIn) -> Opened:
    """Open a register's drawer with its float.

    Repeating the same body gives the first answer; another body under the same id is an IdempotencyConflict.
    RegisterNotFound and PersonUnknown for what the shop does not have or is out of scope, WrongRegister;
    RegisterClosed, RegisterSessionOpen. A recorded opening happened: it is stored although the register is closed by
    now, or beside a session that nobody closed, which stays open until somebody counts it.
    """
    opened_by = await named(ctx, asked.staff_id, "register_sessions:open")
    if opened_by is None:
        raise ValidationError(fields={"staff_id": ["Say who opened the drawer."]})
    reads = Reads(ctx)
    reads.ask("register", _REGISTER, register=asked.register_id)
    reads.ask("standing", _STANDING, session=asked.id)
    answers = await reads.send()
    if answers["standing"]:
        return await _again(ctx, asked.id, answers["standing"][0])
    check_made(ctx, asked.id)
    if not answers["register"] or not _reaches(ctx, answers["register"][0]):
        raise WrongRegister if ctx.actor == "register" else RegisterNotFound
    register = answers["register"][0]
    if register["closed_at"] and not ctx.recording:
        raise RegisterClosed
    today = ctx.today(settings.of(ctx).day_start_minutes)
    day = business_date(asked.business_date, today, numbered_here=register["kind"] == "server")
    outcome = await _write(ctx, asked, opened_by, day, register["branch_id"])
    if not outcome.written:
        return await _again_or_refuse(ctx, asked)
    return Opened(await _as_opened(ctx, asked.id))


async def _write(ctx: Ctx, asked: SessionIn, opened_by: UUID, day: date, branch_id: str) -> Outcome:
    writes = Writes(ctx)
    writes.value("register", asked.register_id)
    writes.value("session", asked.id)
    if not ctx.recording:
        writes.guard("none_open", f"NOT EXISTS ({_OPEN})")
    writes.first(RegisterSession, {
        "id": asked.id, "register_id": asked.register_id, "opened_by": opened_by,
        "opened_at": asked.opened_at or ctx.now, "business_date": day, "float_minor": asked.float_minor,
        "recorded": ctx.recording, "received_at": ctx.now, "body_hash": ctx.body_hash,
    })  # fmt: skip
    facts = {"register_id": str(asked.register_id), "branch_id": branch_id, "float_minor": asked.float_minor}
    writes.insert(AuditEntry, [audit.entry(ctx, "open", "register_session", asked.id, after=facts)])
    writes.insert(OutboxEvent, [events.entry(ctx, told.SESSION_OPENED, asked.id, facts)])
    return await writes.send()


def _reaches(ctx: Ctx, register: Mapping[str, Any]) -> bool:
    if ctx.actor == "register":
        return bool(register["id"] == str(ctx.register_id))
    return ctx.branch_id is None or register["branch_id"] == str(ctx.branch_id)


async def _again_or_refuse(ctx: Ctx, asked: SessionIn) -> Opened:
    # What stood in the way, another session or this very one sent twice at once, was written while this one waited.
    reads = Reads(ctx)
    reads.ask("standing", _STANDING, session=asked.id)
    reads.ask("open", _OPEN, register=asked.register_id)
    answers = await reads.send()
    if answers["standing"]:
        return await _again(ctx, asked.id, answers["standing"][0])
    if not answers["open"]:
        raise Busy  # it was closed in this very moment
    raise RegisterSessionOpen(UUID(answers["open"][0]["id"]))


async def _again(ctx: Ctx, session_id: UUID, standing: Mapping[str, Any]) -> Opened:
    if standing["hash_text"] != ctx.body_hash.hex():
        raise IdempotencyConflict
    return Opened(await _as_opened(ctx, session_id), again=True)


async def _as_opened(ctx: Ctx, session_id: UUID) -> dict[str, Any]:
    """Give a session as it was when it opened, whatever has become of it."""
    row = await queries.session(ctx, session_id, "register_sessions:open")
    later = dict.fromkeys(("closed_by", "closed_at", "counted_minor", "expected_minor", "difference_minor", "note"))
    return {**row._mapping, **later, "state": "open"}
