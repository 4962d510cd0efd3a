"""A shop that has at least one of everything, made the way its people make it, and what each thing is called by."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import delete, select, update

from duka.notifications import actions as notifications
from duka.platform import exports
from duka.platform.edge import House
from duka.platform.ids import new_id
from duka.platform.models import Export, ExportPart, OutboxEvent
from duka.shops.auth import passwords
from duka.shops.models import Account, OneTimeCode, Role
from tests.sales import papers
from tests.sales.device import Device, Item, a_device
from tests.shops.visitors import PASSWORD, Visitor
from tests.world import Person, Shop, fresh_phone, hire, open_a_shop

Json = dict[str, Any]
PRESETS = ("supervisor", "staff", "sales_executive", "inventory_manager", "technician", "accountant")
PRICE = 1000
ADJUSTMENTS_WAIT_ABOVE = 50_000

_words = itertools.count(1)


@dataclass(slots=True)
class Furnished:
    """A shop with one of everything. `ids` says by the name of a path or body field which thing of the shop it is;
    a name that means different things at different addresses has the address's beginning before it."""

    client: httpx2.AsyncClient
    shop: Shop
    mark: str
    device: Device
    ids: dict[str, str] = field(default_factory=dict)

    def word(self) -> str:
        """A word that nothing in any shop is called by, with this shop's mark in it."""
        return f"{self.mark} {next(_words):06d}"

    def code(self) -> str:
        """The same as `word`, where no space may stand."""
        return self.word().replace(" ", "-")

    def named(self, path: str, name: str) -> str | None:
        """Give the shop's own thing that a field of an address means; None when it names no thing of a shop."""
        subject = path.split("/")[2]
        return self.ids.get(f"{subject}.{name}", self.ids.get(name))

    async def ask(self, method: str, path: str, body: Any = None, *, by: Mapping[str, str] | None = None,
                  **rest: Any) -> httpx2.Response:
        """Ask anything, as the owner unless said otherwise."""
        headers = {**(by or self.shop.owner.headers), **rest.pop("headers", {})}
        return await self.client.request(method, path, json=body, headers=headers, **rest)

    async def get(self, path: str) -> Any:
        """Read something."""
        return _data(await self.ask("GET", path))

    async def post(self, path: str, body: Any = None, *, by: Mapping[str, str] | None = None, **rest: Any) -> Json:
        """Make something or take a step."""
        data: Json = _data(await self.ask("POST", path, body, by=by, **rest))
        return data

    # What can be used up is made anew for each who needs it.

    def lines(self, quantity: float = 1) -> list[Json]:
        """One line of the catalogue and one open item, together 2,000 for each piece."""
        item = {"name": self.word(), "tax_class_id": self.ids["tax_class_id"]}
        return [
            {"id": str(new_id()), "variant_id": self.ids["variant_id"], "quantity": quantity},
            {"id": str(new_id()), "item": item, "price": PRICE, "quantity": quantity, "tax_included": True},
        ]  # fmt: skip

    def sale_body(self, paid: int = 2 * PRICE, **more: Any) -> Json:
        """A sale of two things, paid in cash."""
        payments = [{"id": str(new_id()), "method": "cash", "amount": paid}] if paid else []
        return {"id": str(new_id()), "lines": self.lines(), "payments": payments, **more}

    async def sale(self, paid: int = 2 * PRICE, **more: Any) -> Json:
        """A sale; complete when it is paid."""
        return await self.post("/api/sales", self.sale_body(paid, **more))

    async def product(self) -> Json:
        """A product of one variant that nobody sold yet."""
        return await self.post("/api/products", self.product_body())

    def product_body(self) -> Json:
        """A product of one variant."""
        return {
            "id": str(new_id()), "name": self.word(), "sku": self.code(), "price": PRICE, "tax_included": True,
            "cost": 10, "tax_class_id": self.ids["tax_class_id"], "group_id": self.ids["group_id"],
        }  # fmt: skip

    async def price_change(self) -> Json:
        """A change of prices that waits to be applied."""
        return await self.post("/api/price-changes", self.price_change_body())

    def price_change_body(self) -> Json:
        """A change of prices to work out, for things that nobody sells at their price."""
        chosen = {"group_id": self.ids["group_id"], "variant_ids": [self.ids["variant_id"]], "q": "nothing"}
        return {"id": str(new_id()), "note": self.word(), "amount": 1, **chosen}

    async def customer(self) -> Json:
        """A customer without any sale."""
        return await self.post("/api/customers", self.customer_body())

    def customer_body(self) -> Json:
        """A customer to register."""
        return {"id": str(new_id()), "name": self.word(), "phone": fresh_phone(), "external_ref": self.code()}

    async def adjustment(self) -> Json:
        """A correction of stock that waits for approval."""
        body = {"id": str(new_id()), "quantity": 10_000, "reason": "found", "note": self.word(),
                "location_id": self.ids["location_id"]}
        made = await self.post(f"/api/products/{self.ids['product_id']}/adjust", body)
        assert made["state"] == "requested"
        return made

    async def made_of(self) -> Json:
        """A product that one of the shop's things is in."""
        product = await self.product()
        variant = product["variants"][0]
        path = f"/api/products/{product['id']}/variants/{variant['id']}/components"
        body = {"version": variant["version"], "components": [{"variant_id": self.ids["variant_id"], "quantity": 1}]}
        made: Json = _data(await self.ask("PUT", path, body))
        return made

    async def assembly_body(self) -> Json:
        """A set to build."""
        variant = (await self.made_of())["variants"][0]
        return {
            "id": str(new_id()), "variant_id": variant["id"], "location_id": self.ids["location_id"], "quantity": 1,
            "note": self.word(),
        }  # fmt: skip

    async def transfer(self) -> Json:
        """Goods asked for, not approved yet."""
        return await self.post("/api/transfers", self.transfer_body())

    def transfer_body(self) -> Json:
        """Goods to ask for."""
        return {
            "id": str(new_id()), "from_location_id": self.ids["from_location_id"],
            "to_location_id": self.ids["to_location_id"], "note": self.word(),
            "lines": [{"variant_id": self.ids["variant_id"], "quantity": 1}],
        }  # fmt: skip

    async def reservation(self) -> Json:
        """Goods that are put aside."""
        return await self.post("/api/stock/reservations", self.reservation_body())

    def reservation_body(self) -> Json:
        """Goods to put aside."""
        return {
            "id": str(new_id()), "variant_id": self.ids["variant_id"], "location_id": self.ids["location_id"],
            "quantity": 0.5, "note": self.word(),
        }  # fmt: skip

    async def place(self) -> Json:
        """A location where nothing stands."""
        body = {"id": str(new_id()), "branch_id": self.ids["branch_id"], "name": self.word(), "kind": "warehouse"}
        return await self.post("/api/locations", body)

    async def count(self) -> Json:
        """A count of a place of its own, with something counted."""
        body = {"id": str(new_id()), "location_id": (await self.place())["id"], "note": self.word()}
        count = await self.post("/api/stock-counts", body)
        await self.post(f"/api/stock-counts/{count['id']}/entries", self.entries())
        return count

    def entries(self) -> Json:
        """Something that was counted."""
        entry = {"id": str(new_id()), "variant_id": self.ids["variant_id"], "quantity": 1, "shelf": self.word()}
        return {"entries": [entry]}

    async def supplier(self) -> Json:
        """A supplier of whom nothing was bought yet."""
        body = {"name": self.word(), "phone": fresh_phone(), "external_ref": self.code()}
        return await self.post("/api/suppliers", {"id": str(new_id()), **body})

    def order_body(self) -> Json:
        """Goods to order."""
        line = {"id": str(new_id()), "variant_id": self.ids["variant_id"], "quantity": 3, "price": 10}
        return {
            "id": str(new_id()), "supplier_id": self.ids["supplier_id"], "location_id": self.ids["location_id"],
            "note": self.word(), "lines": [line],
        }  # fmt: skip

    async def order(self, *steps: str) -> Json:
        """A purchase order that took some steps."""
        made = await self.post("/api/purchase-orders", self.order_body())
        for step in steps:
            made = await self.post(f"/api/purchase-orders/{made['id']}/{step}")
        return made

    async def order_link(self, order: Json) -> str:
        """The secret of a link by which a supplier confirms an order."""
        sent = await self.post(f"/api/purchase-orders/{order['id']}/send", {"by": "whatsapp"})
        return str(sent["link"]).partition("#")[2]

    def receipt_body(self) -> Json:
        """Goods that came without an order."""
        line = {"id": str(new_id()), "variant_id": self.ids["variant_id"], "accepted": 3, "price": 10}
        return {
            "id": str(new_id()), "supplier_id": self.ids["supplier_id"], "location_id": self.ids["location_id"],
            "delivery_note": self.code(), "lines": [line],
        }  # fmt: skip

    async def receipt(self) -> Json:
        """Goods that came, unbilled."""
        return await self.post("/api/goods-receipts", self.receipt_body())

    async def nameless(self, tracking: str) -> str:
        """Goods told apart by serial number or batch, three in stock without one; their variant."""
        product = await self.post("/api/products", self.product_body() | {"tracking": tracking})
        body = {"id": str(new_id()), "quantity": 3, "reason": "opening", "location_id": self.ids["location_id"]}
        await self.post(f"/api/products/{product['id']}/adjust", body)
        return str(product["variants"][0]["id"])

    async def register(self, **more: Any) -> Json:
        """A device's till."""
        body = {"branch_id": self.ids["branch_id"], "name": self.word(), "kind": "installation",
                "installation_id": str(new_id()), **more}
        return await self.post("/api/registers", {"id": str(new_id()), **body})

    async def drawer(self) -> Json:
        """An open drawer at a till of its own."""
        till = await self.post("/api/registers", {
            "id": str(new_id()), "branch_id": self.ids["branch_id"], "name": self.word(), "kind": "server",
        })  # fmt: skip
        return await self.post("/api/register-sessions", {
            "id": str(new_id()), "register_id": till["id"], "float": 5000,
        })  # fmt: skip

    async def exception(self) -> str:
        """Something that a device's document disagrees with, unsettled."""
        item = Item(UUID(self.ids["variant_id"]), "thing", 7)
        delivered = (await self.device.deliver(self.device.ring((item, 1)))).json()["data"]
        listed = await self.get("/api/exceptions?settled=false&limit=200")
        return next(str(row["id"]) for row in listed if row["document_id"] == delivered["id"])

    async def set_aside(self) -> str:
        """A damaged document of a device."""
        item = Item(UUID(self.ids["variant_id"]), "thing", PRICE)
        answer = await self.device.deliver(self.device.ring((item, 1)) | {"total": 1})
        assert answer.status_code == 202, answer.text
        return str((await self.get("/api/quarantine"))[0]["id"])

    async def invited(self) -> Json:
        """Somebody invited to the shop."""
        return await self.post("/api/staff", self.invitation())

    def invitation(self) -> Json:
        """Somebody to invite."""
        return {"id": str(new_id()), "name": self.word(), "phone": fresh_phone(), "role_id": self.ids["role_id"]}

    async def role(self) -> Json:
        """A role that nobody has."""
        return await self.post("/api/roles", {"id": str(new_id()), "name": self.word(), "preset_of": "staff"})

    async def branch(self) -> Json:
        """A branch where nothing happened yet."""
        return await self.post("/api/branches", {"id": str(new_id()), "name": self.word()})

    async def cart(self) -> Json:
        """A cart that is still filled."""
        return await self.post("/api/carts", self.cart_body())

    def cart_body(self) -> Json:
        """A cart with one line."""
        content = {"lines": self.lines(), "customer_id": self.ids["customer_id"]}
        body = {"name": self.word(), "branch_id": self.ids["branch_id"], "content": content}
        return {"id": str(new_id()), **body}

    async def key(self) -> Json:
        """An API key."""
        return await self.post("/api/api-keys", {
            "id": str(new_id()), "name": self.word(), "permissions": {"products:read": "shop"},
        })  # fmt: skip

    async def sheet(self, path: str, text: str) -> Json:
        """Take in a sheet."""
        return await self.post(path, files={"file": ("things.csv", text.encode())})

    def picture(self) -> bytes:
        """A picture with this shop's mark in it."""
        return papers.png() + self.word().encode()

    async def visitor(self) -> Visitor:
        """Somebody with a login and a shop of their own."""
        visitor = Visitor(self.client)
        answer = await visitor.register()
        assert answer.status_code == 201, answer.text
        visitor.data = answer.json()["data"]
        return visitor

    async def forget_codes(self, phone: str) -> None:
        """Let the half minute pass in which a phone gets no second code."""
        async with self.shop.house.database.session("platform") as db:
            await db.execute(delete(OneTimeCode).where(OneTimeCode.recipient == phone))
            await db.commit()

    async def people(self) -> dict[str, Person]:
        """The owner and a colleague of each preset role."""
        for preset in PRESETS:
            if preset not in self.shop.people:
                await hire(self.shop, preset, name=self.word())
        return {"owner": self.shop.owner, **{preset: self.shop.people[preset] for preset in PRESETS}}


