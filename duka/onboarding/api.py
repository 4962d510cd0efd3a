"""The door for who is not here yet."""

from typing import Annotated

from fastapi import Response

from duka.customers.rules import TaxIdNotValid
from duka.onboarding import actions
from duka.onboarding.schemas import SignUpIn
from duka.platform import edge
from duka.platform.edge import Visitor, public
from duka.platform.errors import RateLimited
from duka.platform.openapi import refusals
from duka.platform.wire import Answer
from duka.shops import phones
from duka.shops.auth import accounts, codes, cookies, passwords
from duka.shops.auth.schemas import LoggedInOut

router = edge.router("/auth", "auth")


@router.post("/register", status_code=201, summary="Sign up", responses=refusals(
    phones.PhoneNotValid, codes.CodeNotValid, passwords.PasswordTooWeak, accounts.AccountExists, actions.SlugTaken,
    TaxIdNotValid, RateLimited,
))  # fmt: skip
async def register(
    visitor: Annotated[Visitor, public()], body: SignUpIn, response: Response
) -> Answer[LoggedInOut]:
    """Make an account with its shop: a branch, its stock locations, a till, roles, groups, tax classes and books, and
    log in. All of it or nothing."""
    inside = await actions.sign_up(visitor, body)
    response.headers["Location"] = "/api/auth/validate"
    return Answer(data=cookies.shown(visitor, inside, response, in_cookie=body.cookie), message="Your shop is ready.")
