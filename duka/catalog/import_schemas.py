"""The words of importing products on the wire."""

from typing import Literal
from uuid import UUID

from pydantic import (
    Field,
    Json,
)

from duka.platform.uploads import FailedRow
from duka.platform.wire import Body, Moment, ShortText, Shown


class ImportAsked(Body):
    """How a sheet of goods is taken in. `preset` names the system that wrote it (`loyverse`, `square`, `odoo`,
    `vyapar`); left out, it is recognised by the titles, which `none` prevents. `columns` is JSON that names the title
    of a field's column where it differs, or "" to leave the field out; `dry_run` only tries."""

    columns: Json[dict[str, str]] = Field(default_factory=dict)
    preset: ShortText | None = None
    dry_run: bool = False


class PreviewRow(Shown):
    """How one of the first rows was understood."""

    row: int
    outcome: Literal["created", "updated", "unchanged"]
    name: str
    sku: str | None
    price: int | None


class ImportOut(Shown):
    """An import: how far it has come and what became of its rows. `running` means that a job still works on it.

    `preset` is the system that was named or recognised. `columns` says which title each field was read from, `unused`
    which titles were not. The first 20 rows that are right are shown as understood, up to 1,000 that are not with what
    is wrong. After a `dry_run` nothing is kept.
    """

    id: UUID
    filename: str
    state: Literal["running", "done", "failed", "undoing", "undone"]
    dry_run: bool
    preset: str | None
    columns: dict[str, str]
    unused: list[str]
    rows: int
    rows_done: int
    created: int
    updated: int
    unchanged: int
    failed: int
    failed_rows: list[FailedRow]
    preview: list[PreviewRow]
    undone: int
    kept: int
    created_at: Moment
    finished_at: Moment | None
