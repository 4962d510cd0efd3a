"""The number of a customer's identity card: encrypted as long as it lies in the database, shown to few."""

from typing import Final
from uuid import UUID

import structlog

from duka.customers import queries
from duka.customers.models import Customer
from duka.customers.schemas import HIDDEN
from duka.platform.context import Ctx
from duka.platform.vault import Unreadable, Vault

log = structlog.get_logger()
_FIELD: Final = "customers.id_number"


def lock(vault: Vault, shop_id: UUID, customer_id: UUID, number: str) -> bytes:
    """Encrypt the ID number of a customer: the bytes mean nothing on another customer's row."""
    return vault.lock(number, _FIELD, str(shop_id), str(customer_id))


def read(vault: Vault, customer: Customer) -> str | None:
    """Decrypt a customer's ID number; None where they have none, or where the secret it was encrypted with is gone."""
    if customer.id_number is None:
        return None
    try:
        return vault.unlock(customer.id_number, _FIELD, str(customer.shop_id), str(customer.id))
    except Unreadable:
        log.error("id_number_unreadable", customer_id=str(customer.id))
        return None


def shown(ctx: Ctx, vault: Vault, customer: Customer) -> str | None:
    """Give a customer's ID number as the caller may see it: whole with `customers:update` for this
    customer, else hidden signs that only say that there is one."""
    if customer.id_number is None:
        return None
    return (read(vault, customer) if queries.reaches(ctx, customer, "customers:update") else None) or HIDDEN
