"""To name who opened, moved or counted, where it is not the caller: a claim of the register, checked here."""

from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import UUID

from duka.platform.context import Ctx
from duka.platform.errors import NotFound
from duka.platform.reads import Reads


@dataclass(eq=False)
class PersonUnknown(NotFound):
    """The shop has no such member of staff, or the caller acts only in their own name."""

    damaged: ClassVar[bool] = True
    what: str = "member of staff"


_PERSON: Final = "SELECT id FROM staff WHERE shop_id = %(shop)s AND id = %(person)s"


async def named(ctx: Ctx, claimed_id: UUID | None, permission: str) -> UUID | None:
    """Give who did it: the caller, or whom they name. PersonUnknown.

    Whoever works here or did once may be named: a document may be older than what became of them.
    """
    if claimed_id is None or claimed_id == ctx.staff_id:
        return ctx.staff_id
    reads = Reads(ctx)
    reads.ask("person", _PERSON, person=claimed_id)
    if ctx.permissions.get(permission) == "own" or not (await reads.send())["person"]:
        raise PersonUnknown
    return claimed_id
