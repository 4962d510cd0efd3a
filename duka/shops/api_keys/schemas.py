"""API keys on the wire."""

from ipaddress import ip_network
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from duka.platform.context import Scope
from duka.platform.ids import new_id
from duka.platform.wire import Body, Clock, Moment, Name, Shown, shown_as
from duka.shops.roles.schemas import Permissions


def _network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise ValueError("an address like 203.0.113.7 or a network like 203.0.113.0/24") from None


Network = Annotated[str, StringConstraints(max_length=60), AfterValidator(_network)]


class ApiKeyIn(Body):
    """A new key: what it may do, from where, until when."""

    model_config = shown_as(name="Web shop", permissions={"products:read": "shop", "sales:create": "shop"})

    id: UUID = Field(default_factory=new_id)
    name: Name
    permissions: Annotated[Permissions, Field(min_length=1)]
    allowed_ips: Annotated[list[Network], Field(max_length=50)] = Field(default_factory=list)
    """Addresses or networks it may be used from; anywhere when empty."""
    expires_at: Clock | None = None


class ApiKeyOut(Shown):
    """A key. `hint` is its end, to tell it from others."""

    id: UUID
    name: str
    hint: str
    permissions: dict[str, Scope]
    allowed_ips: list[str]
    created_by: UUID
    expires_at: Moment | None
    last_used_on: str | None
    revoked_at: Moment | None
    created_at: Moment


class ApiKeyMade(ApiKeyOut):
    """A key with its text. This is the only time it is shown."""

    key: str | None
