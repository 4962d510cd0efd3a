"""Registers and their series on the wire."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from duka.platform import versions
from duka.platform.ids import new_id
from duka.platform.wire import AN_ID, Body, Clock, Day, Moment, Name, Reason, Shown, shown_as


def _capital(text: Any) -> Any:
    return text.strip().upper() if isinstance(text, str) else text


RegisterCodeText = Annotated[str, BeforeValidator(_capital), StringConstraints(pattern=r"^[A-Z0-9]{1,4}$")]
RegisterKind = Literal["installation", "server"]


class Told(Body):
    """What a register tells of a document that it delivers: who made it, and when by its clock."""

    staff_id: UUID | None = None
    """Who did it, told by a register; a person's documents are their own."""
    made_at: Clock | None = None
    """When it was done, by the device's clock; left out, when it is received."""
    business_date: Day | None = None
    """The business day at the register; left out, the shop's day when it is received."""


class RegisterIn(Body):
    """A new register: a device's till (`installation`), or one that the server numbers for API clients (`server`)."""

    model_config = shown_as(branch_id=AN_ID, name="Web shop", kind="server")

    id: UUID = Field(default_factory=new_id)
    branch_id: UUID
    name: Name
    kind: RegisterKind
    installation_id: UUID | None = None
    """The installation of the app whose till it is; needed for an `installation`."""
    code: RegisterCodeText | None = None
    """1 to 4 letters and digits that its numbers start with; the next free one when not given."""

    @model_validator(mode="after")
    def _whose(self) -> Self:
        if (self.kind == "installation") != (self.installation_id is not None):
            raise ValueError("give installation_id for an installation, and only there")
        return self


class RegisterEdit(versions.Edit):
    """A change of a register. Its code never changes."""

    name: Name = versions.kept()


class ClosingIn(Body):
    """Why a register is closed; it stands in the declared holes of its series."""

    reason: Reason


class HoleOut(Shown):
    """Numbers that will not come, declared when the register was closed and signed by the server."""

    from_: int = Field(serialization_alias="from", validation_alias="from")
    to: int
    reason: str
    at: str
    by: str
    signature: str


class SeriesOut(Shown):
    """One run of numbers. Numbers after `complete_to` and up to `highest_seen` that did not arrive are awaited."""

    id: UUID
    kind: Literal["invoice", "credit_note", "debit_note"]
    code: str
    financial_year: str
    highest_seen: int
    complete_to: int
    head_hash: str
    closed_at: Moment | None
    declared_hole: HoleOut | None


class RegisterOut(Shown):
    """A register. `codes` says what its invoices, credit notes and debit notes are numbered with."""

    id: UUID
    branch_id: UUID
    code: str
    codes: dict[str, str]
    name: str
    kind: RegisterKind
    installation_id: UUID | None = Field(description="Told to whoever may change tills (`registers:update`).")
    has_credential: bool
    replaced_at: Moment | None
    closed_at: Moment | None
    series: list[SeriesOut]
    version: int
    created_at: Moment
    updated_at: Moment


class RegisterWithCredential(RegisterOut):
    """A register with the credential it delivers its documents with. This is the only time it is shown."""

    credential: str | None
