"""Starter catalogues over HTTP."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Response

from duka.catalog import starters
from duka.catalog.actions import starting
from duka.catalog.api.imports import shown
from duka.catalog.starter_schemas import StartedOut, StarterItemOut, StarterOut, StarterWhole
from duka.catalog.starters import Kind, StarterItem
from duka.platform import edge, sheets
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import Forbidden, ValidationError
from duka.platform.openapi import refusals
from duka.platform.wire import Answer

router = edge.router("/catalogue/starters", "products")


@router.get("", summary="List starter catalogues")
async def list_starters(ctx: Annotated[Ctx, allow("products:read")]) -> Answer[list[StarterOut]]:
    """What shops of five kinds usually sell, to begin with."""
    found = [StarterOut(**_counted(kind, await starting.items(ctx, kind))) for kind in starters.TITLES]
    return Answer(data=found)


@router.get("/{kind}", summary="Show a starter catalogue", responses=refusals(ValidationError))
async def show_starter(ctx: Annotated[Ctx, allow("products:read")], kind: Kind) -> Answer[StarterWhole]:
    """The items of one, at usual prices of the shop's country with tax."""
    items = await starting.items(ctx, kind)
    content = [
        StarterItemOut.model_validate({
            "name": item.name, "group": item.group, "unit": item.unit, "kind": item.kind,
            "price": sheets.money_minor(item.price, ctx.currency) if item.price else None,
        })
        for item in items
    ]  # fmt: skip
    return Answer(data=StarterWhole(**_counted(kind, items), content=content))


@router.post(
    "/{kind}", status_code=201, summary="Add a starter catalogue", responses=refusals(ValidationError, Forbidden)
)
async def add_starter(
    ctx: Annotated[Ctx, allow("products:import")], kind: Kind, response: Response
) -> Answer[StartedOut]:
    """Puts its items on sale, in groups that are made where they are missing. Names that the shop has already are left
    alone, so asking twice adds nothing twice. Look through prices and tax classes afterwards: they are where a shop
    begins. It is an import and is undone like one."""
    started = await starting.add_starter(ctx, kind)
    response.headers["Location"] = f"/api/products/import/{started.run.id}"
    report = shown(started.run)
    message = f"{report.created} items were added, {len(started.left_alone)} were there already."
    told = StartedOut(report=report, left_alone=list(started.left_alone), without_price=started.without_price)
    return Answer(data=told, message=message)


def _counted(kind: Kind, items: Sequence[StarterItem]) -> dict[str, Any]:
    return {
        "kind": kind, "title": starters.TITLES[kind], "items": len(items), "priced": sum(bool(i.price) for i in items),
        "groups": list(dict.fromkeys(item.group for item in items)),
    }  # fmt: skip
