"""What a document disagrees with: a refusal of what is asked, a matter to settle for what happened already."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal
from uuid import UUID

import orjson
from sqlalchemy import select

from duka.platform import events
from duka.platform.context import Ctx
from duka.platform.errors import DukaError
from duka.platform.ids import new_id
from duka.platform.models import DocumentException

Verdict = Literal["applied", "already-applied", "applied-with-exceptions"]


_WITH_COSTS: Final = ("LINES_LEFT_OUT", "NOTHING_TO_LAND")


class Disputes(list[DukaError]):
    """What a document disagrees with. Asked for, the first one refuses it; recorded, all of them wait to be settled.

    A damaged document is never stored: what makes it so refuses it either way.
    """

    def __init__(self, ctx: Ctx) -> None:
        super().__init__()
        self._recording = ctx.recording

    def add(self, refusal: DukaError) -> None:
        """Refuse, or note that it happened all the same."""
        if refusal.damaged or not self._recording:
            raise refusal
        self.append(refusal)


def note_disputes(
    ctx: Ctx, document: str, document_id: UUID, branch_id: UUID, disputes: Sequence[DukaError],
    recorded_id: UUID | None = None,
) -> list[Mapping[str, Any]]:  # fmt: skip
    """Store what a document disagrees with, in its own transaction; give it as the answer shows it. `recorded_id` tells
    apart the several things that are recorded about one document."""
    named = {} if recorded_id is None else {"recorded_id": str(recorded_id)}
    written: list[Mapping[str, Any]] = []
    for dispute in disputes:
        # Ids and dates as text, as they are stored.
        facts = orjson.loads(orjson.dumps(dispute.details())) | named
        row = DocumentException(
            shop_id=ctx.shop_id, id=new_id(), document=document, document_id=document_id, code=dispute.code,
            facts=facts, branch_id=branch_id, at=ctx.now,
        )  # fmt: skip
        ctx.db.add(row)
        events.emit(ctx, "exception.noted", row.id, {"document": document, "code": dispute.code})
        written.append({"code": row.code, "facts": row.facts})
    return written


async def exceptions_of(ctx: Ctx, document_id: UUID) -> list[dict[str, Any]]:
    """Give what one document disagrees with, as its answer shows it."""
    rows = select(DocumentException).where(DocumentException.document_id == document_id).order_by(DocumentException.id)
    return [{"code": each.code, "details": seen(ctx, each.code, each.facts)} for each in await ctx.db.scalars(rows)]


def seen(ctx: Ctx, code: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Give an exception's facts as the caller may see them: without purchase prices for whom costs are hidden from."""
    if ctx.may("products:cost") or code not in _WITH_COSTS:
        return dict(facts)
    shown = {name: value for name, value in facts.items() if name != "costs"}
    if "lines" in shown:
        shown["lines"] = [{name: each for name, each in line.items() if name != "price"} for line in shown["lines"]]
    return shown


async def heard(ctx: Ctx, document_id: UUID, recorded_id: UUID) -> list[dict[str, Any]]:
    """Give what was noted of one of several things that were recorded about a document: those exceptions whose facts
    name it as `recorded_id`."""
    named = str(recorded_id)
    return [each for each in await exceptions_of(ctx, document_id) if each["details"].get("recorded_id") == named]


def verdict(exceptions: Sequence[Any], *, again: bool) -> Verdict:
    """Say what became of a document, for the header `Duka-Verdict`."""
    if again:
        return "already-applied"
    return "applied-with-exceptions" if exceptions else "applied"
