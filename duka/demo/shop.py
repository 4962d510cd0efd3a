"""The example shop before its first day: founded, staffed, its shelves filled."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from random import Random
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import select

from duka.catalog.actions import groups
from duka.catalog.actions.products import NewProduct, NewVariant, add_products
from duka.catalog.models import Group
from duka.catalog.schemas import GroupIn
from duka.customers import actions as customers
from duka.customers.schemas import CustomerIn
from duka.demo import goods
from duka.demo.goods import Good
from duka.demo.people import FIRST_BRANCH, PASSWORD, SECOND_BRANCH, SHOP_NAME, SLUG, STAFF, Buyer, Colleague
from duka.demo.stage import CALLER, Item, Known, Person, Place, Stage, ask, become, id_at, read, sent
from duka.onboarding import actions as onboarding
from duka.onboarding.schemas import SignUpIn
from duka.platform import audit
from duka.platform.context import Ctx
from duka.platform.edge import House, Visitor
from duka.platform.ids import new_id
from duka.shops import entry, permissions
from duka.shops.auth import codes, passwords
from duka.shops.branches import actions as branches
from duka.shops.branches.schemas import BranchEdit, BranchIn
from duka.shops.models import Account, Branch, Location, Membership, Register, Role, Staff
from duka.shops.profile import actions as profile
from duka.shops.profile.schemas import ShopEdit
from duka.shops.registers import actions as registers
from duka.shops.registers.schemas import RegisterEdit
from duka.stock import actions as stock
from duka.stock.schemas import AdjustIn

ZONE: Final = ZoneInfo("Africa/Kampala")
_SETTINGS: Final[Mapping[str, Any]] = {
    "payment_policy": "on_account", "cash_rounding_minor": 100, "devices_per_account": 5,
    "payment_methods": ["cash", "mtn_momo", "airtel_money", "card", "bank_transfer"],
    "receipt_header": "Phones, lights and wiring", "receipt_footer": "Thank you. Goods come back within 30 days.",
}  # fmt: skip
_COLOURS: Final = (
    "#1f6f8b", "#3a7d44", "#b5651d", "#7a4e9d", "#c0392b", "#2c7a7b", "#5d6d7e", "#d4a017", "#8e5b3f", "#34629c",
    "#6b8e23", "#555555",
)  # fmt: skip
_SHORT: Final = 0.05
"""The part of the range that was ordered too small and runs low."""


async def found(house: House, moment: datetime, rng: Random, range_: Sequence[Good]) -> Stage:
    """Sign up the owner and make everything a shop has before it sells: in one transaction, so that it is there whole
    or not at all."""
    async with house.database.session("platform") as db:
        visitor = Visitor(db, moment, CALLER, house)
        owner = STAFF[0]
        code = await codes.issue(visitor, owner.phone, "sign_up")
        inside = await onboarding.sign_up(visitor, SignUpIn.model_validate({
            "code": code, "phone": owner.phone, "password": PASSWORD, "owner_name": owner.name, "shop_name": SHOP_NAME,
            "kind": "phones and electrical", "address": "Plot 24, Kampala Road, Kampala", "tax_id": "1000123456",
            "country": "UG", "slug": SLUG,
        }))  # fmt: skip
        ctx = await entry.open_shop_for_system(db, inside.places[0].shop_id, moment)
        first = Person(
            "owner", owner.name, inside.account.id, inside.places[0].staff_id, None, permissions.preset("owner"), 10_000
        )
        become(ctx, first)
        await profile.edit(ctx, ShopEdit.model_validate({"settings": _SETTINGS}), 1)
        place_ids = await _open_branches(ctx)
        people = [first, *[await _hire(ctx, each, place_ids) for each in STAFF[1:]]]
        items = await _fill_shelves(ctx, range_)
        places = await _places(ctx, place_ids, people)
        await db.commit()
    by_preset = {person.preset: person for person in people}
    return Stage(
        house=house, rng=rng, shop_id=ctx.shop_id, zone=ZONE, owner=first, supervisor=by_preset["supervisor"],
        storekeeper=by_preset["inventory_manager"], accountant=by_preset["accountant"], places=places, items=items,
        demand=list(accumulate(item.ware.demand for item in items)),
    )  # fmt: skip


async def _open_branches(ctx: Ctx) -> dict[str, UUID]:
    """Give the first branch its name and open the second; name their tills."""
    first = (await ctx.db.scalars(select(Branch))).one()
    told = {"name": FIRST_BRANCH, "address": "Plot 24, Kampala Road", "phone": "+256 414 000 110"}
    await branches.edit(ctx, first.id, BranchEdit.model_validate(told), first.version)
    wanted = BranchIn(name=SECOND_BRANCH, address="Ntinda Road, opposite the market", phone="+256 414 000 111")
    second = await branches.open_branch(ctx, wanted)
    for register in (await ctx.db.scalars(select(Register).order_by(Register.id))).all():
        name = FIRST_BRANCH if register.branch_id == first.id else SECOND_BRANCH
        await registers.rename(ctx, register.id, RegisterEdit.model_validate({"name": f"{name} counter"}), 1)
    return {FIRST_BRANCH: first.id, SECOND_BRANCH: second.id}


async def _hire(ctx: Ctx, colleague: Colleague, place_ids: Mapping[str, UUID]) -> Person:
    """Give a colleague an account and a place. Nobody is invited by message: nobody is there to answer."""
    role = (await ctx.db.scalars(select(Role).where(Role.preset == colleague.preset))).one()
    branch_id = place_ids[colleague.branch] if colleague.branch else None
    account = Account(
        id=new_id(), name=colleague.name, phone=colleague.phone, email=None, created_at=ctx.now,
        password_hash=await passwords.make_hash(PASSWORD),
    )  # fmt: skip
    staff = Staff(
        shop_id=ctx.shop_id, id=new_id(), account_id=account.id, name=colleague.name, role_id=role.id,
        branch_id=branch_id, status="active", created_at=ctx.now, updated_at=ctx.now,
    )  # fmt: skip
    ctx.db.add(account)
    await ctx.db.flush()
    ctx.db.add_all([staff, Membership(account_id=account.id, shop_id=ctx.shop_id, staff_id=staff.id)])
    facts = {"name": staff.name, "role_id": role.id, "branch_id": branch_id, "status": staff.status}
    audit.record(ctx, "create", "staff", staff.id, after=facts, personal={"name"})
    granted = permissions.read(orjson.dumps(role.permissions).decode(), in_branch=branch_id is not None)
    return Person(
        colleague.preset, staff.name, account.id, staff.id, branch_id, granted, role.discount_ceiling_bp
    )  # fmt: skip


async def _fill_shelves(ctx: Ctx, range_: Sequence[Good]) -> list[Item]:
    """Put the range on sale in groups of its own, instead of the one that every new shop has."""
    for usual in (await ctx.db.scalars(select(Group))).all():
        await groups.delete_group(ctx, usual.id, None)
    group_ids: dict[str, UUID] = {}
    for at, name in enumerate(goods.GROUPS):
        asked = GroupIn.model_validate({"name": name, "position": at + 1, "colour": _COLOURS[at]})
        group_ids[name] = (await groups.add_group(ctx, asked)).id
    added = await add_products(ctx, [_new_product(good, group_ids[good.group]) for good in range_])
    return [
        Item(product.product_id, variant_id, ware, good.kind == "goods", good.unit, good.min_stock_milli, good.group)
        for good, product in zip(range_, added, strict=True)
        for ware, variant_id in zip(good.wares, product.variant_ids, strict=True)
    ]


def _new_product(good: Good, group_id: UUID) -> NewProduct:
    variants = [
        NewVariant(
            ware.price_minor, ware.sku, ware.barcode, ware.cost_minor or None, tax_included=True, choices=ware.choices
        )
        for ware in good.wares
    ]
    return NewProduct(
        good.name, variants, group_id=group_id, kind=good.kind, brand=good.brand, unit=good.unit,
        warranty_months=good.warranty_months, min_stock_milli=good.min_stock_milli,
    )  # fmt: skip


async def _places(ctx: Ctx, place_ids: Mapping[str, UUID], people: Sequence[Person]) -> list[Place]:
    showrooms = {
        room.branch_id: room.id
        for room in await ctx.db.scalars(select(Location).where(Location.kind == "showroom"))
    }
    tills = {till.branch_id: till.id for till in await ctx.db.scalars(select(Register))}
    cashiers = {person.branch_id: person for person in people if person.preset == "staff"}
    return [
        Place(name, id_, showrooms[id_], tills[id_], cashiers[id_], share, works_sundays=works_sundays)
        for (name, id_), share, works_sundays in zip(place_ids.items(), (0.6, 0.4), (True, False), strict=True)
    ]


async def stock_up(stage: Stage, moment: datetime, lines: float) -> None:
    """Count what is on the shelves at the start: as much as a season of so many sold lines needs, of a few things too
    little."""
    for place in stage.places:
        for start in range(0, len(stage.items), 50):
            await _stock_up_some(stage, place, stage.items[start : start + 50], moment, lines * place.share)


async def _stock_up_some(stage: Stage, place: Place, items: Sequence[Item], moment: datetime, lines: float) -> None:
    counted = [(item, _opening(stage, item, lines)) for item in items if item.stocked]
    bodies = [
        {
            "id": str(id_at(stage.rng, moment)), "variant_id": str(item.variant_id), "quantity": quantity,
            "location_id": str(place.showroom_id), "reason": "opening",
        }
        for item, quantity in counted
    ]  # fmt: skip

    async def adjust(ctx: Ctx) -> None:
        for (item, _), body in zip(counted, bodies, strict=True):
            sent(ctx, body)
            await stock.adjust(ctx, item.product_id, read(AdjustIn, ctx))

    await ask(stage, stage.storekeeper, moment, {}, adjust)
    place.left |= {item.variant_id: quantity * 1000 for item, quantity in counted}


def _opening(stage: Stage, item: Item, lines: float) -> int:
    """Say how many pieces a branch begins with."""
    usual = sum(item.ware.usual) / len(item.ware.usual)
    expected_milli = lines * item.ware.demand / stage.demand[-1] * usual
    if stage.rng.random() < _SHORT:
        return max(1, math.ceil(expected_milli * 0.8 / 1000))
    spare_milli = item.min_stock_milli * stage.rng.uniform(1.2, 2.5) + usual
    return math.ceil((expected_milli * stage.rng.uniform(1.1, 1.5) + spare_milli) / 1000)


async def register(stage: Stage, buyer: Buyer, who: Person, moment: datetime) -> None:
    """Register a customer."""
    asked = {
        "id": str(id_at(stage.rng, moment)), "name": buyer.name, "phone": buyer.phone, "address": buyer.address,
        "type": "wholesale" if buyer.wholesale else "retail", "credit_limit": buyer.credit_limit_minor,
    }  # fmt: skip
    done = await ask(stage, who, moment, asked, lambda ctx: customers.register(ctx, read(CustomerIn, ctx)))
    stage.known.append(Known(buyer, done.customer.id))
