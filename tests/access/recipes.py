"""What a person who may do it would send to each operation, so that it succeeds.

An operation that is not named here is asked with the shop's own things and the body that its description shows.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from duka.platform.ids import new_id
from tests.access.asks import Ask
from tests.access.furnished import PRICE, Furnished
from tests.access.operations import Json, Operation
from tests.shops.visitors import PASSWORD
from tests.world import fresh_phone

REASON: Final = "the customer changed their mind"
_ANOTHER: Final = "five yellow ladders"

Recipe = Callable[[Furnished], Awaitable[Ask] | Ask]


async def prepare(operation: Operation, has: Furnished) -> Ask:
    """Make a request that should succeed, from a shop's things."""
    own = {name: has.named(operation.path, name) or str(new_id()) for name in operation.places}
    recipe = RECIPES.get(operation.name)
    if recipe is None:
        return Ask(own, _shown_body(operation, has))
    made = recipe(has)
    ask = made if isinstance(made, Ask) else await made
    return replace(ask, ids={**own, **ask.ids})


def _shown_body(operation: Operation, has: Furnished) -> Any:
    content = operation.told.get("requestBody", {}).get("content", {}).get("application/json", {})
    return _with_own(content.get("example"), has)


def _with_own(value: Any, has: Furnished) -> Any:
    if isinstance(value, list):
        return [_with_own(inner, has) for inner in value]
    if isinstance(value, dict):
        return {key: has.ids[key] if key in has.ids else _with_own(inner, has) for key, inner in value.items()}
    return value


def _edit(thing: Callable[[Furnished], Awaitable[Json]], place: str, **changes: Any) -> Recipe:
    async def ask(has: Furnished) -> Ask:
        made = await thing(has)
        return Ask({place: made["id"]}, {"version": made["version"], **(changes or {"name": has.word()})})

    return ask


def _at(thing: Callable[[Furnished], Awaitable[Json]], place: str, body: Any = None) -> Recipe:
    async def ask(has: Furnished) -> Ask:
        return Ask({place: (await thing(has))["id"]}, body)

    return ask


def _new(body: Callable[[Furnished], Json]) -> Recipe:
    return lambda has: Ask(body=body(has))


def _named(**more: Any) -> Recipe:
    return lambda has: Ask(body={"id": str(new_id()), "name": has.word(), **more})


# A sale's life


async def _incomplete(has: Furnished) -> Json:
    return await has.sale(paid=0)


async def _complete(has: Furnished) -> Json:
    return await has.sale()


async def _owing(has: Furnished) -> Json:
    customer = await has.post("/api/customers", has.customer_body() | {"credit_limit": 10**6})
    sale = await has.sale(paid=0, customer_id=customer["id"], on_account=True)
    assert sale["invoice"]
    return sale


def _cash(amount: int) -> Json:
    return {"payments": [{"id": str(new_id()), "method": "cash", "amount": amount}]}


async def _change_sale(has: Furnished) -> Ask:
    sale = await _incomplete(has)
    body = {"version": sale["version"], "lines": has.lines(2), "customer_id": has.ids["customer_id"]}
    return Ask({"sale_id": sale["id"]}, body)


async def _override(has: Furnished) -> Ask:
    sale = await _incomplete(has)
    body = {"version": sale["version"], "lines": has.lines(2), "staff_id": has.ids["staff_id"], "reason": REASON}
    return Ask({"sale_id": sale["id"]}, body)


async def _correct(has: Furnished) -> Ask:
    body = {"reason": REASON, "sale": has.sale_body(customer_id=has.ids["customer_id"])}
    return Ask({"sale_id": (await _complete(has))["id"]}, body)


async def _pay_sale(has: Furnished) -> Ask:
    return Ask({"sale_id": (await _incomplete(has))["id"]}, _cash(2 * PRICE))


async def _pay_invoice(has: Furnished) -> Ask:
    return Ask({"invoice_id": (await _owing(has))["invoice"]["id"]}, _cash(2 * PRICE))


async def _credit(has: Furnished) -> Ask:
    sale = await _complete(has)
    lines = [{"sale_line_id": sale["lines"][0]["id"], "quantity": 1}]
    body = {"id": str(new_id()), "lines": lines, "reason": REASON, "register_id": has.ids["register_id"]}
    return Ask({"invoice_id": sale["invoice"]["id"]}, body)


