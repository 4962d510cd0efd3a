"""The door to registers."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from duka.platform import edge, exports, versions, wire
from duka.platform.context import Ctx
from duka.platform.edge import House, allow
from duka.platform.errors import IdempotencyConflict, StaleVersion, VersionRequired
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, PageInfo, Paging
from duka.shops.branches.queries import BranchNotFound
from duka.shops.models import Register
from duka.shops.registers import actions, queries
from duka.shops.registers.actions import BranchClosed, NoCredential, Opened, RegisterClosed
from duka.shops.registers.codes import CodeTaken
from duka.shops.registers.queries import RegisterNotFound
from duka.shops.registers.schemas import ClosingIn, RegisterEdit, RegisterIn, RegisterOut, RegisterWithCredential
from duka.shops.series import CodesUsedUp

router = edge.router("/registers", "registers")

_COLUMNS = (
    Column("code", "Code"), Column("name", "Name"), Column("kind", "Kind"), Column("closed_at", "Closed", "time"),
)  # fmt: skip


@router.get("", summary="List tills", response_model=Page[RegisterOut], responses=refusals(BadCursor))
async def list_registers(
    ctx: Annotated[Ctx, allow("registers:read")],
    asked: Annotated[Paging, Depends(wire.paging)],
    branch_id: Annotated[UUID | None, Query(description="Of one branch.")] = None,
    open: Annotated[  # noqa: A002 - the parameter's name on the wire
        bool | None, Query(description="Only those in use, or only closed ones.")
    ] = None,
) -> Page[RegisterOut] | Response:
    """The shop's tills with their codes and series, closed ones too; somebody bound to one branch sees that
    branch's."""
    file_format = exports.wanted(ctx, asked, "registers:export")
    query = queries.listed(ctx, asked.q, branch_id, open)

    async def page_of(part: Paging) -> tuple[Sequence[Register], PageInfo]:
        return await wire.page(ctx, query, part, queries.SORTS, Register.id, default="code")

    if file_format:
        return await exports.file_response(ctx, exports.parts(asked, page_of), _COLUMNS, "registers", file_format)
    rows, page = await page_of(asked)
    return Page(data=await queries.shown(ctx, rows), page=page)


@router.get("/{register_id}", summary="Read a till", responses=refusals(RegisterNotFound))
async def read_register(ctx: Annotated[Ctx, allow("registers:read")], register_id: UUID) -> Answer[RegisterOut]:
    """One till with its codes and series: how far its numbers have come, which are awaited, what was declared."""
    return Answer(data=await _shown(ctx, await queries.register(ctx, register_id)))


@router.post(
    "", status_code=201, summary="Register a till",
    responses=refusals(BranchNotFound, BranchClosed, CodeTaken, CodesUsedUp, IdempotencyConflict),
)  # fmt: skip
async def open_register(
    ctx: Annotated[Ctx, allow("registers:create")], body: RegisterIn, response: Response
) -> Answer[RegisterWithCredential]:
    """Register a device's till (`installation`) or one for API clients (`server`).

    The code is what its numbers start with; it belongs to this till for ever. A device's till gets a credential,
    shown in this answer and never again: with it the device delivers its documents, whoever is logged in, and it can
    do nothing else.
    """
    done = await actions.open_register(ctx, body)
    response.headers["Location"] = f"/api/registers/{done.register.id}"
    return Answer(data=await _with_credential(ctx, done), message="Till registered.")


@router.put(
    "/{register_id}", summary="Rename a till", responses=refusals(RegisterNotFound, StaleVersion, VersionRequired)
)
async def rename_register(
    ctx: Annotated[Ctx, allow("registers:update")], register_id: UUID, body: RegisterEdit, if_match: versions.IfMatch
) -> Answer[RegisterOut]:
    """Change a till's name. Its code stands in numbers already issued and never changes."""
    register = await actions.rename(ctx, register_id, body, versions.of(body, if_match))
    return Answer(data=await _shown(ctx, register), message="Till renamed.")


@router.post(
    "/{register_id}/credential", summary="Renew a till's credential",
    responses=refusals(RegisterNotFound, RegisterClosed, NoCredential),
)  # fmt: skip
async def renew_credential(
    ctx: Annotated[Ctx, allow("registers:update")], register_id: UUID
) -> Answer[RegisterWithCredential]:
    """Give the same installation's till a new credential, shown once; the old one ends at once. A new device gets a
    till of its own instead."""
    done = await actions.renew_credential(ctx, register_id)
    return Answer(data=await _with_credential(ctx, done), message="Credential renewed.")


@router.delete(
    "/{register_id}/credential", summary="Cut a till off", responses=refusals(RegisterNotFound, NoCredential)
)
async def revoke_credential(ctx: Annotated[Ctx, allow("registers:update")], register_id: UUID) -> Answer[RegisterOut]:
    """End the credential of a stolen device's till: from now on nothing it delivers is taken (401). Close the till as
    well when the device is gone for good; a till that is only closed still delivers what it sold before."""
    register = await actions.revoke_credential(ctx, register_id)
    return Answer(data=await _shown(ctx, register), message="The till is cut off.")


@router.post("/{register_id}/close", summary="Close a till", responses=refusals(RegisterNotFound))
async def close_register(
    ctx: Annotated[Ctx, allow("registers:close")], register_id: UUID, body: ClosingIn, request: Request
) -> Answer[RegisterOut]:
    """Close a till for good, because it is lost or no longer used.

    Its series close with it. Numbers that are still awaited become a declared hole, signed by the server, so that
    whoever checks the numbers sees that they were given up and why. What the device still delivers is taken.
    """
    house: House = request.app.state.house
    register = await actions.close(ctx, register_id, body.reason, house.signer)
    return Answer(data=await _shown(ctx, register), message="Till closed.")


async def _shown(ctx: Ctx, register: Register) -> RegisterOut:
    (shown,) = await queries.shown(ctx, [register])
    return shown


async def _with_credential(ctx: Ctx, done: Opened) -> RegisterWithCredential:
    shown = await _shown(ctx, done.register)
    ctx.extra["shown_once"] = ("credential",)
    return RegisterWithCredential(**shown.model_dump(by_alias=True), credential=done.credential)
