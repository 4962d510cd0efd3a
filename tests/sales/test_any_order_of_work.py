"""Whatever a shop does, in whatever order: after each step the shelf and the sale are as they should be, and in the end
everything that must hold does."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import httpx2
import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.platform.postgres import Urls
from duka.verify import runner
from tests import world
from tests.sales import books_check
from tests.world import Shop, open_a_shop

Json = dict[str, Any]
T = TypeVar("T")
WHY = {"reason": "the customer thought again"}
WAYS = st.sampled_from(["paid", "in part", "on account", "not yet"])
METHODS = st.sampled_from(["cash", "mtn_momo"])
PIECES = st.integers(1, 6)


@dataclass(slots=True)
class Ware:
    """What the shop should know of a ware: pieces on the shelf, and whether it is still sold."""

    product_id: str
    variant_id: UUID
    version: int
    price: int
    on_hand: int
    sold: bool = True


@dataclass(slots=True)
class Sale:
    """What should be known of a sale."""

    id: str
    ware: Ware
    pieces: int
    price: int
    state: str
    paid: int
    version: int
    invoice_id: str | None
    line_id: str
    back: int = 0
    payments: set[str] = field(default_factory=set)

    @property
    def total(self) -> int:
        """What it costs; there is no tax or discount here, so that everybody can work it out."""
        return self.pieces * self.price

    @property
    def owed(self) -> int:
        """What is still to be paid for what was kept."""
        return self.total - self.back * self.price - self.paid


class Work(RuleBasedStateMachine):
    """A shop at work, asked over HTTP, beside a sheet of paper on which somebody keeps count."""

    client: ClassVar[httpx2.AsyncClient]
    house: ClassVar[House]
    auditor: ClassVar[psycopg.Connection[Any]]
    loop: ClassVar[asyncio.AbstractEventLoop]

    wares = Bundle("wares")
    sales = Bundle("sales")

    def __init__(self) -> None:
        super().__init__()
        self.shop: Shop = self.wait(open_a_shop(self.house, payment_policy="on_account"))
        self.buyer = self.ask("POST", "/api/customers", 201, {"name": "Achieng", "credit_limit": 10**9})["id"]
        self.drawer: str | None = None
        self.cash = 0

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Have the app's own loop do something."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def ask(self, method: str, path: str, status: int, body: Json | None = None) -> Json:
        """Ask as the owner; give the data or the refusal."""
        headers = self.shop.owner.headers
        answer = self.wait(self.client.request(method, path, json=body, headers=headers))
        assert answer.status_code == status, f"{method} {path} {body}: {answer.status_code} {answer.text}"
        said: Json = answer.json()
        told: Json = said["data"] if said["success"] else said["error"]
        return told

    @initialize(target=wares)
    def begin(self) -> Ware:
        """Something is there to sell."""
        return self.take_on(500, 5)

    @rule(target=wares, price=st.integers(1, 5000), pieces=st.integers(0, 8))
    def put_on_sale(self, price: int, pieces: int) -> Ware:
        """A new ware, some of it on the shelf."""
        return self.take_on(price, pieces)

    @rule(ware=wares, pieces=PIECES)
    def find(self, ware: Ware, pieces: int) -> None:
        """More of it is on the shelf than was thought."""
        if ware.sold:
            self.put_down(ware, pieces, "found")

    @rule(ware=wares, price=st.integers(1, 5000))
    def price(self, ware: Ware, price: int) -> None:
        """From now on it costs something else."""
        if ware.sold:
            body = {"price": price, "version": ware.version}
            ware.version = self.ask("PUT", f"/api/products/{ware.product_id}", 200, body)["version"]
            ware.price = price

    @rule(ware=wares)
    def take_off(self, ware: Ware) -> None:
        """It is sold no more: deleted, or switched off where it has a history."""
        if ware.sold:
            self.ask("DELETE", f"/api/products/{ware.product_id}", 200)
            ware.sold = False

    @rule(target=sales, ware=wares, pieces=PIECES, way=WAYS, method=METHODS)
    def sell(self, ware: Ware, pieces: int, way: str, method: str) -> Sale | None:
        """Some pieces leave the shop, or are put aside."""
        total = pieces * ware.price
        amount = {"paid": total, "in part": total // 2, "on account": total // 3, "not yet": 0}[way]
        complete = amount == total or way == "on account"
        body: Json = {
            "id": str(new_id()), "lines": [{"variant_id": str(ware.variant_id), "quantity": pieces}],
            "payments": [{"method": method, "amount": amount}] if amount else [], "customer_id": self.buyer,
            "on_account": way == "on account",
        }  # fmt: skip
        if not ware.sold:
            answer = self.wait(self.client.post("/api/sales", json=body, headers=self.shop.owner.headers))
            assert answer.status_code in (400, 404), answer.text
            return None
        if complete and pieces > ware.on_hand:
            assert self.ask("POST", "/api/sales", 400, body)["code"] == "OUT_OF_STOCK"
            return None
        made = self.ask("POST", "/api/sales", 201, body)
        assert (made["total"], made["paid"]) == (total, amount)
        sale = Sale(
            made["id"], ware, pieces, ware.price, "completed" if complete else "incomplete", amount, made["version"],
            made["invoice"]["id"] if complete else None, made["lines"][0]["id"],
        )  # fmt: skip
        if complete:
            ware.on_hand -= pieces
        self.check(sale)
        return sale

    @rule(sale=sales, all_of_it=st.booleans(), method=METHODS)
    def settle(self, sale: Sale | None, all_of_it: bool, method: str) -> None:
        """Money comes toward a sale; the last of it completes one that was put aside."""
        if sale is None:
            return
        path, amount = f"/api/sales/{sale.id}/payments", sale.owed if all_of_it else sale.owed // 2
        body = {"payments": [{"method": method, "amount": amount or 1}]}
        if sale.state in ("cancelled", "reversed"):
            self.ask("POST", path, 409, body)
        elif amount == 0:
            return
        elif sale.state == "incomplete" and amount == sale.owed and sale.pieces > sale.ware.on_hand:
            assert self.ask("POST", path, 400, body)["code"] == "OUT_OF_STOCK"
        else:
            told = self.ask("POST", path, 201, body)
            sale.paid += amount
            if sale.state == "incomplete" and sale.owed == 0:
                sale.state, sale.invoice_id = "completed", told["invoice"]["id"]
                sale.ware.on_hand -= sale.pieces
        self.check(sale)

    @rule(sale=sales, pieces=PIECES)
    def edit(self, sale: Sale | None, pieces: int) -> None:
        """The customer wants more of it, or less, at today's price."""
        if sale is None:
            return
        path = f"/api/sales/{sale.id}"
        lines = [{"variant_id": str(sale.ware.variant_id), "quantity": pieces}]
        body = {"lines": lines, "version": sale.version}
        if sale.state == "incomplete" and sale.ware.sold and pieces * sale.ware.price > sale.paid:
            told = self.ask("PUT", path, 200, body)
            sale.pieces, sale.price, sale.line_id = pieces, sale.ware.price, told["lines"][0]["id"]
        elif sale.state != "incomplete":
            answer = self.wait(self.client.put(path, json=body, headers=self.shop.owner.headers))
            assert answer.status_code in (400, 409), answer.text
        self.check(sale)

    @rule(sale=sales, pieces=PIECES)
    def give_back(self, sale: Sale | None, pieces: int) -> None:
        """The customer brings some of it back."""
        if sale is None or sale.invoice_id is None:
            return
        path = f"/api/invoices/{sale.invoice_id}/credit-notes"
        body = {**WHY, "lines": [{"sale_line_id": sale.line_id, "quantity": pieces, "restock": "stock"}]}
        if sale.state == "completed" and pieces <= sale.pieces - sale.back:
            note = self.ask("POST", path, 201, body)
            assert note["total"] == pieces * sale.price
            sale.back += pieces
            sale.ware.on_hand += pieces
        else:
            answer = self.wait(self.client.post(path, json=body, headers=self.shop.owner.headers))
            assert answer.status_code in (400, 409), answer.text
        self.check(sale, refunded=True)

    @rule(sale=sales)
    def undo(self, sale: Sale | None) -> None:
        """It never came to anything: what was put aside is cancelled, what was sold is reversed."""
        if sale is None:
            return
        aside = sale.state in ("incomplete", "cancelled")
        verb, state = ("cancel", "cancelled") if aside else ("reverse", "reversed")
        told = self.ask("POST", f"/api/sales/{sale.id}/{verb}", 200, WHY)  # a second time it changes nothing
        if sale.state == "completed":
            sale.ware.on_hand += sale.pieces - sale.back
        sale.state = state
        assert told["paid"] == 0
        self.check(sale, refunded=True)

    @rule(amount=st.integers(0, 10_000))
    def open_drawer(self, amount: int) -> None:
        """A turn at the till begins."""
        body = {"register_id": str(self.shop.register_id), "float": amount}
        if self.drawer is not None:
            assert self.ask("POST", "/api/register-sessions", 400, body)["code"] == "REGISTER_SESSION_OPEN"
            return
        self.drawer = self.ask("POST", "/api/register-sessions", 201, body)["id"]
        self.cash = amount

    @rule(miscounted=st.integers(-3, 3))
    def close_drawer(self, miscounted: int) -> None:
        """The turn ends; the server knows what should be there."""
        if self.drawer is None:
            return
        body = {"counted": max(self.cash + miscounted, 0)}
        closed = self.ask("POST", f"/api/register-sessions/{self.drawer}/close", 200, body)
        assert closed["expected"] == self.cash
        self.drawer = None

    def take_on(self, price: int, pieces: int) -> Ware:
        """Make a product with some pieces of it."""
        made = self.ask("POST", "/api/products", 201, {"name": f"ware {new_id()}", "price": price, "cost": 300})
        ware = Ware(made["id"], UUID(made["variants"][0]["id"]), made["version"], price, 0)
        if pieces:
            self.put_down(ware, pieces, "opening")
        return ware

    def put_down(self, ware: Ware, pieces: int, reason: str) -> None:
        """Put pieces on the shelf."""
        body = {"quantity": pieces, "reason": reason}
        self.ask("POST", f"/api/products/{ware.product_id}/adjust", 201, body)
        ware.on_hand += pieces

    def check(self, sale: Sale, *, refunded: bool = False) -> None:
        """Compare a sale and the shelf with the paper, and count the cash that came or went."""
        told = self.ask("GET", f"/api/sales/{sale.id}", 200)
        sale.version = told["version"]
        if refunded:
            sale.paid = told["paid"]
        assert (told["state"], told["total"], told["paid"]) == (sale.state, sale.total, sale.paid)
        assert told["owed"] == (sale.owed if sale.state == "completed" else 0)
        assert sale.owed >= 0 or sale.state == "reversed"
        fresh = [each for each in told["payments"] if each["id"] not in sale.payments]
        sale.payments |= {each["id"] for each in fresh}
        signed = [each["amount"] if each["direction"] == "in" else -each["amount"] for each in fresh
                  if each["method"] == "cash"]
        if self.drawer is not None:
            self.cash += sum(signed)
        assert self.wait(books_check.in_stock(self.shop, sale.ware.variant_id)) == sale.ware.on_hand * 1000

    def teardown(self) -> None:
        """Everything that must hold of a shop's data holds."""
        self.wait(books_check.agree(self.shop))
        tallies = runner.verify_shop(self.auditor, self.shop.shop_id, self.house.signer)
        world.opened.remove(self.shop)
        broken = runner.breaches_of(tallies)
        assert not broken, "\n".join(f"{each.invariant}: {dict(each.facts)}" for each in broken)


@pytest.fixture
def at_work(client: httpx2.AsyncClient, house: House, urls: Urls) -> Callable[[int, int], Coroutine[Any, Any, None]]:
    """Let shops work: so many of them, so many steps each at most."""

    async def run(shops: int, steps: int) -> None:
        Work.client, Work.house, Work.loop = client, house, asyncio.get_running_loop()
        chosen = settings(
            max_examples=shops, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck),
            print_blob=True,
        )  # fmt: skip
        with runner.connect(urls.app, prepare_after=0) as auditor:
            Work.auditor = auditor
            await asyncio.to_thread(run_state_machine_as_test, Work, settings=chosen)

    return run


@pytest.mark.parametrize(("shops", "steps"), [
    pytest.param(8, 25), pytest.param(100, 50, marks=pytest.mark.slow),
    pytest.param(4_000, 50, marks=pytest.mark.release),
])  # fmt: skip
@pytest.mark.slow
async def test_any_order_of_work_leaves_the_shop_as_it_should_be(
    at_work: Callable[[int, int], Coroutine[Any, Any, None]], shops: int, steps: int
) -> None:
    await at_work(shops, steps)