def _data(answer: httpx2.Response) -> Any:
    assert answer.status_code < 300, f"{answer.request.method} {answer.request.url}: {answer.text}"
    return answer.json()["data"]


async def furnish(house: House, client: httpx2.AsyncClient, mark: str) -> Furnished:
    """Open a shop and put one of everything into it; `mark` stands in every name."""
    shop = await open_a_shop(
        house, review_sales=True, payment_policy="on_account", adjustment_approval_minor=ADJUSTMENTS_WAIT_ABOVE,
        devices_per_account=20,
    )  # fmt: skip
    has = Furnished(client, shop, mark, await a_device(shop, client))
    has.ids |= {
        "branch_id": str(shop.branch_id), "register_id": str(shop.register_id), "location_id": str(shop.showroom_id),
        "staff_id": str(shop.owner.staff_id), "approved_by": str(shop.owner.staff_id),
        "manager_id": str(shop.owner.staff_id),
        "auth.session_id": str(shop.owner.session_id),
    }  # fmt: skip
    async with shop.as_() as ctx:
        sealed = await passwords.make_hash(PASSWORD)
        await ctx.db.execute(update(Account).where(Account.id == shop.owner.account_id).values(password_hash=sealed))
        role = await ctx.db.scalar(select(Role.id).where(Role.preset == "staff"))
    has.ids["role_id"] = str(role)
    await _goods(has)
    await _documents(has)
    await _bought(has)
    await _people(has)
    has.ids["export"] = await _saved(has)
    _data(await has.ask("PUT", "/api/settings/logo", files={"file": ("logo.png", has.picture())}))
    return has


