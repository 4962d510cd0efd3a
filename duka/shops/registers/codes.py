"""Giving registers their codes: one list of names in a shop, and each name once."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import select

from duka.platform import audit, db, events
from duka.platform.context import Ctx
from duka.platform.errors import DukaError, IdempotencyConflict
from duka.platform.ids import new_id
from duka.shops import series
from duka.shops.models import Register, RegisterCode, Shop

_LETTERS: Final = {"installation": "T", "server": "S"}


@dataclass(eq=False)
class CodeTaken(DukaError):
    """The code stands, or stood, in the numbers of another till."""

    text: ClassVar[str] = "The code {register_code} is, or was, another till's. A code is never used twice."
    register_code: str


async def add_register(
    ctx: Ctx, branch_id: UUID, name: str, kind: str, *, code: str | None = None, register_id: UUID | None = None,
    installation_id: UUID | None = None, credential_hash: bytes | None = None,
) -> Register:
    """Add a register with a code for each kind of document, the first one as asked or the next free `T1`, `T2`...

    The shop's row is held meanwhile, so that two tills that register at once get different codes. CodeTaken,
    CodesUsedUp.
    """
    await ctx.db.execute(select(Shop.shop_id).with_for_update(key_share=True))
    taken = frozenset((await ctx.db.scalars(select(RegisterCode.code))).all())
    if code in taken:
        raise CodeTaken(code)
    codes = series.document_codes(code or series.next_code(_LETTERS[kind], taken), taken)
    register = Register(
        shop_id=ctx.shop_id, id=register_id or new_id(), branch_id=branch_id, code=codes["invoice"], name=name,
        kind=kind, installation_id=installation_id, credential_hash=credential_hash, created_at=ctx.now,
        updated_at=ctx.now,
    )  # fmt: skip
    async with db.refusing(ctx, {"pk_registers": IdempotencyConflict}):
        ctx.db.add(register)
    ctx.db.add_all(series.code_rows(ctx.shop_id, register.id, codes))
    facts: dict[str, Any] = {"code": register.code, "name": name, "kind": kind, "branch_id": branch_id}
    audit.record(ctx, "create", "register", register.id, after=facts)
    events.emit(ctx, "register.created", register.id)
    return register
