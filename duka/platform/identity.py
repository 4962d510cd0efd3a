"""What a request says about who it comes from: the token in its header, before the database has been asked.

Three kinds of bearer are told apart by their form: a JWT (a person's session), `duka_live_...` (an API key) and
`duka_reg_...` (a register's credential). The last two name their shop, so that the key's row can be found under
row-level security.
"""

import base64
import hashlib
import hmac
import secrets
import time
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import jwt

from duka.platform.errors import Unauthenticated
from duka.platform.vault import Vault

ACCESS_MINUTES: Final = 15
_AUDIENCE: Final = "duka"
_CACHE_SIZE: Final = 10_000

KeyKind = Literal["live", "reg"]


@dataclass(frozen=True, slots=True)
class SessionBearer:
    """A person's device session, proven by a signed token."""

    account_id: UUID
    session_id: UUID


@dataclass(frozen=True, slots=True)
class KeyBearer:
    """An API key (`live`) or a register's credential (`reg`): the shop it names and the hash to look up."""

    kind: KeyKind
    shop_id: UUID
    key_hash: bytes


Bearer = SessionBearer | KeyBearer


class Signer:
    """Signs and checks access tokens with one pinned algorithm, remembering tokens it has checked.

    `vault` encrypts with the same secret, and reads what was encrypted with `former` ones.
    """

    def __init__(self, secret: str, former: Sequence[str] = ()) -> None:
        self.vault: Final = Vault(secret, former)
        self._key = hmac.new(secret.encode(), b"access-token", hashlib.sha256).digest()
        self._seal_key = hmac.new(secret.encode(), b"seal", hashlib.sha256).digest()
        self._checked: OrderedDict[str, tuple[SessionBearer, float]] = OrderedDict()

    def sign(self, account_id: UUID, session_id: UUID, now: datetime) -> str:
        """Make an access token of 15 minutes that carries account and session, and nothing of roles."""
        claims = {
            "sub": str(account_id), "sid": str(session_id), "aud": _AUDIENCE, "typ": "access",
            "iat": int(now.timestamp()), "exp": int((now + timedelta(minutes=ACCESS_MINUTES)).timestamp()),
        }  # fmt: skip
        return jwt.encode(claims, self._key, algorithm="HS256")

    def seal(self, *words: str) -> bytes:
        """Hash words with the server's secret (32 bytes): what is kept of a code too short to be hashed alone."""
        return hmac.new(self._seal_key, "\x00".join(words).encode(), hashlib.sha256).digest()

    def check(self, token: str) -> SessionBearer:
        """Give the session of a token. Unauthenticated when it is forged, expired or of another kind."""
        known = self._checked.get(token)
        if known is not None and known[1] > time.time():
            return known[0]
        try:
            claims = jwt.decode(
                token, self._key, algorithms=["HS256"], audience=_AUDIENCE, options={"require": ["exp", "sub", "sid"]}
            )
            bearer = SessionBearer(UUID(claims["sub"]), UUID(claims["sid"]))
        except (jwt.InvalidTokenError, ValueError, AttributeError, TypeError):
            raise Unauthenticated from None
        if claims.get("typ") != "access":
            raise Unauthenticated
        self._checked[token] = (bearer, float(claims["exp"]))
        if len(self._checked) > _CACHE_SIZE:
            self._checked.popitem(last=False)
        return bearer

    def good_until(self, token: str) -> float:
        """Give the moment (seconds of the epoch) at which a token expires. Unauthenticated as for `check`."""
        self.check(token)
        return self._checked[token][1]


def make_key(kind: KeyKind, shop_id: UUID) -> tuple[str, bytes]:
    """Make a key for a shop: the text to show once, and the hash to keep."""
    part = base64.b32encode(shop_id.bytes + secrets.token_bytes(24)).decode().rstrip("=").lower()
    text = f"duka_{kind}_{part}"
    text += f"{zlib.crc32(text.encode()):08x}"
    return text, hashlib.sha256(text.encode()).digest()


def read_key(text: str) -> KeyBearer:
    """Read a key's shop and hash; its checksum tells a typing error before the database is asked."""
    try:
        _, kind, part = text.split("_", 2)
        if kind not in ("live", "reg") or f"{zlib.crc32(text[:-8].encode()):08x}" != text[-8:]:
            raise Unauthenticated
        part = part[:-8].upper()
        raw = base64.b32decode(part + "=" * (-len(part) % 8))
        known: KeyKind = "live" if kind == "live" else "reg"
        return KeyBearer(known, UUID(bytes=raw[:16]), hashlib.sha256(text.encode()).digest())
    except ValueError:
        raise Unauthenticated from None


def read_bearer(authorization: str | None, signer: Signer) -> Bearer:
    """Read an `Authorization` header. Unauthenticated when there is none or it is no bearer of ours."""
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > 2000 or not token.isascii():
        raise Unauthenticated
    return read_key(token) if token.startswith("duka_") else signer.check(token)