async def _goods(has: Furnished) -> None:
    group = await has.post("/api/groups", {"id": str(new_id()), "name": has.word()})
    has.ids |= {"group_id": group["id"], "parent_id": group["id"], "move_to": group["id"]}
    tax = await has.post("/api/tax-classes", {"id": str(new_id()), "name": has.word(), "treatment": "exempt"})
    has.ids["tax_class_id"] = tax["id"]
    barcode = has.code()
    product = await has.post("/api/products", has.product_body() | {"barcode": barcode})
    variant = product["variants"][0]["id"]
    has.ids |= {"product_id": product["id"], "variant_id": variant, "products.code": barcode}
    stocked = {"id": str(new_id()), "quantity": 4000, "reason": "opening", "note": has.word()}
    await has.post(f"/api/products/{product['id']}/adjust", stocked)
    has.ids["adjustment_id"] = (await has.adjustment())["id"]
    has.ids["assembly_id"] = (await has.post("/api/assemblies", await has.assembly_body()))["id"]
    has.ids |= {"from_location_id": has.ids["location_id"], "to_location_id": (await has.place())["id"]}
    transfer, count = await has.transfer(), await has.count()
    has.ids |= {
        "transfer_id": transfer["id"], "line_id": transfer["lines"][0]["id"], "count_id": count["id"],
        "closing_id": (await has.post("/api/stock/cost-closings", {}))["id"],
        "reservation_id": (await has.reservation())["id"], "reserved_for": (await has.reservation())["id"],
    }  # fmt: skip
    sheet = f"Name,SKU,Price\n{has.word()},{has.code()},5\n"
    has.ids |= {"variant_ids": variant, "change_id": (await has.price_change())["id"],
                "catalogue.kind": "furniture"}  # fmt: skip
    await has.post(f"/api/price-changes/{has.ids['change_id']}/apply")
    has.ids["run_id"] = (await has.sheet("/api/products/import", sheet))["id"]


