"""The refresh token in a browser: a cookie that scripts cannot read and other sites cannot send.

It goes to `/api/auth` only, and counts only in a request with the header `X-Requested-With`, which another site's
page cannot add without being asked first (OWASP Cross-Site Request Forgery Prevention Cheat Sheet).
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from fastapi import Cookie, Depends, Header, Response

from duka.platform.edge import Visitor
from duka.platform.errors import DukaError
from duka.shops.auth.logins import LoggedIn
from duka.shops.auth.schemas import AccountOut, LoggedInOut, PlaceOut, TokensOut
from duka.shops.auth.sessions import Tokens

NAME: Final = "duka_refresh"
_PATH: Final = "/api/auth"


@dataclass(eq=False)
class HeaderRequired(DukaError):
    """A request that counts on a cookie must carry the header `X-Requested-With`."""

    status: ClassVar[int] = 403
    text: ClassVar[str] = "Send the header X-Requested-With with this request."


async def _in_cookie(
    duka_refresh: Annotated[str | None, Cookie(max_length=200)] = None,
    x_requested_with: Annotated[
        str | None, Header(max_length=100, description="Any text; needed with the cookie.")
    ] = None,
) -> str | None:
    if duka_refresh and not x_requested_with:
        raise HeaderRequired
    return duka_refresh


InCookie = Annotated[str | None, Depends(_in_cookie)]
"""The refresh token that the browser sent as a cookie."""


def give(visitor: Visitor, response: Response, tokens: Tokens) -> None:
    """Put the refresh token into the browser's cookie."""
    response.set_cookie(
        NAME, tokens.refresh_token, max_age=int((tokens.expires_at - visitor.now).total_seconds()), path=_PATH,
        secure=_secure(visitor), httponly=True, samesite="strict",
    )  # fmt: skip


def take_back(visitor: Visitor, response: Response) -> None:
    """Let the browser forget the cookie."""
    response.delete_cookie(NAME, path=_PATH, secure=_secure(visitor), httponly=True, samesite="strict")


def shown(visitor: Visitor, inside: LoggedIn, response: Response, *, in_cookie: bool) -> LoggedInOut:
    """Make the answer of a login; the refresh token goes into the cookie or the body."""
    answer = LoggedInOut(
        **TokensOut.model_validate(inside.tokens).model_dump(),
        account=AccountOut.model_validate(inside.account),
        shops=[PlaceOut.model_validate(place) for place in inside.places],
    )
    if in_cookie:
        give(visitor, response, inside.tokens)
        answer.refresh_token = None
    return answer


def _secure(visitor: Visitor) -> bool:
    return visitor.house.settings.public_url.startswith("https:")
