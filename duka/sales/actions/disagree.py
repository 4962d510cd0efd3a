"""What a recorded document disagrees with becomes an exception to settle: it stands, and a person looks at it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from duka.platform import events
from duka.platform.context import Ctx
from duka.platform.errors import DukaError
from duka.platform.ids import new_id
from duka.sales.models import DocumentException


def note_disputes(
    ctx: Ctx, document: str, document_id: UUID, branch_id: UUID, disputes: Sequence[DukaError]
) -> list[Mapping[str, Any]]:
    """Store what a document disagrees with, in its own transaction; give it as the answer shows it."""
    noted: list[Mapping[str, Any]] = []
    for dispute in disputes:
        facts = orjson.loads(orjson.dumps(dispute.details()))  # ids and dates as text, as they are stored
        row = DocumentException(
            shop_id=ctx.shop_id, id=new_id(), document=document, document_id=document_id, code=dispute.code,
            facts=facts, branch_id=branch_id, at=ctx.now,
        )  # fmt: skip
        ctx.db.add(row)
        events.emit(ctx, "exception.noted", row.id, {"document": document, "code": dispute.code})
        noted.append({"code": row.code, "facts": row.facts})
    return noted