async def _documents(has: Furnished) -> None:
    customer = await has.customer()
    has.ids |= {"customer_id": customer["id"], "customers.phone": customer["phone"]}
    drawer = await has.drawer()
    has.ids |= {"session_id": drawer["id"], "register_session_id": drawer["id"]}
    move = {"id": str(new_id()), "direction": "in", "amount": 700, "reason": has.word()}
    await has.post(f"/api/register-sessions/{drawer['id']}/cash-moves", move)
    sale = await has.sale(customer_id=customer["id"], note=has.word())
    has.ids |= {
        "sale_id": sale["id"], "source_id": sale["id"], "invoice_id": sale["invoice"]["id"],
        "sale_line_id": sale["lines"][0]["id"],
    }  # fmt: skip
    has.ids["cart_id"] = (await has.cart())["id"]
    has.ids["exception_id"] = await has.exception()
    has.ids["document_id"] = await has.set_aside()
    has.ids["notification_id"] = await _told(has)
    has.ids["exceptions.document_id"] = (await has.get("/api/exceptions"))[0]["document_id"]


async def _bought(has: Furnished) -> None:
    supplier = await has.supplier()
    has.ids["supplier_id"] = supplier["id"]
    await has.ask("PUT", f"/api/suppliers/{supplier['id']}/items/{has.ids['variant_id']}", {
        "version": 1, "supplier_code": has.code(), "price": 10, "preferred": True,
    })  # fmt: skip
    await _told_apart(has)
    order = await has.order()
    has.ids |= {"order_id": order["id"], "order_line_id": order["lines"][0]["id"]}
    receipt = await has.receipt()
    line = receipt["lines"][0]["id"]
    has.ids |= {"receipt_id": receipt["id"], "receipt_line_id": line}
    billed = {"id": str(new_id()), "receipt_line_id": line, "quantity": 2, "price": 10}
    bill = await has.post("/api/supplier-bills", {
        "id": str(new_id()), "supplier_id": supplier["id"], "supplier_number": has.code(), "lines": [billed],
    })  # fmt: skip
    has.ids["bill_id"] = bill["id"]
    paid = {"id": str(new_id()), "supplier_id": supplier["id"], "amount": 5, "method": "cash", "reference": has.code()}
    has.ids["payment_id"] = (await has.post("/api/supplier-payments", paid))["id"]
    back = {"id": str(new_id()), "receipt_line_id": line, "quantity": 1}
    gone = await has.post("/api/supplier-returns", {
        "id": str(new_id()), "supplier_id": supplier["id"], "reason": has.word(), "lines": [back],
    })  # fmt: skip
    has.ids["return_id"] = gone["id"]


