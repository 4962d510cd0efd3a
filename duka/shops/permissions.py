"""Who may do what: the one table that the API, the screens and the tests read.

A permission is `resource:action`; a role grants it with a scope: `own` (what the person made or is assigned),
`branch` (what belongs to the person's branch), `shop` (everything). Staff bound to a branch have `branch` wherever
their role says `shop`.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import orjson

from duka.platform.context import Scope

_ACTIONS: Final[dict[str, str]] = {
    "sales": "create read update delete approve lock reverse override discount export margins",
    "quotations": "create read update delete approve export",
    "orders": "create read update delete approve export",
    "invoices": "read issue correct export",
    "payments": "take read refund export",
    "register_sessions": "open close cash_move read",
    "repairs": "create read update delete assign complete price",
    "devices": "create read update delete import",
    "products": "create read update delete adjust_stock import export cost",
    "groups": "create read update delete export",
    "prices": "create read update delete export",
    "promotions": "create read update delete export",
    "taxes": "create read update",
    "customers": "create read update delete export credit import",
    "stock": "read transfer receive count approve export",
    "suppliers": "create read update delete export",
    "purchasing": "create read update delete approve receive export",
    "loyalty": "read adjust redeem",
    "warranties": "create read update delete",
    "complaints": "create read update delete",
    "closures": "create read update delete review approve lock",
    "staff": "create read update delete suspend export",
    "roles": "create read update delete",
    "attendance": "create read update",
    "expenses": "create read update delete approve pay",
    "reports": "view_all view_limited view_stock view_own export",
    "journal": "read post lock export",
    "audit_logs": "read export",
    "settings": "read update",
    "branches": "create read update delete export",
    "registers": "create read update close export",
    "exceptions": "read settle",
    "webhooks": "create read update delete",
    "api_keys": "create read delete",
    "subscription": "read update",
    "profile": "read update",
    "notifications": "read update",
}

WIDTH: Final[Mapping[Scope, int]] = MappingProxyType({"own": 0, "branch": 1, "shop": 2})
"""The scopes from the narrowest."""

PERMISSIONS: Final = frozenset(f"{resource}:{action}" for resource, text in _ACTIONS.items() for action in text.split())
"""Every permission there is."""

SELF: Final = "profile:read profile:update notifications:read notifications:update"

_PRESETS: Final[dict[str, str]] = {
    "owner": " ".join(sorted(PERMISSIONS)),
    "supervisor": f"""
        sales:create sales:read sales:update sales:discount quotations:* orders:*
        invoices:read invoices:issue invoices:correct payments:read payments:take payments:refund
        register_sessions:open register_sessions:close register_sessions:cash_move register_sessions:read
        repairs:create repairs:read repairs:update repairs:assign repairs:complete
        devices:create devices:read devices:update devices:delete devices:import
        products:read products:adjust_stock groups:read prices:read promotions:read taxes:read
        stock:read stock:transfer stock:receive stock:count suppliers:read purchasing:read purchasing:receive
        customers:create customers:read customers:update customers:delete customers:export customers:credit
        loyalty:read loyalty:adjust warranties:create warranties:read warranties:update
        complaints:create complaints:read complaints:update
        closures:create closures:read closures:update closures:review closures:approve
        staff:read roles:read attendance:read=branch attendance:create=own expenses:create expenses:read=branch
        reports:view_limited reports:export settings:read branches:read registers:read exceptions:read exceptions:settle
        {SELF}""",
    "staff": f"""
        sales:create sales:read=own sales:discount quotations:read orders:read invoices:read=own
        payments:take payments:read=own register_sessions:open=own register_sessions:close=own
        register_sessions:cash_move=own register_sessions:read=own repairs:create repairs:read=own
        devices:create devices:read products:read groups:read prices:read promotions:read taxes:read
        stock:read customers:create customers:read loyalty:read loyalty:redeem
        warranties:create warranties:read complaints:create complaints:read closures:create closures:read=own
        attendance:create=own attendance:read=own expenses:create expenses:read=own reports:view_own=own {SELF}""",
    "sales_executive": f"""
        sales:read=own quotations:create quotations:read quotations:update orders:create orders:read orders:update
        invoices:read payments:read repairs:read devices:read products:read groups:read prices:read promotions:read
        taxes:read stock:read customers:create customers:read customers:update loyalty:read
        warranties:create warranties:read complaints:create complaints:read
        attendance:create=own attendance:read=own expenses:create expenses:read=own reports:view_own=own {SELF}""",
    "inventory_manager": f"""
        quotations:read orders:read repairs:read devices:create devices:read devices:update devices:import
        products:* groups:* prices:* promotions:* taxes:read stock:* suppliers:* purchasing:* warranties:read
        complaints:read attendance:create=own attendance:read=own expenses:create expenses:read=own
        reports:view_stock reports:export branches:read {SELF}""",
    "technician": f"""
        repairs:read=own repairs:update=own devices:read products:read groups:read prices:read promotions:read
        taxes:read stock:read customers:read warranties:read warranties:update complaints:read complaints:update
        attendance:create=own attendance:read=own expenses:create expenses:read=own reports:view_own=own {SELF}""",
    "accountant": f"""
        sales:read sales:export sales:margins quotations:read orders:read invoices:read invoices:export
        payments:read payments:export register_sessions:read repairs:read devices:read
        products:read products:cost groups:read prices:read promotions:read taxes:read stock:read
        suppliers:read purchasing:read customers:read customers:export closures:read attendance:read
        expenses:create expenses:read expenses:update expenses:delete expenses:pay
        reports:view_all reports:export journal:read journal:post journal:export subscription:read {SELF}""",
}

PRESET_NAMES: Final[dict[str, str]] = {
    "owner": "Owner", "supervisor": "Supervisor", "staff": "Staff", "sales_executive": "Sales Executive",
    "inventory_manager": "Inventory Manager", "technician": "Technician", "accountant": "Accountant",
}  # fmt: skip
ALIASES: Final[dict[str, str]] = {"admin": "owner", "manager": "supervisor", "cashier": "staff"}
DISCOUNT_CEILINGS_BP: Final[dict[str, int]] = {"owner": 10_000, "supervisor": 2_000, "staff": 500}

REGISTER_DELIVERS: Final[Mapping[str, Scope]] = MappingProxyType({
    "sales:create": "shop", "customers:create": "shop", "payments:take": "shop", "payments:refund": "shop",
    "invoices:correct": "shop", "register_sessions:open": "shop", "register_sessions:close": "shop",
    "register_sessions:cash_move": "shop", "purchasing:receive": "shop", "stock:count": "shop",
    "stock:transfer": "shop", "stock:receive": "shop",
})  # fmt: skip
"""What a register's credential is good for: delivering that register's documents, and nothing else."""


def preset(name: str) -> dict[str, Scope]:
    """Give the permissions of a preset role (or its alias) with their scopes. KeyError for an unknown name."""
    granted: dict[str, Scope] = {}
    for word in _PRESETS[ALIASES.get(name, name)].split():
        permission, _, scope = word.partition("=")
        resource, _, action = permission.partition(":")
        actions = _ACTIONS[resource].split() if action == "*" else [action]
        for each in actions:
            granted[f"{resource}:{each}"] = _scope(scope or "shop")
    assert granted.keys() <= PERMISSIONS
    return granted


@lru_cache(maxsize=4096)
def read(text: str, *, in_branch: bool) -> Mapping[str, Scope]:
    """Read a role's stored permissions; staff bound to a branch have no scope wider than it."""
    stored: dict[str, str] = orjson.loads(text)
    return MappingProxyType({
        name: "branch" if in_branch and scope == "shop" else _scope(scope)
        for name, scope in stored.items()
        if name in PERMISSIONS
    })


def both(granted: Mapping[str, Scope], mine: Mapping[str, Scope]) -> dict[str, Scope]:
    """Give what two sets of permissions both allow, each in the narrower of its scopes."""
    return {name: min(scope, mine[name], key=WIDTH.__getitem__) for name, scope in granted.items() if name in mine}


def _scope(text: str) -> Scope:
    match text:
        case "own" | "branch" | "shop":
            return text
    raise KeyError(text)
