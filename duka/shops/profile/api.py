"""The door to the shop's details and settings."""

from typing import Annotated

from duka.platform import edge, versions, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import StaleVersion, VersionRequired
from duka.platform.openapi import refusals
from duka.platform.wire import Answer
from duka.shops.models import Shop
from duka.shops.phones import PhoneNotValid
from duka.shops.profile import actions
from duka.shops.profile.actions import CurrencyFixed
from duka.shops.profile.rules import ShopTaxIdNotValid
from duka.shops.profile.schemas import ShopEdit, ShopOut, TillSettings
from duka.shops.settings import ShopSettings

router = edge.router("/settings", "settings")


@router.get("", summary="Read the shop's settings")
async def read_settings(ctx: Annotated[Ctx, allow("settings:read")]) -> Answer[ShopOut]:
    """The shop's details and everything its owner decides, defaults included."""
    return Answer(data=_shown(await actions.get(ctx)))


@router.put(
    "", summary="Change the shop's settings",
    responses=refusals(CurrencyFixed, PhoneNotValid, ShopTaxIdNotValid, StaleVersion, VersionRequired),
)  # fmt: skip
async def edit_settings(
    ctx: Annotated[Ctx, allow("settings:update", role="platform")], body: ShopEdit, if_match: versions.IfMatch
) -> Answer[ShopOut]:
    """Change the shop's details or settings: what is not named stays, also inside `settings`. It acts at everybody's
    next request. The currency is fixed when a shop is founded."""
    shop = await actions.edit(ctx, body, versions.of(body, if_match))
    return Answer(data=_shown(shop), message="Settings changed.")


@router.get("/till", summary="Read what a till needs to know")
async def read_till_settings(ctx: Annotated[Ctx, allow("profile:read")]) -> Answer[TillSettings]:
    """The settings that selling depends on, for everybody who works here: the head of a receipt, how money is taken
    and rounded, and the largest discount the caller's own role may give."""
    shop = await actions.get(ctx)
    settings = ShopSettings.model_validate(shop.settings, context=wire.STORED)
    return Answer(data=TillSettings.model_validate({
        **settings.model_dump(), **_details(shop), "modules": sorted(settings.modules), "shop_id": shop.shop_id,
        "discount_ceiling_bp": ctx.discount_ceiling_bp,
    }))  # fmt: skip


def _shown(shop: Shop) -> ShopOut:
    return ShopOut.model_validate({
        **_details(shop), "id": shop.shop_id, "slug": shop.slug, "kind": shop.kind,
        "settings": ShopSettings.model_validate(shop.settings, context=wire.STORED), "version": shop.version,
        "created_at": shop.created_at, "updated_at": shop.updated_at,
    })  # fmt: skip


def _details(shop: Shop) -> dict[str, object]:
    names = ("name", "address", "phone", "tax_id", "country", "state_code", "currency", "time_zone")
    return {name: getattr(shop, name) for name in names}
