"""The door to a demo's logins: so that the app can show whom a visitor may be."""

from typing import Annotated

from duka.platform import edge
from duka.platform.edge import Visitor, public
from duka.platform.errors import NotFound
from duka.platform.openapi import refusals
from duka.platform.pages import read_demo
from duka.platform.wire import Answer, Shown

router = edge.router("/demo", "demo")


class DemoLogin(Shown):
    """One of the demo shop's people; whoever visits may log in as them."""

    role: str
    name: str
    phone: str
    password: str


class DemoOut(Shown):
    """The demo's shop and its people."""

    shop: str
    logins: list[DemoLogin]


@router.get("", summary="Who you may be in this demo", responses=refusals(NotFound))
async def show_demo(visitor: Annotated[Visitor, public()]) -> Answer[DemoOut]:
    """On a demo server only; elsewhere there is no such thing."""
    options = visitor.house.settings
    demo = read_demo(options.data) if options.mode == "demo" else None
    if demo is None or not demo.logins:
        raise NotFound(what="demo")
    return Answer(data=DemoOut.model_validate(demo))
