"""What the application encrypts itself: short secrets of people, which a copy of the database alone tells nobody.

A text is locked with AES-256-GCM (NIST SP 800-38D) under a key drawn from the installation's secret by HKDF (RFC 5869).
What it is about (shop, row, field) is authenticated with it, so that it cannot be moved to another row. The bytes name
their key: after the secret was replaced (`DUKA_FORMER_SECRETS` holds the old one) they are read with the old key, and
locked with the new one whenever they are written again.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORM: Final = b"\x01"
_KEY_ID_BYTES: Final = 8
_NONCE_BYTES: Final = 12
_BEGINS: Final = len(_FORM) + _KEY_ID_BYTES


class Unreadable(Exception):
    """The bytes were locked with a secret that is gone, or they are not what was locked for this row."""


@dataclass(frozen=True, slots=True)
class _Key:
    id: bytes
    cipher: AESGCM


class Vault:
    """Locks and unlocks with the keys of this installation. The first secret is today's, the others are read only."""

    def __init__(self, secret: str, former: Sequence[str] = ()) -> None:
        self._today = _key(secret)
        self._keys = {key.id: key for key in (self._today, *map(_key, former))}

    def lock(self, text: str, *about: str) -> bytes:
        """Encrypt a text that belongs to `about`: form (1 byte), key (8), nonce (12), text and tag (16 more)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        locked = self._today.cipher.encrypt(nonce, text.encode(), _bound(about))
        return _FORM + self._today.id + nonce + locked

    def unlock(self, locked: bytes, *about: str) -> str:
        """Give the text that was locked for `about`. Unreadable."""
        key = self._keys.get(locked[len(_FORM) : _BEGINS])
        if key is None or not locked.startswith(_FORM):
            raise Unreadable
        nonce, rest = locked[_BEGINS : _BEGINS + _NONCE_BYTES], locked[_BEGINS + _NONCE_BYTES :]
        try:
            return key.cipher.decrypt(nonce, rest, _bound(about)).decode()
        except (InvalidTag, ValueError):
            raise Unreadable from None


def _key(secret: str) -> _Key:
    drawn = HKDF(SHA256(), length=32, salt=None, info=b"duka vault 1").derive(secret.encode())
    return _Key(hashlib.sha256(b"duka vault key id" + drawn).digest()[:_KEY_ID_BYTES], AESGCM(drawn))


def _bound(about: Sequence[str]) -> bytes:
    return "\x00".join(about).encode()
