"""The door to the dashboard."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from duka.dashboard import queries
from duka.dashboard.schemas import DashboardOut
from duka.platform import edge
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import NotFound
from duka.platform.openapi import refusals
from duka.platform.wire import Answer

router = edge.router("/dashboard", "dashboard")


@router.get("", summary="See how the shop stands", responses=refusals(NotFound))
async def show_dashboard(
    ctx: Annotated[Ctx, allow("profile:read")],
    branch_id: Annotated[UUID | None, Query(description="Only one branch.")] = None,
) -> Answer[DashboardOut]:
    """The figures of now, as far as your role reaches; a part that is not for you is null.

    `sales`, `owed`: who may see reports of the shop or the branch. `month`: who may see all reports. `drawers`: who
    may see other people's drawers. `mine`: who sells. `stock`: who looks after it or may see reports. Days are
    business days; money is in minor units.
    """
    return Answer(data=await queries.dashboard(ctx, branch_id))
