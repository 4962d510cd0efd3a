"""Every domain's routers, for `main`."""

from fastapi import APIRouter

from duka.catalog.api import ROUTERS as CATALOG
from duka.customers.api import router as registering_customers
from duka.dashboard.api import router as dashboard
from duka.ledger.api import ROUTERS as BOOKS
from duka.notifications.api import router as notifications
from duka.onboarding.api import router as signing_up
from duka.payments.api import ROUTERS as MONEY
from duka.platform.demo_api import router as demo
from duka.platform.live_api import router as live
from duka.purchasing.api import ROUTERS as BUYING
from duka.sales.api import sales
from duka.sales.carts.api import router as carts
from duka.sales.customers import api as customer_api
from duka.sales.drawer_api import sessions as opening_drawers
from duka.sales.exceptions.api import exceptions, quarantine
from duka.sales.invoices.api import invoices
from duka.sales.life import api as life_api
from duka.sales.lists.api import sales as selling_history
from duka.sales.recalls import api as recall_api
from duka.sales.series.api import registers as numbers_of_tills
from duka.shops.api_keys.api import router as api_keys
from duka.shops.audit_log.api import router as audit_log
from duka.shops.auth.api import router as auth
from duka.shops.auth.me_api import router as me
from duka.shops.branches.api import branches, locations
from duka.shops.profile.api import router as shop_settings
from duka.shops.registers.api import router as registers
from duka.shops.roles.api import router as roles
from duka.shops.roles.api import table_router as permissions
from duka.shops.staff.api import links as invitation_links
from duka.shops.staff.api import staff
from duka.stock.api import ROUTERS as STOCK
from duka.stock.assembly.api import ROUTERS as SETS
from duka.stock.costs.api import router as cost_closings
from duka.stock.counts.api import router as counts
from duka.stock.figures_api import router as figures_of_stock
from duka.stock.reservations.api import router as goods_put_aside
from duka.stock.transfers.api import router as transfers
from duka.stock.units.api import batches as batches_in_stock
from duka.stock.units.api import units as units_in_stock
from duka.sync.api import router as sync

ROUTERS: tuple[APIRouter, ...] = (
    signing_up,
    auth,
    me,
    dashboard,
    demo,
    live,
    notifications,
    sales,
    selling_history,
    invoices,
    carts,
    exceptions,
    quarantine,
    roles,
    permissions,
    customer_api.customers,
    registering_customers,
    customer_api.sales,
    life_api.sales,
    life_api.invoices,
    life_api.credit_notes,
    life_api.drawers,
    branches,
    locations,
    registers,
    numbers_of_tills,
    opening_drawers,
    *MONEY,
    *BOOKS,
    transfers,
    units_in_stock,
    batches_in_stock,
    recall_api.units,
    recall_api.batches,
    counts,
    cost_closings,
    goods_put_aside,
    figures_of_stock,
    *SETS,
    *STOCK,  # before the catalogue: /products/low-stock is not a product's id
    *CATALOG,
    *BUYING,
    staff,
    invitation_links,
    shop_settings,
    api_keys,
    audit_log,
    sync,
)
