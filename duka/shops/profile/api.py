"""The door to the shop's details and settings."""

from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response

from duka.platform import edge, files, uploads, versions, wire
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import NotFound, StaleVersion, ValidationError, VersionRequired
from duka.platform.openapi import refusals
from duka.platform.uploads import Upload
from duka.platform.wire import Answer
from duka.shops.models import Shop
from duka.shops.phones import PhoneNotValid
from duka.shops.profile import actions, logo
from duka.shops.profile.actions import CurrencyFixed
from duka.shops.profile.rules import ShopTaxIdNotValid
from duka.shops.profile.schemas import LogoOut, LogoSent, ShopEdit, ShopOut, TillSettings
from duka.shops.settings import ShopSettings

router = edge.router("/settings", "settings")

_PICTURE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The picture.", "content": {"image/png": {}, "image/jpeg": {}}}
}


@router.get("", summary="Read the shop's settings")
async def read_settings(ctx: Annotated[Ctx, allow("settings:read")]) -> Answer[ShopOut]:
    """The shop's details and everything its owner decides, defaults included."""
    return Answer(data=await _shown(ctx, await actions.get(ctx)))


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
    return Answer(data=await _shown(ctx, shop), message="Settings changed.")


@router.get("/till", summary="Read what a till needs to know")
async def read_till_settings(ctx: Annotated[Ctx, allow("profile:read")]) -> Answer[TillSettings]:
    """The settings that selling depends on, for everybody who works here: the head of a receipt, how money is taken
    and rounded, and the largest discount the caller's own role may give."""
    shop = await actions.get(ctx)
    settings = ShopSettings.model_validate(shop.settings, context=wire.STORED)
    return Answer(data=TillSettings.model_validate({
        **settings.model_dump(), **_details(shop), "modules": sorted(settings.modules), "shop_id": shop.shop_id,
        "logo": await logo.hash_of(ctx), "discount_ceiling_bp": ctx.discount_ceiling_bp,
    }))  # fmt: skip


@router.get(
    "/logo", summary="Read the shop's logo", response_class=Response, responses={**_PICTURE, **refusals(NotFound)}
)
async def read_logo(ctx: Annotated[Ctx, allow("profile:read")], request: Request) -> Response:
    """The picture as it was sent, with its ETag. The settings name it by `logo`: ask again when that changes."""
    kept = await logo.get(ctx)
    return files.cacheable(request, kept.content, kept.media_type)


@router.put(
    "/logo", summary="Set the shop's logo", openapi_extra=uploads.described(LogoSent),
    responses=refusals(ValidationError),
)  # fmt: skip
async def set_logo(
    ctx: Annotated[Ctx, allow("settings:update")], sent: Annotated[Upload, Depends(uploads.received)]
) -> Answer[LogoOut]:
    """Give the shop a logo, or another one: PNG or JPEG by its content, at most 512 kB and 4,000,000 pixels. Receipts
    and invoices printed from now on carry it, reprints of older ones too."""
    uploads.fields(sent, LogoSent)
    return Answer(data=LogoOut(logo=await logo.put(ctx, sent.data)), message="The logo is set.")


@router.delete("/logo", summary="Remove the shop's logo")
async def remove_logo(ctx: Annotated[Ctx, allow("settings:update")]) -> Answer[LogoOut]:
    """Take the logo off the shop's papers. Repeating it changes nothing."""
    await logo.remove(ctx)
    return Answer(data=LogoOut(), message="The shop has no logo now.")


async def _shown(ctx: Ctx, shop: Shop) -> ShopOut:
    return ShopOut.model_validate({
        **_details(shop), "logo": await logo.hash_of(ctx), "id": shop.shop_id, "slug": shop.slug, "kind": shop.kind,
        "settings": ShopSettings.model_validate(shop.settings, context=wire.STORED), "version": shop.version,
        "created_at": shop.created_at, "updated_at": shop.updated_at,
    })  # fmt: skip


def _details(shop: Shop) -> dict[str, object]:
    names = ("name", "address", "phone", "tax_id", "country", "state_code", "currency", "time_zone")
    return {name: getattr(shop, name) for name in names}
