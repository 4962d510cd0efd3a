"""What is asked about registers: they are shown with their codes and series."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, false, func, or_, select

from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.shops.models import Register, RegisterCode, Series
from duka.shops.registers.schemas import HoleOut, RegisterOut, SeriesOut

SORTS: Final[dict[str, Any]] = {
    "code": Register.code, "name": func.lower(Register.name), "created_at": Register.created_at,
}  # fmt: skip
_SERIES_MAX: Final = 100
"""Series shown of one register, the newest first: three kinds and a year each."""


@dataclass(eq=False)
class RegisterNotFound(NotFound):
    """The shop has no such register, or it is in a branch that the caller does not work in."""

    what: str = "till"


def registers(ctx: Ctx, permission: str = "registers:read") -> Select[Register]:
    """Select the registers that a permission of the caller reaches."""
    scope = ctx.permissions.get(permission)
    query = select(Register)
    if scope == "shop":
        return query
    return query.where(false() if scope is None else Register.branch_id == ctx.branch_id)


async def register(ctx: Ctx, register_id: UUID, permission: str = "registers:read") -> Register:
    """Give one register that the caller may reach under `permission`. RegisterNotFound."""
    found = (await ctx.db.scalars(registers(ctx, permission).where(Register.id == register_id))).one_or_none()
    if found is None:
        raise RegisterNotFound
    return found


def listed(ctx: Ctx, q: str | None, branch_id: UUID | None, open_only: bool | None) -> Select[Register]:
    """Select the registers of a list; `q` is part of a name or code."""
    query = registers(ctx)
    if branch_id is not None:
        query = query.where(Register.branch_id == branch_id)
    if open_only is not None:
        query = query.where(Register.closed_at.is_(None) if open_only else Register.closed_at.is_not(None))
    if q:
        texts = (Register.name, Register.code)
        query = query.where(or_(*(text.icontains(q, autoescape=True) for text in texts)))
    return query


async def shown(ctx: Ctx, rows: Sequence[Register]) -> list[RegisterOut]:
    """Give registers as they are shown, with their codes and series."""
    ids = [row.id for row in rows]
    codes: dict[UUID, dict[str, str]] = defaultdict(dict)
    for code in await ctx.db.scalars(select(RegisterCode).where(RegisterCode.register_id.in_(ids))):
        codes[code.register_id][code.kind] = code.code
    series: dict[UUID, list[SeriesOut]] = defaultdict(list)
    newest = select(Series).where(Series.register_id.in_(ids)).order_by(Series.financial_year.desc(), Series.code)
    for each in await ctx.db.scalars(newest):
        if len(series[each.register_id]) < _SERIES_MAX:
            series[each.register_id].append(_series(each))
    return [_register(ctx, row, codes[row.id], series[row.id]) for row in rows]


def _register(ctx: Ctx, row: Register, codes: dict[str, str], series: list[SeriesOut]) -> RegisterOut:
    # Whoever logs in under a till's installation id gets what checks the PINs of those who work there.
    installation_id = row.installation_id if ctx.may("registers:update") else None
    return RegisterOut(
        id=row.id, branch_id=row.branch_id, code=row.code, codes=codes, name=row.name,
        kind="server" if row.kind == "server" else "installation", installation_id=installation_id,
        has_credential=row.credential_hash is not None, replaced_at=row.replaced_at, closed_at=row.closed_at,
        series=series, version=row.version, created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip


def _series(row: Series) -> SeriesOut:
    hole = None if row.declared_hole is None else HoleOut.model_validate(row.declared_hole)
    return SeriesOut.model_validate({
        "id": row.id, "kind": row.kind, "code": row.code, "financial_year": row.financial_year,
        "highest_seen": row.highest_seen, "complete_to": row.complete_to, "head_hash": row.head_hash.hex(),
        "closed_at": row.closed_at, "declared_hole": hole,
    })  # fmt: skip
