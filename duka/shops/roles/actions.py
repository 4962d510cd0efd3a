"""What changes roles: they are added, changed and removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, get_args

from duka.platform import audit, db, events, versions
from duka.platform.context import Ctx, Scope
from duka.platform.errors import DukaError, IdempotencyConflict
from duka.shops import permissions
from duka.shops.models import Role
from duka.shops.roles import rules
from duka.shops.roles.schemas import RoleEdit, RoleIn

_NAMES_SHOWN: Final = 20
assert set(get_args(Scope)) == {"own", "branch", "shop"}


@dataclass(eq=False)
class RoleTooWide(DukaError):
    """The role may do more than the caller, who can therefore not make, change or give it. `beyond` names what."""

    status: ClassVar[int] = 403
    text: ClassVar[str] = "This role may do more than you may. Ask the shop's owner."
    beyond: list[str]


@dataclass(eq=False)
class RoleNameTaken(DukaError):
    """Another role of the shop has the name."""

    text: ClassVar[str] = "There is a role named {name} already."
    name: str


@dataclass(eq=False)
class OwnerRoleFixed(DukaError):
    """The owner's role always has every permission; else a shop could lock itself out."""

    text: ClassVar[str] = "The owner's role cannot be changed or deleted. Make a role of your own instead."


@dataclass(eq=False)
class RoleInUse(DukaError):
    """Somebody has the role, or had it when they left."""

    text: ClassVar[str] = "Somebody has or had this role, so it must stay. Give them another role first."