async def _debit(has: Furnished) -> Ask:
    item = {"name": has.word(), "tax_class_id": has.ids["tax_class_id"]}
    body = {"id": str(new_id()), "lines": [{"item": item, "price": PRICE}], "reason": REASON}
    return Ask({"invoice_id": (await _complete(has))["invoice"]["id"]}, body)


def _take_back(has: Furnished) -> Ask:
    line = {"variant_id": has.ids["variant_id"], "price": PRICE, "quantity": 1}
    refunds = [{"id": str(new_id()), "method": "cash", "amount": PRICE}]
    return Ask(body={"id": str(new_id()), "lines": [line], "reason": REASON, "refunds": refunds,
                     "customer_id": has.ids["customer_id"]})


async def _held(has: Furnished) -> Json:
    cart = await has.cart()
    return await has.post(f"/api/carts/{cart['id']}/hold")


# Goods, money and people


async def _location(has: Furnished) -> Json:
    return await has.post("/api/locations", _location_body(has))


def _location_body(has: Furnished) -> Json:
    return {"id": str(new_id()), "branch_id": has.ids["branch_id"], "name": has.word(), "kind": "warehouse"}


async def _variant_of_new(has: Furnished) -> tuple[Json, Json]:
    base = {"id": str(new_id()), "name": has.word(), "attributes": {"Size": ["S", "M", "L"]}}
    variants = [{"choices": {"Size": size}, "sku": has.code(), "price": PRICE} for size in "SM"]
    product = await has.post("/api/products", base | {"variants": variants})
    return product, product["variants"][0]


async def _add_variant(has: Furnished) -> Ask:
    product, _ = await _variant_of_new(has)
    body = {"id": str(new_id()), "choices": {"Size": "L"}, "sku": has.code(), "price": PRICE}
    return Ask({"product_id": product["id"]}, body)


async def _edit_variant(has: Furnished) -> Ask:
    product, variant = await _variant_of_new(has)
    ids = {"product_id": product["id"], "variant_id": variant["id"]}
    return Ask(ids, {"version": variant["version"], "price": PRICE + 1})


async def _compose(has: Furnished) -> Ask:
    product, variant = await _variant_of_new(has)
    component = (await has.product())["variants"][0]
    body = {"version": variant["version"], "components": [{"variant_id": component["id"], "quantity": 2}]}
    return Ask({"product_id": product["id"], "variant_id": variant["id"]}, body)


async def _assemble(has: Furnished) -> Ask:
    return Ask(body=await has.assembly_body())


async def _remove_variant(has: Furnished) -> Ask:
    product, variant = await _variant_of_new(has)
    return Ask({"product_id": product["id"], "variant_id": variant["id"]})


async def _edit_product(has: Furnished) -> Ask:
    product = await has.product()
    body = {"version": product["version"], "name": has.word(), "group_id": has.ids["group_id"],
            "tax_class_id": has.ids["tax_class_id"]}
    return Ask({"product_id": product["id"]}, body)


async def _edit_group(has: Furnished) -> Ask:
    group = await _group(has)
    return Ask({"group_id": group["id"]}, {"version": group["version"], "parent_id": has.ids["group_id"]})


async def _group(has: Furnished) -> Json:
    return await has.post("/api/groups", {"id": str(new_id()), "name": has.word()})


async def _tax_class(has: Furnished) -> Json:
    return await has.post("/api/tax-classes", {"id": str(new_id()), "name": has.word()})


def _adjust(has: Furnished) -> Ask:
    return Ask(body={"id": str(new_id()), "variant_id": has.ids["variant_id"], "location_id": has.ids["location_id"],
                     "quantity": 1, "reason": "found"})


async def _level(has: Furnished) -> Ask:
    place = await _location(has)
    return Ask({"location_id": place["id"]}, {"version": 1, "min_stock": 2})


async def _tell_units(has: Furnished) -> Ask:
    at = {"variant_id": await has.nameless("serial"), "location_id": has.ids["location_id"]}
    return Ask(body={**at, "serials": [has.code()]})


async def _tell_batch(has: Furnished) -> Ask:
    at = {"variant_id": await has.nameless("batch"), "location_id": has.ids["location_id"]}
    return Ask(body={**at, "batch": {"number": has.code()}, "quantity": 1})


async def _approved(has: Furnished) -> Json:
    made = await has.transfer()
    return await has.post(f"/api/transfers/{made['id']}/approve")


async def _dispatch(has: Furnished) -> Ask:
    made = await _approved(has)
    line = {"line_id": made["lines"][0]["id"], "quantity": 1}
    return Ask({"transfer_id": made["id"]}, {"lines": [line]})


