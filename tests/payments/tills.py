"""The tests' till: documents that take and give money, without being sales."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from duka.ledger import actions as ledger
from duka.ledger import chart
from duka.ledger.actions import Entry
from duka.payments import actions as payments
from duka.payments.actions import Desk, Money
from duka.platform import events
from duka.platform.ids import new_id
from duka.platform.models import OutboxEvent
from duka.platform.writes import Writes
from duka.shops.registers import actions as registers
from duka.shops.registers.schemas import RegisterIn
from tests.world import Person, Shop

TODAY = date(2026, 11, 21)


@dataclass(frozen=True, slots=True)
class Device:
    """A device's till with its credential."""

    register_id: UUID
    credential: str

    @property
    def records(self) -> dict[str, str]:
        """What it sends along with what has happened already."""
        return {"Authorization": f"Bearer {self.credential}", "Duka-Mode": "record"}


async def a_device(shop: Shop, branch_id: UUID | None = None) -> Device:
    """A device's till in a branch (the first)."""
    async with shop.as_() as ctx:
        wanted = RegisterIn(
            branch_id=branch_id or shop.branch_id, name="Tablet", kind="installation", installation_id=new_id()
        )
        opened = await registers.open_register(ctx, wanted)
    assert opened.credential
    return Device(opened.register.id, opened.credential)


Amounts = Sequence[tuple[str, int]]
"""Methods with amounts in minor units."""


async def take(shop: Shop, session_id: str | None, taken: Amounts, *, back: Amounts = (),
               person: Person | None = None, day: date = TODAY) -> UUID:
    """A document that takes money and gives some back at a till; cash is handed over with 500 too much."""
    document_id = new_id()
    async with shop.as_(person) as ctx:
        writes = Writes(ctx)
        writes.first(OutboxEvent, events.entry(ctx, "test.paid", document_id) | {"id": document_id})
        session = UUID(session_id) if session_id else None
        desk = Desk(shop.branch_id, session, ctx.staff_id, day)
        payments.receive(writes, [_money(*each) for each in taken], desk, source="test", source_id=document_id)
        payments.refund(writes, [_money(*each) for each in back], desk, source="test", source_id=document_id)
        entries = [Entry(chart.TENDER[method], chart.RECEIVABLE, amount) for method, amount in taken]
        entries += [Entry(chart.RECEIVABLE, chart.TENDER[method], amount) for method, amount in back]
        ledger.post(writes, entries, source="test", source_id=document_id, business_date=day)
        assert (await writes.send()).written
    return document_id


def _money(method: str, amount: int) -> Money:
    return Money(new_id(), method, amount, amount + (500 if method == "cash" else 0), f"ref {amount}")
