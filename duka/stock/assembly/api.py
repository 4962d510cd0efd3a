"""The door to sets: how many can be had, and what is built of components beforehand."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Response

from duka.catalog.errors import SetFollowed
from duka.platform import edge, exports, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import IdempotencyConflict, NotFound, ValidationError
from duka.platform.openapi import refusals
from duka.platform.sheets import Column
from duka.platform.wire import Answer, BadCursor, Page, Paging
from duka.stock.actions import assembling
from duka.stock.actions.adjusting import LocationRequired, NotStocked
from duka.stock.actions.assembling import NotASet, SerialsTooMany
from duka.stock.actions.moving import OutOfStock
from duka.stock.assembly import queries
from duka.stock.assembly.queries import Sought
from duka.stock.assembly.schemas import AssemblyIn, AssemblyOut, SetsOut
from duka.stock.errors import PICKING

router = edge.router("/assemblies", "stock")
products = edge.router("/products", "stock")
ROUTERS: Final = (router, products)

Reader = Annotated[Ctx, allow("stock:read")]
Builder = Annotated[Ctx, allow("products:adjust_stock")]
Asked = Annotated[Paging, Depends(wire.paging)]

_COLUMNS: Final = (
    Column("at", "When", "time"), Column("variant_name", "Set"), Column("way", "Way"),
    Column("quantity", "Sets", "integer"), Column("location_name", "Location"), Column("note", "Note"),
    Column("id", "Id"),
)  # fmt: skip


@products.get("/{product_id}/components", summary="Show what a product is made of", responses=refusals(NotFound))
async def show_components(ctx: Annotated[Ctx, allow("products:read")], product_id: UUID) -> Answer[SetsOut]:
    """The components of each variant, how many whole sets stand ready at each location and how many could be had of
    what stands there (for those with `stock:read`), and which sets the product itself is in."""
    return Answer(data=SetsOut.model_validate(await queries.sets_of(ctx, product_id)))


@router.get("", summary="List what was built and taken apart", response_model=Page[AssemblyOut],
            responses=refusals(BadCursor))  # fmt: skip
async def list_assemblies(
    ctx: Reader, asked: Asked,
    variant_id: Annotated[UUID | None, Query(description="One set.")] = None,
    location_id: Annotated[UUID | None, Query(description="One location.")] = None,
) -> Page[AssemblyOut] | Response:  # fmt: skip
    """Assemblies with what went in and out, the newest first; whoever is bound to a branch sees those of its locations.

    Sort by `id` or `at`. `value` is shown to those with `products:cost`. Exports need `stock:export`.
    """
    file_format = exports.wanted(ctx, asked, "stock:export")
    sought = Sought(variant_id, location_id)
    if file_format:
        parts = exports.parts(asked, lambda part: queries.assemblies(ctx, part, sought))
        return await exports.file_response(ctx, parts, _COLUMNS, "assemblies", file_format)
    rows, page = await queries.assemblies(ctx, asked, sought)
    return Page(data=[AssemblyOut.model_validate(row) for row in rows], page=page)


@router.post(
    "", status_code=201, summary="Build sets, or take them apart",
    responses=refusals(
        OutOfStock, NotASet, NotStocked, SetFollowed, SerialsTooMany, LocationRequired, NotFound,
        IdempotencyConflict, ValidationError, *PICKING,
    ),
)  # fmt: skip
async def assemble(ctx: Builder, body: AssemblyIn, response: Response) -> Answer[AssemblyOut]:
    """Components leave the location and whole sets come in, at the sum of what the components cost; or the other way
    round, and the components share what the sets cost. Nothing goes below zero."""
    done = await assembling.assemble(ctx, body)
    response.headers["Location"] = f"/api/assemblies/{body.id}"
    if done.again:
        response.headers["Idempotency-Replayed"] = "true"
    message = "The sets were built." if body.way == "build" else "The sets were taken apart."
    return Answer(data=AssemblyOut.model_validate(done.shown), message=message)


@router.get("/{assembly_id}", summary="Show an assembly", responses=refusals(NotFound))
async def show_assembly(ctx: Reader, assembly_id: UUID) -> Answer[AssemblyOut]:
    """One assembly with what went in and out."""
    return Answer(data=AssemblyOut.model_validate(await queries.assembly(ctx, assembly_id)))
