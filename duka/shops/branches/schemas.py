"""Branches and locations on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from duka.platform import versions
from duka.platform.ids import new_id
from duka.platform.wire import AN_ID, Body, LongText, Moment, Name, Shown, shown_as

LocationKind = Literal["showroom", "warehouse", "van", "bench", "transit", "damaged"]
Phone = Annotated[str, StringConstraints(min_length=5, max_length=40)]


class BranchIn(Body):
    """A new branch."""

    model_config = shown_as(name="Kampala Road", phone="0772 123456")

    id: UUID = Field(default_factory=new_id)
    name: Name
    address: LongText = ""
    phone: Phone | None = None
    manager_id: UUID | None = None
    """The member of staff who runs it."""


class BranchEdit(versions.Edit):
    """A change of a branch."""

    name: Name = versions.kept()
    address: LongText = versions.kept()
    phone: Phone | None = None
    manager_id: UUID | None = None
    active: bool = versions.kept()


class BranchOut(Shown):
    """A branch."""

    id: UUID
    name: str
    address: str
    phone: str | None
    manager_id: UUID | None
    active: bool
    version: int
    created_at: Moment
    updated_at: Moment


class LocationIn(Body):
    """A new place for stock inside a branch."""

    model_config = shown_as(branch_id=AN_ID, name="Back room", kind="warehouse")

    id: UUID = Field(default_factory=new_id)
    branch_id: UUID
    name: Name
    kind: LocationKind


class LocationEdit(versions.Edit):
    """A change of a location. What kind it is stays."""

    name: Name = versions.kept()
    active: bool = versions.kept()


class LocationOut(Shown):
    """A location: the till sells from the branch's `showroom`; `transit` holds what is on its way."""

    id: UUID
    branch_id: UUID
    name: str
    kind: LocationKind
    active: bool
    version: int
    created_at: Moment
    updated_at: Moment