async def _told_apart(has: Furnished) -> None:
    """A piece with a serial number, and a batch of which somebody took some."""
    phone, syrup = await has.nameless("serial"), await has.nameless("batch")
    at = {"location_id": has.ids["location_id"]}
    await has.post("/api/stock-units", {"variant_id": phone, **at, "serials": [has.code()]})
    batch = {"number": has.code(), "expires_on": "2099-12-31"}
    await has.post("/api/stock-batches", {"variant_id": syrup, **at, "batch": batch, "quantity": 2})
    line = {"id": str(new_id()), "variant_id": syrup, "quantity": 1}
    payment = {"id": str(new_id()), "method": "cash", "amount": PRICE}
    await has.post("/api/sales", {"id": str(new_id()), "lines": [line], "payments": [payment]})
    has.ids["unit_id"] = (await has.get(f"/api/stock-units?variant_id={phone}"))[0]["id"]
    has.ids["batch_id"] = (await has.get(f"/api/stock-batches?variant_id={syrup}"))[0]["id"]


async def _told(has: Furnished) -> str:
    """Tell the shop's people something, as the reader of its event would."""
    async with has.shop.as_() as ctx:
        told = OutboxEvent(id=new_id(), event="stock.low", entity_id=UUID(has.ids["variant_id"]), at=ctx.now, facts={
            "variant_id": has.ids["variant_id"], "location_id": has.ids["location_id"],
            "branch_id": has.ids["branch_id"], "quantity_milli": 1000, "min_stock_milli": 2000,
        })  # fmt: skip
        await notifications.tell(ctx, [told])
    return str((await has.get("/api/notifications?kind=low_stock"))[0]["id"])


async def _saved(has: Furnished) -> str:
    """Have the file of a long list kept, as if it had been written."""
    async with has.shop.as_() as ctx:
        export = Export(
            shop_id=ctx.shop_id, id=new_id(), state="done", address="/api/products?format=csv", format="csv",
            filename="products.csv", language="en", asked_by=exports.who(ctx), created_at=ctx.now,
        )  # fmt: skip
        ctx.db.add(export)
        await ctx.db.flush()
        ctx.db.add(ExportPart(shop_id=ctx.shop_id, export_id=export.id, place=0, content=has.mark.encode()))
    return str(export.id)


async def _people(has: Furnished) -> None:
    has.ids["key_id"] = (await has.key())["id"]
    invited = await has.invited()
    has.ids |= {"staff.staff_id": invited["id"], "auth.token": invited["invitation_token"]}
    entry = (await has.get("/api/audit-logs?limit=1"))[0]
    has.ids |= {"entry_id": entry["id"], "entity_id": entry["entity_id"]}
