"""Editing without overwriting each other: a change says which version it was made from.

A PUT is a merge: an absent field stays as it is, null clears it. Its body is a subclass of `Edit` whose fields that
cannot be empty have the default `kept()`:

    class GroupEdit(versions.Edit):
        name: Name = versions.kept()
        colour: Colour | None = None

    async def edit_group(ctx: ..., group_id: UUID, body: GroupEdit, if_match: versions.IfMatch) -> ...:
        await versions.edit(ctx, row, versions.given(body), versions.of(body, if_match), "group")
"""

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final

from fastapi import Depends, Header
from pydantic import Field
from sqlalchemy import inspect, select, update
from sqlalchemy.orm.attributes import set_committed_value

from duka.platform import audit
from duka.platform.context import Ctx
from duka.platform.errors import NotFound, StaleVersion, ValidationError, VersionRequired
from duka.platform.wire import Body

_TAG: Final = re.compile(r'(?:W/)?"?(\d{1,9})"?')


class Edit(Body):
    """The body of a change. `version` is the one that was read; the header `If-Match` serves as well."""

    version: Annotated[int, Field(strict=True, ge=1, lt=2**31)] | None = None


def kept() -> Any:
    """Give the default of an `Edit`'s field that may be left out but not cleared: null is refused."""
    return Field(default_factory=lambda: None)


def given(body: Edit) -> dict[str, Any]:
    """Give the fields that the change names, without its version."""
    return {name: getattr(body, name) for name in body.model_fields_set if name != "version"}


async def asked_version(
    if_match: Annotated[str | None, Header(description="The version you changed.")] = None,
) -> int | None:
    """Read the version of an `If-Match` header: `3`, `"3"` or `W/"3"`."""
    if if_match is None:
        return None
    tag = _TAG.fullmatch(if_match.strip())
    if tag is None:
        raise ValidationError(fields={"If-Match": ["a version, like 3"]})
    return int(tag[1])


IfMatch = Annotated[int | None, Depends(asked_version)]
"""The version in the request's `If-Match` header, if there is one."""


def of(body: Edit, if_match: int | None) -> int | None:
    """Give the version a change was made from, as the body or the header says. Both may say it, if they agree."""
    if body.version is not None and if_match is not None and body.version != if_match:
        raise ValidationError(fields={"version": ["If-Match says another version."]})
    return if_match if body.version is None else body.version


async def edit(ctx: Ctx, row: Any, changes: Mapping[str, Any], version: int | None, entity: str, *,
               personal: Collection[str] = (), also: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {})) -> bool:
    """Give a `Versioned` row new values if nobody changed it since `version`, and write the audit entry.

    `changes` are column values; those that stand already are left out. `also` tells of changes stored elsewhere that
    belong to the same edit (a price's own row), as they were and as they become. Says whether anything changed; if
    nothing did, the version stays. `row` has the new values afterwards. VersionRequired without a version,
    StaleVersion where another edit came first. Wrap it in `db.refusing` where a constraint may refuse the values.
    """
    if version is None:
        raise VersionRequired
    before, after = audit.changes(row, changes)
    if row.version != version:
        raise StaleVersion(current_version=row.version)
    if not after and not also[1]:
        return False
    model = type(row)
    new = {**after, "version": version + 1, "updated_at": ctx.now}
    mine = (model.shop_id == ctx.shop_id, *(key == value for key, value in _key_of(row)))
    guarded = update(model).where(*mine, model.version == version).values(new).returning(model.version)
    changed = await ctx.db.execute(guarded, execution_options={"synchronize_session": False})
    if changed.scalar_one_or_none() is None:
        current = (await ctx.db.execute(select(model.version).where(*mine))).scalar_one_or_none()
        raise NotFound(what=entity) if current is None else StaleVersion(current_version=current)
    for name, value in new.items():
        set_committed_value(row, name, value)
    audit.record(ctx, "update", entity, inspect(row).identity[-1], before={**before, **also[0]},
                 after={**after, **also[1]}, personal=personal)
    return True


def _key_of(row: Any) -> list[tuple[Any, Any]]:
    """Give the row's key columns besides the shop with their values; a shop's own row has none."""
    model = type(row)
    names = [column.key for column in inspect(model).primary_key if column.key != "shop_id"]
    return [(getattr(model, name), getattr(row, name)) for name in names]
