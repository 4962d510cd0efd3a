"""What changes branches: they are opened, changed and closed."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from duka.platform import audit, db, events, versions
from duka.platform.context import Ctx
from duka.platform.errors import DukaError, Forbidden, IdempotencyConflict, NotFound
from duka.shops import founding, phones
from duka.shops.branches import queries
from duka.shops.branches.schemas import BranchEdit, BranchIn
from duka.shops.country import country
from duka.shops.models import Branch, Location, Register, RegisterCode, Shop, Staff
from duka.shops.registers import codes

_FOREIGN_KEY: Final = "23503"


@dataclass(eq=False)
class BranchNameTaken(DukaError):
    """Another branch of the shop has the name."""

    text: ClassVar[str] = "There is a branch named {name} already."
    name: str


@dataclass(eq=False)
class LastBranch(DukaError):
    """A shop needs one active branch to sell from."""

    text: ClassVar[str] = "This is the shop's last active branch, so it must stay."


@dataclass(eq=False)
class BranchHasStaff(DukaError):
    """People are bound to the branch and could not work any more. `people` is how many."""

    text: ClassVar[str] = "{people} of the staff work in this branch only. Move them to another one first."
    people: int


@dataclass(eq=False)
class ManagerNotFound(NotFound):
    """The branch's manager is nobody of the shop's staff."""

    what: str = "member of staff"


@dataclass(frozen=True, slots=True)
class Closed:
    """What became of a branch: deleted, or deactivated because it has history."""

    branch: Branch
    deleted: bool


async def open_branch(ctx: Ctx, wanted: BranchIn) -> Branch:
    """Open a branch that can sell at once: with showroom, warehouse, a place for damaged goods, and a back-office till.

    BranchNameTaken, ManagerNotFound, PhoneNotValid; Forbidden for somebody bound to one branch.
    """
    if ctx.need("branches:create") != "shop":
        raise Forbidden(permission="branches:create")
    values = await _columns(ctx, wanted.model_dump())
    branch = Branch(shop_id=ctx.shop_id, active=True, created_at=ctx.now, updated_at=ctx.now, **values)
    async with db.refusing(ctx, {**_taken(wanted.name), "pk_branches": IdempotencyConflict}):
        ctx.db.add(branch)
    ctx.db.add_all(founding.furnish_branch(ctx.shop_id, branch.id, ctx.now))
    await codes.add_register(ctx, branch.id, founding.SERVER_REGISTER_NAME, "server")
    audit.record(ctx, "create", "branch", branch.id, after={"name": branch.name})
    events.emit(ctx, "branch.created", branch.id)
    return branch


async def edit(ctx: Ctx, branch_id: UUID, body: BranchEdit, version: int | None) -> Branch:
    """Change a branch; `active: false` deactivates it, `true` takes it up again.

    BranchNotFound, BranchNameTaken, ManagerNotFound, PhoneNotValid, LastBranch, BranchHasStaff, StaleVersion,
    VersionRequired.
    """
    branch = await queries.branch(ctx, branch_id, "branches:update")
    values = await _columns(ctx, versions.given(body))
    if branch.active and values.get("active") is False:
        await _check_dispensable(ctx, branch)
    async with db.refusing(ctx, _taken(str(values.get("name")))):
        changed = await versions.edit(ctx, branch, values, version, "branch")
    if changed:
        events.emit(ctx, "branch.updated", branch_id)
    return branch


async def close(ctx: Ctx, branch_id: UUID) -> Closed:
    """Take a branch out of use: deleted when nothing ever happened there, else deactivated and kept with its history.

    BranchNotFound, LastBranch, BranchHasStaff.
    """
    branch = await queries.branch(ctx, branch_id, "branches:delete")
    await _check_dispensable(ctx, branch)
    deleted = await _deleted(ctx, branch)
    if deleted:
        audit.record(ctx, "delete", "branch", branch_id, before={"name": branch.name})
    elif branch.active:
        await versions.edit(ctx, branch, {"active": False}, branch.version, "branch")
    events.emit(ctx, "branch.deleted" if deleted else "branch.updated", branch_id)
    return Closed(branch, deleted)


async def _check_dispensable(ctx: Ctx, branch: Branch) -> None:
    """Refuse to take away the last active branch or one that people are bound to. The shop's row is held, so that two
    branches cannot be taken away at once."""
    await ctx.db.execute(select(Shop.shop_id).with_for_update(key_share=True))
    others = select(func.count()).select_from(Branch).where(Branch.active, Branch.id != branch.id)
    if await ctx.db.scalar(others) == 0:
        raise LastBranch
    bound = select(func.count()).select_from(Staff).where(Staff.branch_id == branch.id, Staff.status != "deleted")
    people = await ctx.db.scalar(bound)
    if people:
        raise BranchHasStaff(people=people)


async def _deleted(ctx: Ctx, branch: Branch) -> bool:
    """Delete a branch with its locations and unused server tills, unless anything refers to one of them.

    A device's till holds documents that may not have arrived yet, so its branch is never deleted.
    """
    installed = select(func.count()).select_from(Register)
    if await ctx.db.scalar(installed.where(Register.branch_id == branch.id, Register.kind == "installation")):
        return False
    registers = select(Register.id).where(Register.branch_id == branch.id)
    everything = (
        delete(RegisterCode).where(RegisterCode.register_id.in_(registers)),
        delete(Register).where(Register.branch_id == branch.id),
        delete(Location).where(Location.branch_id == branch.id),
        delete(Branch).where(Branch.id == branch.id),
    )
    try:
        async with ctx.db.begin_nested():
            for each in everything:
                await ctx.db.execute(each, execution_options={"synchronize_session": False})
    except IntegrityError as broken:
        if getattr(broken.orig, "sqlstate", None) != _FOREIGN_KEY:
            raise
        return False
    ctx.db.expunge(branch)
    return True


async def _columns(ctx: Ctx, asked: dict[str, Any]) -> dict[str, Any]:
    values = dict(asked)
    if values.get("phone"):
        values["phone"] = phones.e164(values["phone"], await country(ctx))
    if values.get("manager_id"):
        known = select(Staff.id).where(Staff.id == values["manager_id"], Staff.status != "deleted")
        if await ctx.db.scalar(known) is None:
            raise ManagerNotFound
    return values


def _taken(name: str) -> db.Refusals:
    return {"uq_branches_name": lambda: BranchNameTaken(name=name)}
