"""Every operation, every preset role, and things of one's own, of another shop, and of nobody.

Nothing here is written down by hand: operations come from the app's routes, roles from the table of permissions. Who
lacks a permission is told so whatever they name; who has it cannot tell another shop's thing from one that never was.
"""

from collections.abc import Container

import httpx2
import pytest

from duka.platform.identity import make_key
from duka.platform.ids import new_id
from duka.shops.permissions import PRESET_NAMES, REGISTER_DELIVERS, preset
from tests.access.asks import Ask, references
from tests.access.checks import Neighbours, Prepared, compare_addresses, compare_bodies, compare_filters, named
from tests.access.comparing import plain, refused_permission
from tests.access.operations import Json
from tests.access.recipes import prepare

pytestmark = pytest.mark.slow


def test_every_address_and_body_names_things_that_both_shops_have(
    prepared: list[Prepared], neighbours: Neighbours, schemas: Json
) -> None:
    """Without this, a new address would be compared with nothing. Add its thing to `furnished.py`."""
    unknown = set()
    for each in prepared:
        operation = each.operation
        fields = [name for _, name in references(operation, each.ask.body, schemas)]
        for name in (*operation.places, *operation.queries(), *fields):
            if operation.permission != "public" and neighbours.theirs.named(operation.path, name) is None:
                unknown.add(f"{operation}: {name}")
    assert unknown == set()


async def test_without_a_login_nothing_but_the_public_opens(
    prepared: list[Prepared], neighbours: Neighbours, client: httpx2.AsyncClient
) -> None:
    opened = []
    for each in prepared:
        if each.operation.permission == "public":
            continue
        for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Basic bmplcmk6bmplcmk="}):
            answer = await Ask(each.ask.ids, each.ask.body, files=each.ask.files).send(client, each.operation, headers)
            if answer.status_code != 401 or answer.headers.get("www-authenticate") != "Bearer":
                opened.append((str(each.operation), headers, answer.status_code))
    assert opened == []


@pytest.mark.parametrize("role", PRESET_NAMES)
async def test_who_lacks_the_permission_is_told_so_whatever_the_id(
    role: str, prepared: list[Prepared], neighbours: Neighbours, client: httpx2.AsyncClient
) -> None:
    person = (await neighbours.ours.people())[role]
    granted, wrong, asked = preset(role), [], 0
    for each in prepared:
        permission = each.operation.permission
        if not each.operation.in_a_shop or permission in granted:
            continue
        others = [each.ask.naming(name, value) for name, *pair in named(each, neighbours.theirs) for value in pair]
        for ask in (each.ask, *others):
            answer = await ask.send(client, each.operation, person.headers)
            asked += 1
            if refused_permission(answer) != permission:
                wrong.append((str(each.operation), ask.ids, answer.status_code, answer.text[:200]))
    assert wrong == []
    assert asked or role == "owner"


@pytest.mark.parametrize("role", PRESET_NAMES)
async def test_another_shops_thing_is_answered_like_one_that_never_was(
    role: str, prepared: list[Prepared], neighbours: Neighbours, client: httpx2.AsyncClient
) -> None:
    person = (await neighbours.ours.people())[role]
    found = await compare_addresses(prepared, neighbours, client, person.headers, preset(role))
    assert found.unlike == []
    assert found.compared > 0


async def test_an_id_in_a_body_that_is_another_shops_is_answered_like_one_that_never_was(
    prepared: list[Prepared], neighbours: Neighbours, client: httpx2.AsyncClient, schemas: Json
) -> None:
    found = await compare_bodies(prepared, neighbours, client, schemas)
    assert found.unlike == []
    assert len(found.refused) >= 30
    for field in ("variant_id", "customer_id", "register_id", "staff_id", "tax_class_id"):
        assert ("sales_sell", field) in found.refused


async def test_a_filter_by_another_shops_id_finds_what_one_that_never_was_finds(
    prepared: list[Prepared], neighbours: Neighbours, client: httpx2.AsyncClient
) -> None:
    found = await compare_filters(prepared, neighbours, client)
    assert found.unlike == []
    assert found.compared > 0


