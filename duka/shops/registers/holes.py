"""Declared holes: numbers of a closed series that will never arrive, said openly and signed by the server.

Whoever checks the numbers later can tell a hole that was declared when a till was lost from one that somebody made.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from duka.platform.identity import Signer
from duka.platform.wire import utc_text

Hole = Mapping[str, Any]


def declare(
    signer: Signer, series_id: UUID, complete_to: int, highest_seen: int, reason: str, at: datetime, by: UUID | None
) -> dict[str, Any] | None:
    """Say that the awaited numbers of a series, `complete_to` + 1 to `highest_seen`, will not come; None if none is
    awaited.

    Documents between the two that did arrive keep their place; a hole only excuses the numbers that are missing.
    """
    if complete_to >= highest_seen:
        return None
    hole = {
        "from": complete_to + 1, "to": highest_seen, "reason": reason, "at": utc_text(at), "by": str(by) if by else "",
    }  # fmt: skip
    return {**hole, "signature": _signature(signer, series_id, hole)}


def holds(signer: Signer, series_id: UUID, hole: Hole) -> bool:
    """Say whether a declared hole is the server's own, word for word."""
    try:
        signature = _signature(signer, series_id, hole)
    except KeyError:
        return False
    return hmac.compare_digest(signature, str(hole.get("signature")))


def covers(hole: Hole | None, counter: int) -> bool:
    """Say whether a number is one that the hole excuses."""
    return hole is not None and int(hole["from"]) <= counter <= int(hole["to"])


def _signature(signer: Signer, series_id: UUID, hole: Hole) -> str:
    words = [str(hole[name]) for name in ("from", "to", "reason", "at", "by")]
    return signer.seal("declared hole", str(series_id), *words).hex()
