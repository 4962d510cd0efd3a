"""Permissions in words, for the screen where an owner ticks them."""

from typing import Final

from duka.shops.permissions import PERMISSIONS

RESOURCES: Final[dict[str, str]] = {
    "sales": "Sales", "quotations": "Quotations", "orders": "Orders", "invoices": "Invoices", "payments": "Payments",
    "register_sessions": "Till sessions", "repairs": "Repairs", "devices": "Devices", "products": "Items",
    "groups": "Item groups", "prices": "Prices", "promotions": "Promotions", "taxes": "Taxes",
    "customers": "Customers", "stock": "Stock", "suppliers": "Suppliers", "purchasing": "Purchasing",
    "loyalty": "Loyalty points", "warranties": "Warranties", "complaints": "Complaints", "closures": "Day closing",
    "staff": "Staff", "roles": "Roles", "attendance": "Attendance", "expenses": "Expenses", "reports": "Reports",
    "journal": "Books", "audit_logs": "Audit trail", "settings": "Shop settings", "branches": "Branches",
    "registers": "Tills", "exceptions": "Exceptions", "webhooks": "Webhooks", "api_keys": "API keys",
    "subscription": "Subscription", "profile": "Own profile", "notifications": "Notifications",
}  # fmt: skip
"""The groups of permissions, in the order they are shown."""

_THINGS: Final[dict[str, str]] = {
    "products": "items", "groups": "item groups", "register_sessions": "till sessions", "closures": "day closings",
    "loyalty": "points", "audit_logs": "the audit trail", "registers": "tills", "journal": "the books",
    "api_keys": "API keys", "settings": "the shop's settings", "subscription": "the subscription",
    "profile": "the own profile", "purchasing": "purchase orders", "attendance": "working hours",
    "exceptions": "documents that disagree with the books",
}  # fmt: skip
_VERBS: Final[dict[str, str]] = {
    "create": "Add {}", "read": "See {}", "update": "Change {}", "delete": "Delete {}", "export": "Save {} as a file",
    "import": "Read {} from a file", "approve": "Approve {}", "reverse": "Reverse {}", "lock": "Lock {}",
    "receive": "Receive deliveries", "open": "Open {}", "close": "Close {}", "review": "Review {}",
    "assign": "Give {} to somebody", "complete": "Finish {}", "settle": "Settle {}", "pay": "Pay {}",
}  # fmt: skip
_SPECIAL: Final[dict[str, str]] = {
    "sales:create": "Sell", "sales:discount": "Give discounts up to the role's ceiling",
    "sales:override": "Let others exceed a limit on the spot", "sales:margins": "See what a sale earned",
    "invoices:issue": "Issue invoices", "invoices:correct": "Correct invoices by credit and debit notes",
    "payments:take": "Take payments", "payments:refund": "Give money back",
    "register_sessions:cash_move": "Put cash into the drawer or take it out", "repairs:price": "Set repair prices",
    "products:adjust_stock": "Correct stock by hand", "products:cost": "See cost prices",
    "customers:credit": "Let customers buy on account", "stock:transfer": "Move stock between locations",
    "stock:receive": "Receive goods into stock",
    "stock:count": "Count stock", "stock:approve": "Approve stock corrections", "loyalty:adjust": "Correct points",
    "loyalty:redeem": "Redeem points", "staff:create": "Invite staff", "staff:suspend": "Suspend and readmit staff",
    "staff:delete": "Remove staff", "attendance:create": "Clock in and out",
    "reports:view_all": "See all reports", "reports:view_limited": "See reports without profit and books",
    "reports:view_stock": "See stock reports", "reports:view_own": "See one's own figures",
    "journal:post": "Write entries into the books", "journal:lock": "Lock a period of the books",
}  # fmt: skip


def describe(permission: str) -> str:
    """Say in a few words what a permission lets somebody do: `Change item groups`."""
    assert permission in PERMISSIONS, permission
    resource, _, action = permission.partition(":")
    special = _SPECIAL.get(permission)
    return special or _VERBS[action].format(_THINGS.get(resource, resource.replace("_", " ")))
