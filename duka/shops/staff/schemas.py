"""Staff and invitations on the wire."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import EmailStr, Field, StringConstraints, model_validator

from duka.platform import versions
from duka.platform.ids import new_id
from duka.platform.wire import Body, Moment, Name, Reason, Shown
from duka.shops.auth.passwords import Password

Status = Literal["invited", "active", "suspended", "deleted"]
Phone = Annotated[str, StringConstraints(min_length=5, max_length=40)]


class StaffIn(Body):
    """Somebody to invite, reached by phone, e-mail or both."""

    id: UUID = Field(default_factory=new_id)
    name: Name = Field(examples=["Okello James"])
    phone: Phone | None = Field(None, examples=["0772 123456"])
    email: Annotated[EmailStr, Field(max_length=254)] | None = None
    role_id: UUID
    branch_id: UUID | None = None
    """Set for somebody who sees and acts in one branch only."""

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.phone is None and self.email is None:
            raise ValueError("give a phone or an e-mail, so that the invitation can be sent")
        return self


class StaffEdit(versions.Edit):
    """A change of somebody's place in the shop. Their phone and e-mail are their own to change."""

    name: Name = versions.kept()
    role_id: UUID = versions.kept()
    branch_id: UUID | None = None


class SuspendIn(Body):
    """Why somebody is suspended, if it is to be kept."""

    reason: Reason | None = None


class StaffOut(Shown):
    """Somebody who works here. Who is `invited` has not taken their place yet; phone and e-mail are then where the
    invitation went."""

    id: UUID
    name: str
    phone: str | None
    email: str | None
    role_id: UUID
    role: str
    preset: str | None
    branch_id: UUID | None
    status: Status
    last_login_at: Moment | None
    version: int
    created_at: Moment
    updated_at: Moment


class StaffInvited(StaffOut):
    """Somebody who was just invited. `invitation_token` is the secret of their link, on a demo or development server
    only."""

    invitation_token: str | None


class InvitationOut(Shown):
    """What a link invites to. Who has an account already joins with it and needs no new password."""

    shop: str
    name: str
    role: str
    needs_password: bool
    expires_at: Moment


class AcceptIn(Body):
    """Taking the place. The password is for a new account; the name, if given, is how colleagues see it."""

    password: Password | None = None
    name: Name | None = None


class JoinedOut(Shown):
    """The place that was taken; log in with `login` (the phone or e-mail that the invitation went to)."""

    shop_id: UUID
    shop: str
    staff_id: UUID
    login: str
