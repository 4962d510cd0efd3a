"""Customers from a sheet: what another system or a paper book knew of them."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BeforeValidator, Field, TypeAdapter

from duka.customers import actions, queries
from duka.customers.actions import CustomerExists, ExternalRefTaken
from duka.customers.rules import TaxIdNotValid
from duka.customers.schemas import (
    BornOn,
    CustomerEdit,
    CustomerIn,
    Email,
    Gender,
    Phone,
    StateCode,
    Tags,
    TaxId,
    Type,
)
from duka.platform import sheets
from duka.platform.context import Ctx
from duka.platform.errors import DukaError, ValidationError
from duka.platform.sheets import FlagCell, MoneyCell
from duka.platform.sheets_limits import SheetTooLarge
from duka.platform.uploads import FailedRow, SheetReport
from duka.platform.wire import Body, Code, LongText, Name, ShortText
from duka.shops.phones import PhoneNotValid

ROWS_MAX: Final = 5_000
FAILED_SHOWN_MAX: Final = 200

WANTED: Final[Mapping[str, Sequence[str]]] = {
    "name": ("customer", "customer name", "full name", "display name"),
    "phone": ("mobile", "phone number", "mobile number", "telephone", "contact"),
    "email": ("mail", "email address"),
    "address": ("billing address", "street"),
    "state_code": ("state", "place of supply"),
    "tax_id": ("tax number", "gstin", "tin", "vat number", "gst number"),
    "type": ("customer type", "kind"),
    "tags": ("labels", "groups"),
    "credit_limit": ("limit",),
    "born_on": ("birthday", "date of birth"),
    "gender": ("sex",),
    "notes": ("note", "remarks", "comment"),
    "external_ref": ("external reference", "reference", "customer number", "customer code", "code"),
    "active": ("enabled",),
}
"""The fields an import reads, each with other titles that sheets give it."""


def _split(cell: object) -> object:
    return [tag.strip() for tag in cell.split(",") if tag.strip()] if isinstance(cell, str) else cell


def _lower(cell: object) -> object:
    return cell.lower() if isinstance(cell, str) else cell


class CustomerRow(Body):
    """One row of the sheet. A blank cell leaves what is known as it is."""

    name: Name
    phone: Phone | None = None
    email: Email | None = None
    address: ShortText = ""
    state_code: StateCode | None = None
    tax_id: TaxId | None = None
    type: Annotated[Type, BeforeValidator(_lower)] = "retail"
    tags: Annotated[Tags, BeforeValidator(_split)] = []  # noqa: RUF012 - pydantic copies it
    credit_limit: Annotated[MoneyCell, Field(ge=0)] = 0
    born_on: BornOn | None = None
    gender: Annotated[Gender, BeforeValidator(_lower)] | None = None
    notes: LongText = ""
    external_ref: Code | None = None
    active: FlagCell = True


_ROW: Final = TypeAdapter(CustomerRow)
_CELL_OF: Final[Mapping[type[DukaError], str]] = {
    PhoneNotValid: "phone", TaxIdNotValid: "tax_id", ExternalRefTaken: "external_ref",
}  # fmt: skip


async def take_in(
    ctx: Ctx, data: bytes, filename: str | None, chosen: Mapping[str, str], *, dry_run: bool
) -> SheetReport:
    """Register the customers of a sheet (CSV or XLSX) and say what became of each row.

    A row whose phone or external reference is known changes that customer; blank cells change nothing. A row that is
    wrong is reported and left out, the others stand. `chosen` names columns for fields where the titles do not tell.
    `dry_run` does it all and stores nothing. Errors: those of `sheets.read` and `sheets.map_columns`; SheetTooLarge
    beyond 5,000 rows; ValidationError where no column holds the name.
    """
    columns, rows = await asyncio.to_thread(_read, data, filename, chosen)
    created = updated = unchanged = 0
    failed: list[FailedRow] = []
    async with ctx.db.begin_nested() as everything:
        for row in rows:
            outcome = await _one(ctx, sheets.pick(row.cells, columns))
            created += outcome == "created"
            updated += outcome == "updated"
            unchanged += outcome == "unchanged"
            if isinstance(outcome, dict):
                failed.append(FailedRow(row=row.number, problems=outcome))
        if dry_run:
            await everything.rollback()
    return SheetReport(
        rows=len(rows), created=created, updated=updated, unchanged=unchanged, failed=len(failed),
        failed_rows=failed[:FAILED_SHOWN_MAX], columns=columns, dry_run=dry_run,
    )  # fmt: skip


def _read(data: bytes, filename: str | None, chosen: Mapping[str, str]) -> tuple[dict[str, str], list[sheets.Row]]:
    sheet = sheets.read(data, filename)
    columns = sheets.map_columns(sheet.titles, WANTED, chosen)
    if "name" not in columns:
        raise ValidationError(fields={"columns.name": ["Say which column holds the customer's name."]})
    rows = list(islice(sheet.rows, ROWS_MAX + 1))
    if len(rows) > ROWS_MAX:
        raise SheetTooLarge(limit_rows=ROWS_MAX)
    return columns, rows


async def _one(ctx: Ctx, cells: Mapping[str, str]) -> str | dict[str, list[str]]:
    """Take in one row: `created`, `updated` or `unchanged`, or what is wrong with it by field."""
    row = sheets.parse_row(_ROW, cells, ctx.currency, ctx.caller.language)
    if isinstance(row, dict):
        return row
    try:
        return await _store(ctx, row.model_dump(exclude_unset=True))
    except ValidationError as wrong:
        return wrong.fields
    except DukaError as refusal:
        return {_CELL_OF.get(type(refusal), "row"): [refusal.message(ctx.caller.language)]}


async def _store(ctx: Ctx, given: Mapping[str, Any]) -> str:
    details = {name: value for name, value in given.items() if name != "active"}
    try:
        customer = (await actions.register(ctx, CustomerIn(**details))).customer
    except (CustomerExists, ExternalRefTaken) as known:
        if known.customer_id is None:
            raise
        return await _change(ctx, known.customer_id, given)
    if not given.get("active", True):
        await actions.edit(ctx, customer.id, CustomerEdit(active=False), customer.version)
    return "created"


async def _change(ctx: Ctx, customer_id: UUID, given: Mapping[str, Any]) -> str:
    ctx.need("customers:update")
    standing = await queries.get(ctx, customer_id, "customers:update")
    version = standing.version
    edited = await actions.edit(ctx, customer_id, CustomerEdit(**given), version)
    return "unchanged" if edited.version == version else "updated"