async def test_an_id_of_ones_own_making_may_be_another_shops(
    prepared: list[Prepared], neighbours: Neighbours, client: httpx2.AsyncClient
) -> None:
    """Ids are unique inside a shop only: a clash with another shop's row would tell that it exists."""
    ours, theirs = neighbours.ours, neighbours.theirs
    taken = {"sales_sell": "sale_id", "customers_register_customer": "customer_id", "groups_create_group": "group_id",
             "products_create_product": "product_id", "carts_put_cart_down": "cart_id",
             "stock_adjust": "adjustment_id", "stock_assemble": "assembly_id", "transfers_request": "transfer_id",
             "stock_counts_begin": "count_id", "stock_close_costs": "closing_id", "stock_put_aside": "reservation_id",
             "registers_open_register": "register_id", "roles_add_role": "role_id", "staff_invite_staff": "staff_id",
             "tax_classes_create_tax_class": "tax_class_id", "suppliers_add_supplier": "supplier_id",
             "purchasing_request_order": "order_id", "purchasing_receive_goods": "receipt_id",
             "purchasing_enter_bill": "bill_id", "purchasing_pay_supplier": "payment_id",
             "purchasing_send_back": "return_id",
             "price_changes_plan_price_change": "change_id",
             "api_keys_make_api_key": "key_id", "branches_open_branch": "branch_id"}  # fmt: skip
    for operation in (each.operation for each in prepared):
        if operation.name in taken:
            ask = await prepare(operation, ours)
            ask = Ask(ask.ids, ask.body | {"id": theirs.ids[taken[operation.name]]})
            answer = await ask.send(client, operation, ours.shop.owner.headers)
            assert answer.status_code == 201, (str(operation), answer.text)


async def test_a_shop_one_does_not_work_in_is_answered_like_none(
    neighbours: Neighbours, client: httpx2.AsyncClient
) -> None:
    ours = neighbours.ours.shop
    for headers in (ours.owner.headers, {"Authorization": f"Bearer {neighbours.ours.device.credential}"}):
        told = [
            await client.get("/api/carts", headers={**headers, "X-Shop-ID": str(shop)})
            for shop in (neighbours.theirs.shop.shop_id, new_id())
        ]
        assert plain(told[0]) == plain(told[1])
        assert told[0].status_code == 404


async def test_a_key_does_what_it_was_made_for_and_nothing_else(
    prepared: list[Prepared], neighbours: Neighbours, client: httpx2.AsyncClient
) -> None:
    granted = {"products:read": "shop", "customers:create": "shop"}
    made = await neighbours.ours.post("/api/api-keys", {"name": neighbours.ours.word(), "permissions": granted})
    await _opens_only(prepared, client, {"Authorization": f"Bearer {made['key']}"}, granted)


async def test_a_registers_credential_delivers_and_does_nothing_else(
    prepared: list[Prepared], neighbours: Neighbours, client: httpx2.AsyncClient
) -> None:
    credential = neighbours.ours.device.credential
    await _opens_only(prepared, client, {"Authorization": f"Bearer {credential}"}, REGISTER_DELIVERS)


async def test_a_well_made_key_that_nobody_gave_opens_nothing(
    prepared: list[Prepared], neighbours: Neighbours, client: httpx2.AsyncClient
) -> None:
    for kind in ("live", "reg"):
        text, _ = make_key(kind, neighbours.ours.shop.shop_id)
        for each in prepared:
            if each.operation.in_a_shop:
                answer = await each.ask.send(client, each.operation, {"Authorization": f"Bearer {text}"})
                assert answer.status_code == 401, str(each.operation)


async def _opens_only(
    prepared: list[Prepared], client: httpx2.AsyncClient, headers: dict[str, str], granted: Container[str]
) -> None:
    opened = 0
    for each in prepared:
        operation = each.operation
        if operation.permission == "public":
            continue
        answer = await Ask(each.ask.ids, each.ask.body, each.ask.query, each.ask.files).send(client, operation, headers)
        if operation.permission == "self":
            assert answer.status_code == 401, str(operation)
        elif operation.permission in granted:
            assert refused_permission(answer) != operation.permission, str(operation)
            opened += answer.status_code < 300
        else:
            assert refused_permission(answer) == operation.permission, (str(operation), answer.text)
    assert opened > 0
