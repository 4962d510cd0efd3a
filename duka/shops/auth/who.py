"""Who I am in the shop I am in."""

from sqlalchemy import select

from duka.platform.context import Ctx
from duka.shops.auth.schemas import AccountOut, ShopOut, WhoOut
from duka.shops.models import Account, Role, Shop, Staff


async def am_i(ctx: Ctx) -> WhoOut:
    """Give the caller's account, shop, role and permissions, in a transaction of the platform role."""
    shop = (await ctx.db.scalars(select(Shop))).one()
    account = await ctx.db.get(Account, ctx.account_id) if ctx.account_id else None
    role = (
        await ctx.db.execute(
            select(Role.name, Role.preset).join(Staff, Staff.role_id == Role.id).where(Staff.id == ctx.staff_id)
        )
    ).one_or_none()
    return WhoOut(
        account=AccountOut.model_validate(account) if account else None,
        shop=ShopOut(
            id=shop.shop_id, name=shop.name, slug=shop.slug, kind=shop.kind, country=shop.country,
            state_code=shop.state_code, currency=shop.currency, time_zone=shop.time_zone,
        ),
        staff_id=ctx.staff_id, staff_name=ctx.staff_name, role=role.name if role else None,
        preset=role.preset if role else None, branch_id=ctx.branch_id, permissions=dict(ctx.permissions),
        discount_ceiling_bp=ctx.discount_ceiling_bp,
    )  # fmt: skip
