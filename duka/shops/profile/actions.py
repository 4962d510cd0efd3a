"""What changes the shop: its details and its settings, in one edit."""

from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import select, update

from duka.platform import events, versions
from duka.platform.context import Ctx
from duka.platform.errors import DukaError, Forbidden
from duka.shops import phones
from duka.shops.models import Shop, ShopEntry
from duka.shops.profile import rules
from duka.shops.profile.schemas import ShopEdit
from duka.shops.settings import ShopSettings


@dataclass(eq=False)
class CurrencyFixed(DukaError):
    """Every price and posting is in the shop's currency."""

    text: ClassVar[str] = "The shop's currency is {currency} and cannot be changed. Open another shop for another one."
    currency: str


async def get(ctx: Ctx) -> Shop:
    """Give the context's shop."""
    return (await ctx.db.scalars(select(Shop))).one()


async def edit(ctx: Ctx, body: ShopEdit, version: int | None) -> Shop:
    """Change the shop and its settings; settings that are not named stay. It acts at everybody's next request.

    CurrencyFixed, PhoneNotValid, ShopTaxIdNotValid, StaleVersion, VersionRequired; Forbidden for somebody bound to one
    branch.
    """
    need_the_whole_shop(ctx)
    shop = await get(ctx)
    values = _columns(shop, versions.given(body))
    if await versions.edit(ctx, shop, values, version, "shop"):
        # The installation's own list of shops shows the name where no shop is chosen yet.
        listed = update(ShopEntry).where(ShopEntry.shop_id == ctx.shop_id).values(name=shop.name)
        await ctx.db.execute(listed, execution_options={"synchronize_session": False})
        events.emit(ctx, "shop.updated", ctx.shop_id)
    return shop


def need_the_whole_shop(ctx: Ctx) -> None:
    """Refuse whoever may change settings in one branch only: these are every branch's. Forbidden."""
    if ctx.need("settings:update") != "shop":
        raise Forbidden(permission="settings:update")


def _columns(shop: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    values = dict(asked)
    if values.pop("currency", shop.currency) != shop.currency:
        raise CurrencyFixed(currency=shop.currency)
    if values.get("phone"):
        values["phone"] = phones.e164(values["phone"], shop.country)
    if values.get("tax_id"):
        values["tax_id"] = rules.tax_id(values["tax_id"], shop.country)
    if "state_code" in values or values.get("tax_id"):
        said = values.get("state_code", None if shop.country == "IN" else shop.state_code)
        values["state_code"] = rules.state_of(values.get("tax_id", shop.tax_id), said, shop.country)
    if "settings" in values:
        named: ShopSettings = values["settings"]
        values["settings"] = {**shop.settings, **named.model_dump(mode="json", include=named.model_fields_set)}
    return values