async def _receive(has: Furnished) -> Ask:
    made = await _approved(has)
    await has.post(f"/api/transfers/{made['id']}/dispatch", {})
    line = {"line_id": made["lines"][0]["id"], "quantity": 0.5, "difference": "sender"}
    return Ask({"transfer_id": made["id"]}, {"lines": [line]})


async def _begin_count(has: Furnished) -> Ask:
    place = await has.place()
    body = {"id": str(new_id()), "location_id": place["id"], "scope": "list", "variant_ids": [has.ids["variant_id"]]}
    return Ask(body=body)


async def _enter(has: Furnished) -> Ask:
    return Ask({"count_id": (await has.count())["id"]}, has.entries())


async def _reviewed(has: Furnished) -> Json:
    made = await has.count()
    return await has.post(f"/api/stock-counts/{made['id']}/review", {})


def _sheet(path: str) -> Recipe:
    title = "Name,Phone\n" if "customers" in path else "Name,SKU,Price\n"

    def ask(has: Furnished) -> Ask:
        second = fresh_phone() if "customers" in path else f"{has.code()},5"
        return Ask(files={"file": ("things.csv", f"{title}{has.word()},{second}\n".encode())})

    return ask


async def _import(has: Furnished) -> Json:
    return await has.sheet("/api/products/import", f"Name,SKU,Price\n{has.word()},{has.code()},5\n")


def _open_register(has: Furnished) -> Ask:
    return Ask(body={"id": str(new_id()), "branch_id": has.ids["branch_id"], "name": has.word(), "kind": "server"})


async def _open_drawer(has: Furnished) -> Ask:
    till = await has.post("/api/registers", dict(_open_register(has).body))
    body = {"id": str(new_id()), "register_id": till["id"], "float": 100, "staff_id": has.ids["staff_id"]}
    return Ask(body=body)


def _move_cash(has: Furnished) -> Ask:
    body = {"id": str(new_id()), "direction": "in", "amount": 5, "reason": REASON, "staff_id": has.ids["staff_id"]}
    return Ask(body=body)


async def _close_drawer(has: Furnished) -> Ask:
    return Ask({"session_id": (await has.drawer())["id"]}, {"counted": 5000, "staff_id": has.ids["staff_id"]})


async def _joined(has: Furnished) -> Json:
    invited = await has.invited()
    path = f"/api/auth/invitations/{invited['invitation_token']}/accept"
    await has.post(path, {"password": PASSWORD}, by={})
    shown: Json = await has.get(f"/api/staff/{invited['id']}")
    return shown


async def _edit_staff(has: Furnished) -> Ask:
    made = await _joined(has)
    body = {"version": made["version"], "role_id": (await has.role())["id"], "branch_id": has.ids["branch_id"]}
    return Ask({"staff_id": made["id"]}, body)


async def _suspended(has: Furnished) -> Json:
    made = await _joined(has)
    await has.post(f"/api/staff/{made['id']}/suspend", {"reason": REASON})
    return made


async def _accept(has: Furnished) -> Ask:
    return Ask({"token": (await has.invited())["invitation_token"]}, {"password": PASSWORD}, by={})


async def _edit_settings(has: Furnished) -> Ask:
    shown = await has.get("/api/settings")
    return Ask(body={"version": shown["version"], "address": has.word()})


def _set_logo(has: Furnished) -> Ask:
    return Ask(files={"file": ("logo.png", has.picture())})


async def _remove_logo(has: Furnished) -> Ask:
    await has.ask("PUT", "/api/settings/logo", files={"file": ("logo.png", has.picture())})
    return Ask()


async def _edit_branch(has: Furnished) -> Ask:
    made = await has.branch()
    body = {"version": made["version"], "name": has.word(), "manager_id": has.ids["staff_id"]}
    return Ask({"branch_id": made["id"]}, body)


async def _settle(has: Furnished) -> Ask:
    return Ask({"exception_id": await has.exception()}, {"settlement": REASON})


async def _settle_set_aside(has: Furnished) -> Ask:
    return Ask({"document_id": await has.set_aside()}, {"settlement": REASON})


# Buying


async def _change_order(has: Furnished) -> Ask:
    made = await has.order()
    body = has.order_body()
    lines = [{**line, "id": str(new_id())} for line in body["lines"]]
    return Ask({"order_id": made["id"]}, {"version": 1, "location_id": body["location_id"], "lines": lines})


