"""What can go wrong, said as classes named for what happened.

An expected refusal is raised as a `DukaError` subclass carrying its facts as fields; the edge turns it into
the failure envelope. The `code` on the wire is the class name in capitals (`OutOfStock` -> `OUT_OF_STOCK`), so
renaming a class changes the public contract.
"""

import dataclasses
import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

from duka.platform.i18n import gettext
from duka.platform.money import Amount

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(eq=False)
class DukaError(Exception):
    """A refusal a user can act on. Subclass it as a dataclass whose fields are the facts.

    `status` is the HTTP status, `text` the English words with `{field}` places (translated when answered). An amount
    that the words tell is an `Amount`, so that it stands there as people write it.
    `keeps` says that what the request wrote so far must be committed before the refusal is answered, as a
    counted wrong password must be. `damaged` says that the document itself is broken or forged: one that happened
    already (`Duka-Mode: record`) is then set aside with its bytes instead of being refused.
    """

    status: ClassVar[int] = 400
    text: ClassVar[str] = "The request was refused."
    keeps: ClassVar[bool] = False
    damaged: ClassVar[bool] = False
    retry_after_seconds: ClassVar[int | None] = None
    code: ClassVar[str] = "DUKA_ERROR"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" not in cls.__dict__:
            cls.code = _WORD.sub("_", cls.__name__).upper()

    def details(self) -> dict[str, Any]:
        """Give the facts as the `details` object of the failure envelope, amounts in minor units."""
        facts = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.metadata.get("wire", True)}
        return {name: fact.minor if isinstance(fact, Amount) else fact for name, fact in facts.items()}

    def headers(self) -> dict[str, str]:
        """Give the answer's extra headers: `Retry-After` where waiting helps."""
        wait = self.retry_after_seconds
        return {} if wait is None else {"Retry-After": str(wait)}

    def message(self, language: str = "en") -> str:
        """Say what happened and what to do, in the reader's language."""
        facts = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return gettext(self.text, language).format_map(facts)

    def __str__(self) -> str:
        return f"{self.code}: {self.message()}"


@dataclass(eq=False)
class ValidationError(DukaError):
    """The body, query or path does not have the documented shape. Fields by dotted path, each with messages."""

    text: ClassVar[str] = "Some of what was sent is not right; see the details."
    damaged: ClassVar[bool] = True
    fields: dict[str, list[str]] = field(default_factory=dict)

    def details(self) -> dict[str, Any]:
        return dict(self.fields)


@dataclass(eq=False)
class Unauthenticated(DukaError):
    """Nobody is logged in, or the token is not valid."""

    status: ClassVar[int] = 401
    text: ClassVar[str] = "Please log in."

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"}


@dataclass(eq=False)
class Forbidden(DukaError):
    """The person's role has no such permission at all, whatever the row."""

    status: ClassVar[int] = 403
    text: ClassVar[str] = "Your role does not allow this ({permission}). Ask the shop's owner."
    permission: str = ""


@dataclass(eq=False)
class CredentialRequired(DukaError):
    """Only a register, with its own credential, may say that something happened already (`Duka-Mode: record`)."""

    status: ClassVar[int] = 403
    text: ClassVar[str] = "Only a register's credential can record what has happened already."


@dataclass(eq=False)
class NotFound(DukaError):
    """It does not exist, or it is another shop's, or out of the person's scope: never told apart."""

    status: ClassVar[int] = 404
    text: ClassVar[str] = "There is no such {what}."
    what: str = "page"


@dataclass(eq=False)
class MethodNotAllowed(DukaError):
    """The address exists but not with this method; `allow` names those it takes."""

    status: ClassVar[int] = 405
    text: ClassVar[str] = "This address does not take that method."
    allow: str = ""

    def headers(self) -> dict[str, str]:
        return {"Allow": self.allow} if self.allow else {}


@dataclass(eq=False)
class VersionRequired(DukaError):
    """A change must say which version it was made from."""

    text: ClassVar[str] = "Send the version you changed, as If-Match or as the field version."


@dataclass(eq=False)
class StaleVersion(DukaError):
    """Somebody changed it meanwhile; `current_version` is the newer one."""

    status: ClassVar[int] = 409
    text: ClassVar[str] = "Somebody changed this meanwhile. Load it again and repeat your change."
    current_version: int = 0


@dataclass(eq=False)
class IdempotencyConflict(DukaError):
    """The same id or key came before with another body, or the key from somebody else; what stands is unchanged."""

    status: ClassVar[int] = 409
    text: ClassVar[str] = "This id or key was used before, with other content. Nothing was changed."


@dataclass(eq=False)
class IdTaken(DukaError):
    """An id or code in the body is already another thing's."""

    status: ClassVar[int] = 409
    text: ClassVar[str] = "An id or code that was sent is already in use. Nothing was stored."


@dataclass(eq=False)
class ReferenceUnknown(DukaError):
    """The body names something that the shop does not have, or that others still need."""

    text: ClassVar[str] = "Something that was named does not exist here, or is still in use. Nothing was stored."


@dataclass(eq=False)
class BodyTooLarge(DukaError):
    """The body is larger than this address takes."""

    status: ClassVar[int] = 413
    text: ClassVar[str] = "This is too large: at most {limit_bytes} bytes are taken here."
    limit_bytes: int = 0


@dataclass(eq=False)
class UnsupportedMediaType(DukaError):
    """The body is of a kind that this address does not take."""

    status: ClassVar[int] = 415
    text: ClassVar[str] = "Send the body as {expected}."
    expected: str = "application/json"


@dataclass(eq=False)
class RateLimited(DukaError):
    """Too many requests; `wait_seconds` says when to come back."""

    status: ClassVar[int] = 429
    text: ClassVar[str] = "Too many requests. Try again in {wait_seconds} seconds."
    wait_seconds: int = 60
    limit: int = 100

    def headers(self) -> dict[str, str]:
        wait = str(self.wait_seconds)
        return {"Retry-After": wait, "RateLimit-Limit": str(self.limit), "RateLimit-Remaining": "0",
                "RateLimit-Reset": wait}


@dataclass(eq=False)
class Busy(DukaError):
    """Two changes met, or the database did not answer in time. Nothing was stored; repeating is safe."""

    status: ClassVar[int] = 503
    text: ClassVar[str] = "Duka is busy. Nothing was stored; please repeat."
    retry_after_seconds: ClassVar[int | None] = 1


@dataclass(eq=False)
class Unavailable(DukaError):
    """Something Duka depends on is down or full. Nothing was stored; repeating later is safe."""

    status: ClassVar[int] = 503
    text: ClassVar[str] = "Duka cannot store anything right now: {reason}. Nothing was stored; try again later."
    retry_after_seconds: ClassVar[int | None] = 5
    reason: str = "the database does not answer"


@dataclass(eq=False)
class ServerError(DukaError):
    """A fault of ours. The request id finds it in the logs; nothing about the inside is told."""

    status: ClassVar[int] = 500
    text: ClassVar[str] = "Something went wrong on our side. Nothing was stored. Please tell us the request id."
