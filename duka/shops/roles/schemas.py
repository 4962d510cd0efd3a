"""Roles and permissions on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from duka.platform import versions
from duka.platform.context import Scope
from duka.platform.ids import new_id
from duka.platform.money import BasisPoints
from duka.platform.wire import Body, Moment, Name, ShortText, Shown, shown_as
from duka.shops.permissions import ALIASES, PERMISSIONS, PRESET_NAMES


def _known(granted: dict[str, Scope]) -> dict[str, Scope]:
    unknown = sorted(granted.keys() - PERMISSIONS)
    if unknown:
        raise ValueError(f"there is no permission {', '.join(unknown[:5])[:200]}")
    return granted


def _preset(name: str | None) -> str | None:
    if name is not None and ALIASES.get(name, name) not in PRESET_NAMES:
        raise ValueError(f"one of {', '.join(PRESET_NAMES)}")
    return name


Permissions = Annotated[dict[str, Scope], Field(max_length=500), AfterValidator(_known)]
"""`resource:action` with its scope: `own`, `branch` or `shop`."""


class RoleIn(Body):
    """A new role: a preset's permissions, or its own."""

    model_config = shown_as(name="Cashier", preset_of="staff", discount_ceiling_bp=500)

    id: UUID = Field(default_factory=new_id)
    name: Name
    preset_of: Annotated[ShortText | None, AfterValidator(_preset)] = None
    """Start from this preset role: `supervisor`, `staff`..."""
    permissions: Permissions | None = None
    """What the role may do; with `preset_of` these stand instead of the preset's."""
    discount_ceiling_bp: BasisPoints | None = None
    """The largest discount, in basis points of the price; the preset's where it is not given, else none."""


class RoleEdit(versions.Edit):
    """A change of a role. `permissions` takes the place of all the role had."""

    model_config = shown_as(version=3, permissions={"sales:create": "branch", "sales:read": "own"})

    name: Name = versions.kept()
    permissions: Permissions = versions.kept()
    discount_ceiling_bp: BasisPoints = versions.kept()


class RoleOut(Shown):
    """A role. `preset` names the preset it is; a shop's own roles have none."""

    id: UUID
    name: str
    preset: str | None
    permissions: dict[str, Scope]
    discount_ceiling_bp: int
    version: int
    created_at: Moment
    updated_at: Moment


class PermissionOut(Shown):
    """One permission, in words."""

    permission: str
    action: str
    description: str


class PermissionGroup(Shown):
    """The permissions about one thing."""

    resource: str
    title: str
    permissions: list[PermissionOut]