async def _placed_order(has: Furnished) -> Json:
    return await has.order("approve", "order")


async def _send_order(has: Furnished) -> Ask:
    return Ask({"order_id": (await has.order("approve"))["id"]}, {"by": "email", "to": "orders@example.com"})


async def _confirm_order(has: Furnished) -> Ask:
    made = await _placed_order(has)
    said = {"id": made["lines"][0]["id"], "quantity": 2, "expected_on": "2031-01-15"}
    return Ask({}, {"token": await has.order_link(made), "lines": [said], "note": REASON}, by={})


async def _read_asked_order(has: Furnished) -> Ask:
    return Ask({}, {"token": await has.order_link(await has.order("approve"))}, by={})


async def _part_received(has: Furnished) -> Json:
    made = await _placed_order(has)
    line = {"id": str(new_id()), "variant_id": has.ids["variant_id"], "accepted": 1}
    await has.post("/api/goods-receipts", {"id": str(new_id()), "order_id": made["id"], "lines": [line]})
    return made


async def _item(has: Furnished) -> Ask:
    made = await has.supplier()
    path = f"/api/suppliers/{made['id']}/items/{has.ids['variant_id']}"
    answer = await has.ask("PUT", path, {"version": 1, "supplier_code": has.code()})
    assert answer.status_code == 200, answer.text
    return Ask({"supplier_id": made["id"]})


async def _price_list(has: Furnished) -> Ask:
    sheet = f"SKU,Code\n{has.code()},{has.code()}\n"
    return Ask({"supplier_id": (await has.supplier())["id"]}, files={"file": ("prices.csv", sheet.encode())})


async def _set_item(has: Furnished) -> Ask:
    return Ask({"supplier_id": (await has.supplier())["id"]}, {"version": 1, "supplier_code": has.code()})


async def _bill(has: Furnished) -> Ask:
    line = (await has.receipt())["lines"][0]["id"]
    return Ask(body={
        "id": str(new_id()), "supplier_id": has.ids["supplier_id"], "supplier_number": has.code(),
        "lines": [{"id": str(new_id()), "receipt_line_id": line, "quantity": 1, "price": 12}],
    })  # fmt: skip


def _pay_supplier(has: Furnished) -> Ask:
    return Ask(body={
        "id": str(new_id()), "supplier_id": has.ids["supplier_id"], "branch_id": has.ids["branch_id"], "amount": 1,
        "method": "bank_transfer", "in_advance": True,
    })  # fmt: skip


async def _send_back(has: Furnished) -> Ask:
    line = (await has.receipt())["lines"][0]["id"]
    return Ask(body={
        "id": str(new_id()), "supplier_id": has.ids["supplier_id"], "location_id": has.ids["location_id"],
        "reason": REASON, "lines": [{"id": str(new_id()), "receipt_line_id": line, "quantity": 1}],
    })  # fmt: skip


# At the door


async def _register(has: Furnished) -> Ask:
    phone = fresh_phone()
    sent = await has.post("/api/auth/otp", {"phone": phone, "purpose": "sign_up"}, by={})
    body = {"phone": phone, "code": sent["code"], "password": PASSWORD, "owner_name": has.word(),
            "shop_name": has.word(), "device_id": str(new_id())}
    return Ask(body=body, by={})


async def _log_in(has: Furnished) -> Ask:
    visitor = await has.visitor()
    return Ask(body={"login": visitor.phone, "password": PASSWORD, "device_id": visitor.device_id}, by={})


async def _refresh(has: Furnished) -> Ask:
    body = {"refresh_token": (await has.visitor()).data["refresh_token"], "request_id": str(new_id())}
    return Ask(body=body, by={})


async def _log_out(has: Furnished) -> Ask:
    return Ask(body={"refresh_token": (await has.visitor()).data["refresh_token"]}, by={})


async def _forgot(has: Furnished) -> Ask:
    return Ask(body={"login": (await has.visitor()).phone}, by={})


async def _reset(has: Furnished) -> Ask:
    visitor = await has.visitor()
    await has.forget_codes(visitor.phone)
    sent = await has.post("/api/auth/otp", {"phone": visitor.phone, "purpose": "password_reset"}, by={})
    return Ask(body={"login": visitor.phone, "code": sent["code"], "password": _ANOTHER}, by={})


async def _end_session(has: Furnished) -> Ask:
    visitor = await has.visitor()
    return Ask({"session_id": visitor.data["session_id"]}, by=visitor.headers)


