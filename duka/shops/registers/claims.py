"""What a register claims of a document it delivers: who made it, on which day, on which device. It is checked on
arrival; what does not agree is for the document's disputes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.disputes import Disputes
from duka.platform.errors import DukaError, Forbidden, NotFound
from duka.platform.reads import Reads
from duka.shops import settings
from duka.shops.queries import TILL, ask_seller
from duka.shops.registers.schemas import Told

DAYS_FROM_RECEIPT_MAX: Final = 1


@dataclass(eq=False)
class NotForRegisters(Forbidden):
    """A register's credential delivers that register's documents. This is none: it is for who is logged in."""

    text: ClassVar[str] = "A register's credential delivers documents and nothing else. Log in to do this."


@dataclass(eq=False)
class DateFar(DukaError):
    """The business day is more than a day away from the day the document was received."""

    text: ClassVar[str] = "The business day {business_date} is far from today, {received_on}. Check the device's clock."
    business_date: date
    received_on: date


@dataclass(eq=False)
class DeliveredLate(DukaError):
    """The document came after its register's device had been replaced by another."""

    text: ClassVar[str] = "This register's device was replaced on {replaced_at}."
    replaced_at: datetime
    made_at: datetime | None


@dataclass(eq=False)
class WorkerUnknown(NotFound):
    """The shop has nobody with the id under `staff_id`, or the caller acts only in their own name."""

    what: str = "member of staff"
    staff_id: UUID | None = None


@dataclass(eq=False)
class WorkerNotAllowed(DukaError):
    """Whoever did it is suspended, has left the shop, or has no such right."""

    text: ClassVar[str] = "{name} may not do this at present ({permission})."
    staff_id: UUID
    name: str
    staff_status: str
    permission: str


@dataclass(eq=False)
class OtherBranch(DukaError):
    """A register recorded something at a place of another branch than its own."""

    text: ClassVar[str] = "This happened at another branch than the register's."
    branch_id: UUID


CLAIMS: Final = (WorkerUnknown, DateFar)
"""What of a claim refuses a document that is asked for."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who made a document, on which business day it counts, and what whoever made it may do."""

    staff_id: UUID | None
    business_date: date
    permissions: frozenset[str] = frozenset()


def check_person(ctx: Ctx) -> None:
    """See to it that somebody is logged in. NotForRegisters."""
    if ctx.actor == "register":
        raise NotForRegisters


async def claim(ctx: Ctx, told: Told, disputes: Disputes, *needed: str) -> Claim:
    """Check who made a document and when. A person makes theirs themselves; a register names who did, who should hold
    the permissions `needed`.

    WorkerUnknown where it is asked; for `disputes` also WorkerNotAllowed, DateFar, DeliveredLate.
    """
    today = ctx.today(settings.of(ctx).day_start_minutes)
    day = told.business_date or today
    check_day(ctx, day, disputes)
    if ctx.actor != "register":
        if told.staff_id not in (None, ctx.staff_id):
            raise WorkerUnknown(staff_id=told.staff_id)
        return Claim(ctx.staff_id, day, frozenset(ctx.permissions))
    reads = Reads(ctx)
    reads.ask("till", TILL, till_register=ctx.register_id, till_branch=None)
    if told.staff_id:
        ask_seller(reads, told.staff_id)
    facts = await reads.send()
    replaced_at = facts["till"][0]["replaced_at"]
    if replaced_at:
        disputes.add(DeliveredLate(datetime.fromisoformat(replaced_at), told.made_at))
    worker = next(iter(facts.get("seller", ())), None)
    if worker is None:
        disputes.add(WorkerUnknown(staff_id=told.staff_id))
        return Claim(None, day)
    _check_worker(worker, needed, disputes)
    return Claim(told.staff_id, day, frozenset(worker["permissions"] if worker["status"] == "active" else ()))


def check_day(ctx: Ctx, day: date, disputes: Disputes, *, anyway: bool = False) -> None:
    """Check that a business day is today's, or a neighbour of it. DateFar, unless it may be `anyway`."""
    today = ctx.today()
    if abs((day - today).days) > DAYS_FROM_RECEIPT_MAX and not anyway:
        disputes.add(DateFar(day, today))


def _check_worker(worker: Any, needed: tuple[str, ...], disputes: Disputes) -> None:
    lacking = [permission for permission in needed if permission not in worker["permissions"]]
    if worker["status"] != "active" or lacking:
        permission = lacking[0] if lacking else needed[0]
        disputes.add(WorkerNotAllowed(UUID(worker["id"]), worker["name"], worker["status"], permission))
