"""Making, moving and removing groups."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select, update

from duka.catalog import tree
from duka.catalog.errors import GroupInsideItself, GroupNameTaken, GroupNotEmpty, GroupTooDeep, TooManyGroups
from duka.catalog.models import Group, Product
from duka.catalog.schemas import GroupIn
from duka.platform import audit, db, events, versions
from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.platform.ids import new_id
from duka.platform.models import OutboxEvent
from duka.platform.writes import Writes

GROUPS_MAX: Final = 1_000


async def add_group(ctx: Ctx, asked: GroupIn) -> Group:
    """Make a group.

    NotFound for a parent that the shop does not have, GroupTooDeep below the fifth level, GroupNameTaken where the
    place has one of that name.
    """
    parents = await _lock_tree(ctx)
    if len(parents) >= GROUPS_MAX:
        raise TooManyGroups(limit=GROUPS_MAX)
    _check_place(parents, asked.parent_id, height=1)
    fields = asked.model_dump(exclude={"id"})
    group = Group(shop_id=ctx.shop_id, id=asked.id or new_id(), created_at=ctx.now, updated_at=ctx.now, version=1,
                  **fields)
    async with db.refusing(ctx, {"uq_groups_name": lambda: GroupNameTaken(name=asked.name)}):
        ctx.db.add(group)
    audit.record(ctx, "create", "group", group.id, after=fields)
    events.emit(ctx, "group.created", group.id)
    return group


async def edit_group(ctx: Ctx, group_id: UUID, changes: Mapping[str, Any], version: int | None) -> Group:
    """Change a group or move it with everything below it. GroupInsideItself where it would stand in itself."""
    parents: tree.Parents = await _lock_tree(ctx) if "parent_id" in changes else {}
    group = await _get(ctx, group_id)
    if "parent_id" in changes:
        if changes["parent_id"] in parents and tree.is_within(parents, changes["parent_id"], group_id):
            raise GroupInsideItself
        _check_place(parents, changes["parent_id"], height=tree.height(parents, group_id))
    async with db.refusing(ctx, {"uq_groups_name": lambda: GroupNameTaken(name=changes.get("name", group.name))}):
        changed = await versions.edit(ctx, group, changes, version, "group")
    if changed:
        events.emit(ctx, "group.updated", group_id)
    return group


async def delete_group(ctx: Ctx, group_id: UUID, move_to: UUID | None) -> None:
    """Remove a group. What it holds goes to `move_to` first; GroupNotEmpty where it holds something and that is not
    said."""
    parents = await _lock_tree(ctx)
    group = await _get(ctx, group_id)
    products = await _count(ctx, select(func.count()).select_from(Product).where(Product.group_id == group_id))
    below = [each for each, parent in parents.items() if parent == group_id]
    if move_to is not None:
        await _empty(ctx, parents, group_id, move_to, below)
    elif products or below:
        raise GroupNotEmpty(products=products, groups=len(below))
    async with db.refusing(ctx, {"fk_products_group_id": lambda: GroupNotEmpty(products=1)}):
        await ctx.db.execute(delete(Group).where(Group.id == group_id))
    moved = {"moved_to": move_to, "products": products, "groups": len(below)} if move_to else None
    audit.record(ctx, "delete", "group", group_id, before={"name": group.name}, after=moved)
    events.emit(ctx, "group.deleted", group_id, {"moved_to": str(move_to)} if move_to else {})


async def _empty(ctx: Ctx, parents: tree.Parents, group_id: UUID, move_to: UUID, below: list[UUID]) -> None:
    """Move a group's products and the groups below it to another group."""
    if move_to not in parents:
        raise NotFound(what="group")
    if tree.is_within(parents, move_to, group_id):
        raise GroupInsideItself
    for each in below:
        _check_place(parents, move_to, height=tree.height(parents, each))
    dated = {"updated_at": ctx.now}
    goods = update(Product).where(Product.group_id == group_id)
    goods = goods.values(group_id=move_to, version=Product.version + 1, **dated).returning(Product.id)
    groups = update(Group).where(Group.parent_id == group_id)
    groups = groups.values(parent_id=move_to, version=Group.version + 1, **dated).returning(Group.id)
    unsynchronized = {"synchronize_session": False}
    moved = [("product.updated", each) for each in await ctx.db.scalars(goods, execution_options=unsynchronized)]
    async with db.refusing(ctx, {"uq_groups_name": lambda: GroupNameTaken(name="")}):
        found = await ctx.db.scalars(groups, execution_options=unsynchronized)
        moved += [("group.updated", each) for each in found]
    writes = Writes(ctx)
    writes.insert(OutboxEvent, [events.entry(ctx, event, each) for event, each in moved])
    await writes.send()


async def _lock_tree(ctx: Ctx) -> dict[UUID, UUID | None]:
    """Read the tree and keep others from moving its groups, so that two moves cannot close a circle."""
    rows = await ctx.db.execute(select(Group.id, Group.parent_id).order_by(Group.id).with_for_update(key_share=True))
    return {row.id: row.parent_id for row in rows}


def _check_place(parents: tree.Parents, parent_id: UUID | None, *, height: int) -> None:
    if parent_id is not None and parent_id not in parents:
        raise NotFound(what="group")
    if tree.depth(parents, parent_id) + height > tree.DEPTH_MAX:
        raise GroupTooDeep


async def _get(ctx: Ctx, group_id: UUID) -> Group:
    group = (await ctx.db.scalars(select(Group).where(Group.id == group_id))).one_or_none()
    if group is None:
        raise NotFound(what="group")
    return group


async def _count(ctx: Ctx, query: Any) -> int:
    count: int = (await ctx.db.execute(query)).scalar_one()
    return count