async def _edit_me(has: Furnished) -> Ask:
    visitor = await has.visitor()
    shown = (await has.ask("GET", "/api/me", by=visitor.headers)).json()["data"]
    return Ask(body={"version": shown["version"], "name": has.word()}, by=visitor.headers)


async def _ask_for_email(has: Furnished) -> Ask:
    visitor = await has.visitor()
    body = {"email": f"{new_id().hex}@example.com", "password": PASSWORD}
    return Ask(body=body, by=visitor.headers)


async def _change_password(has: Furnished) -> Ask:
    visitor = await has.visitor()
    return Ask(body={"current_password": PASSWORD, "password": _ANOTHER}, by=visitor.headers)


RECIPES: Final[Mapping[str, Recipe]] = {
    "auth_register": _register, "auth_log_in": _log_in, "auth_refresh": _refresh, "auth_log_out": _log_out,
    "auth_send_code": lambda _has: Ask(body={"phone": fresh_phone(), "purpose": "sign_up"}, by={}),
    "auth_forgot_password": _forgot, "auth_reset_password": _reset, "auth_end_session": _end_session,
    "live_listen": lambda _has: Ask(query={"seconds": "0"}),
    "me_edit": _edit_me, "me_ask_for_email": _ask_for_email, "me_change_password": _change_password,
    "sales_sell": lambda has: Ask(body=has.sale_body(customer_id=has.ids["customer_id"])),
    "sales_put_sale": _change_sale, "sales_post_override": _override, "sales_post_correct": _correct,
    "sales_post_payments": _pay_sale, "invoices_post_invoice_payments": _pay_invoice,
    "sales_delete_sale": _at(_incomplete, "sale_id"),
    "sales_attach": lambda has: Ask(body={"customer_id": has.ids["customer_id"]}),
    "sales_post_cancel": _at(_incomplete, "sale_id", {"reason": REASON}),
    "sales_post_reverse": _at(_complete, "sale_id", {"reason": REASON}),
    "sales_post_approve": _at(_complete, "sale_id"),
    "sales_post_reject": _at(_complete, "sale_id", {"reason": REASON}),
    "sales_post_lock": _at(_complete, "sale_id"),
    "invoices_post_credit_note": _credit, "invoices_post_debit_note": _debit,
    "invoices_post_loose_credit_note": _take_back,
    "carts_put_cart_down": _new(Furnished.cart_body),
    "carts_change_cart": _edit(Furnished.cart, "cart_id"), "carts_hold_cart": _at(Furnished.cart, "cart_id"),
    "carts_resume_cart": _at(_held, "cart_id"), "carts_delete_cart": _at(Furnished.cart, "cart_id"),
    "exceptions_settle": _settle, "exceptions_settle_set_aside": _settle_set_aside,
    "roles_add_role": _named(permissions={"products:read": "shop"}),
    "roles_edit_role": _edit(Furnished.role, "role_id"), "roles_delete_role": _at(Furnished.role, "role_id"),
    "customers_register_customer": _new(Furnished.customer_body),
    "customers_edit_customer": _edit(Furnished.customer, "customer_id"),
    "customers_delete_customer": _at(Furnished.customer, "customer_id"),
    "customers_search_customers": lambda has: Ask(query={"name": has.mark}),
    "customers_import_customers": _sheet("/api/customers/import"),
    "branches_open_branch": _named(), "branches_edit_branch": _edit_branch,
    "branches_close_branch": _at(Furnished.branch, "branch_id"), "branches_add_location": _new(_location_body),
    "branches_edit_location": _edit(_location, "location_id"),
    "registers_open_register": _open_register, "registers_rename_register": _edit(Furnished.register, "register_id"),
    "registers_renew_credential": _at(Furnished.register, "register_id"),
    "registers_revoke_credential": _at(Furnished.register, "register_id"),
    "registers_close_register": _at(Furnished.register, "register_id", {"reason": REASON}),
    "register_sessions_open_session": _open_drawer, "register_sessions_move_cash": _move_cash,
    "register_sessions_close_session": _close_drawer,
    "stock_tell_units": _tell_units, "stock_tell_batch": _tell_batch,
    "stock_set_level": _level, "stock_adjust": _adjust, "stock_assemble": _assemble,
    "stock_approve": _at(Furnished.adjustment, "adjustment_id"),
    "stock_close_costs": lambda has: Ask(body={"id": str(new_id())}),
    "stock_reject": _at(Furnished.adjustment, "adjustment_id", {"reason": REASON}),
    "stock_put_aside": _new(Furnished.reservation_body),
    "stock_release": _at(Furnished.reservation, "reservation_id"),
    "transfers_request": _new(Furnished.transfer_body), "transfers_approve": _at(Furnished.transfer, "transfer_id"),
    "transfers_reject": _at(Furnished.transfer, "transfer_id", {"reason": REASON}),
    "transfers_cancel": _at(Furnished.transfer, "transfer_id", {"reason": REASON}),
    "transfers_dispatch": _dispatch, "transfers_receive": _receive,
    "stock_counts_begin": _begin_count, "stock_counts_enter": _enter,
    "stock_counts_review": _at(Furnished.count, "count_id", {"uncounted": "zero"}),
    "stock_counts_reopen": _at(_reviewed, "count_id"), "stock_counts_post_count": _at(_reviewed, "count_id"),
    "stock_counts_cancel": _at(Furnished.count, "count_id", {"reason": REASON}),
    "groups_create_group": lambda has: Ask(body={
        "id": str(new_id()), "name": has.word(), "parent_id": has.ids["group_id"],
    }),
    "groups_edit_group": _edit_group, "groups_delete_group": _at(_group, "group_id"),
    "tax_classes_create_tax_class": _named(), "tax_classes_edit_tax_class": _edit(_tax_class, "tax_class_id"),
    "tax_classes_add_rate": _at(_tax_class, "tax_class_id", {
        "kind": "vat", "code": "VAT", "rate_bp": 1800, "valid_from": "2026-01-15",
    }),
    "products_import_products": _sheet("/api/products/import"), "products_undo_import": _at(_import, "run_id"),
    "products_create_product": _new(Furnished.product_body), "products_edit_product": _edit_product,
    "products_delete_product": _at(Furnished.product, "product_id"), "products_add_variant": _add_variant,
    "products_edit_variant": _edit_variant, "products_compose": _compose, "products_delete_variant": _remove_variant,
    "products_give_codes": lambda has: Ask(body={"variant_ids": [has.ids["variant_id"]]}),
    "products_print_labels": lambda has: Ask(body={"items": [{"variant_id": has.ids["variant_id"]}], "paper": "2x1in"}),
    "price_changes_plan_price_change": _new(Furnished.price_change_body),
    "price_changes_apply_price_change": _at(Furnished.price_change, "change_id"),
    "price_changes_delete_price_change": _at(Furnished.price_change, "change_id"),
    "staff_invite_staff": _new(Furnished.invitation), "staff_edit_staff": _edit_staff,
    "staff_remove_staff": _at(Furnished.invited, "staff_id"),
    "staff_suspend_staff": _at(_joined, "staff_id", {"reason": REASON}),
    "staff_activate_staff": _at(_suspended, "staff_id"), "staff_reset_staff_password": _at(_joined, "staff_id"),
    "staff_accept_invitation": _accept, "settings_edit_settings": _edit_settings,
    "settings_set_logo": _set_logo, "settings_remove_logo": _remove_logo,
    "api_keys_make_api_key": _named(permissions={"products:read": "shop"}),
    "api_keys_revoke_api_key": _at(Furnished.key, "key_id"),
    "suppliers_add_supplier": _named(), "suppliers_edit_supplier": _edit(Furnished.supplier, "supplier_id"),
    "suppliers_delete_supplier": _at(Furnished.supplier, "supplier_id"), "suppliers_set_item": _set_item,
    "suppliers_import_items": _price_list, "suppliers_drop_item": _item,
    "purchasing_request_order": _new(Furnished.order_body),
    "purchasing_change_order": _change_order, "purchasing_approve_order": _at(Furnished.order, "order_id"),
    "purchasing_reject_order": _at(Furnished.order, "order_id", {"reason": REASON}),
    "purchasing_place_order": _at(lambda has: has.order("approve"), "order_id"),
    "purchasing_cancel_order": _at(Furnished.order, "order_id", {"reason": REASON}),
    "purchasing_close_order": _at(_part_received, "order_id"), "purchasing_send_order": _send_order,
    "purchasing_confirm_order": _confirm_order, "purchasing_read_asked_order": _read_asked_order,
    "purchasing_receive_goods": _new(Furnished.receipt_body), "purchasing_enter_bill": _bill,
    "purchasing_pay_supplier": _pay_supplier, "purchasing_send_back": _send_back,
}  # fmt: skip
"""How each operation that needs more than its description's own example is asked, by the operation's name."""
