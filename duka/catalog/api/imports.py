"""Taking in sheets of goods over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from sqlalchemy import select

from duka.catalog import jobs
from duka.catalog.actions import importing, undoing
from duka.catalog.errors import ImportNotFinished, ImportUndone, PresetUnknown
from duka.catalog.import_schemas import ImportAsked, ImportOut
from duka.catalog.models import ImportRun
from duka.platform import edge, uploads
from duka.platform.context import Ctx
from duka.platform.edge import allow
from duka.platform.errors import Forbidden, NotFound, ValidationError
from duka.platform.openapi import refusals
from duka.platform.sheets_limits import (
    CellTooLong,
    ColumnUnknown,
    SheetTooHeavy,
    SheetTooLarge,
    SheetUnreadable,
    TitleMissing,
    TitleTwice,
)
from duka.platform.uploads import Upload
from duka.platform.wire import Answer

router = edge.router("/products/import", "products")


@router.post(
    "", summary="Take in a sheet of goods", openapi_extra=uploads.described(ImportAsked),
    responses={
        202: {"model": Answer[ImportOut], "description": "A job works on it: ask again at Location."},
        **refusals(
            SheetUnreadable, SheetTooLarge, SheetTooHeavy, CellTooLong, ColumnUnknown, TitleTwice, TitleMissing,
            PresetUnknown, ValidationError, Forbidden,
        ),
    },
)  # fmt: skip
async def import_products(
    ctx: Annotated[Ctx, allow("products:import", role="platform")],
    sent: Annotated[Upload, Depends(uploads.received)],
    request: Request,
    response: Response,
) -> Answer[ImportOut]:
    """Takes in goods from CSV or XLSX with titles in the first row, up to 50,000 rows, each a variant.

    A row is about the item with its SKU; else about the one with its reference, its barcode or, where it has no code,
    its name. Blank cells change nothing. Rows with the same name and different `choices` are variants of one product.
    Groups that are missing are made. Wrong rows are left out and reported by their number; the others stand.

    Up to 2,000 rows are done with the answer (200); more are a job's work (202), whose progress is at `Location`.
    With `dry_run` all is tried and reported, and nothing is kept.
    """
    asked = uploads.fields(sent, ImportAsked)
    source = await importing.read(sent.data, sent.filename, asked.columns, asked.preset)
    if len(source.rows) <= importing.ROWS_AT_ONCE:
        run = await importing.take_in(ctx, source, sent.filename, dry_run=asked.dry_run)
        message = f"{run.report['created']} rows new, {run.report['updated']} changed, {run.report['failed']} left out."
    else:
        run = await importing.start(ctx, source, sent.filename, dry_run=asked.dry_run, file=sent.data)
        await jobs.defer_import(ctx, request.app.state.house, run.id)
        response.status_code = 202
        message = "The sheet is being taken in."
    response.headers["Location"] = f"/api/products/import/{run.id}"
    return Answer(data=shown(run), message=message)


@router.get("/{run_id}", summary="Show an import", responses=refusals(NotFound))
async def show_import(ctx: Annotated[Ctx, allow("products:import")], run_id: UUID) -> Answer[ImportOut]:
    """How far an import has come and what became of its rows."""
    run = (await ctx.db.scalars(select(ImportRun).where(ImportRun.id == run_id))).one_or_none()
    if run is None:
        raise NotFound(what="import")
    return Answer(data=shown(run))


@router.post(
    "/{run_id}/undo", summary="Undo an import",
    responses={
        202: {"model": Answer[ImportOut], "description": "A job works on it: ask again at Location."},
        **refusals(ImportNotFinished, ImportUndone, NotFound),
    },
)  # fmt: skip
async def undo_import(
    ctx: Annotated[Ctx, allow("products:import", role="platform")], run_id: UUID, request: Request, response: Response
) -> Answer[ImportOut]:
    """Takes back what an import made and changed. What somebody touched since stays and is counted as `kept`; what
    was sold since is taken off sale. After more than 2,000 rows it is a job's work (202)."""
    run = await undoing.begin_undo(ctx, run_id)
    if run.rows_total > undoing.THINGS_AT_ONCE:
        await jobs.defer_undo(ctx, request.app.state.house, run.id)
        response.status_code = 202
        response.headers["Location"] = f"/api/products/import/{run.id}"
        return Answer(data=shown(run), message="The import is being undone.")
    while run.state == "undoing":
        run = await undoing.undo_some(ctx, run_id)
    return Answer(data=shown(run), message=f"{run.report['undone']} undone, {run.report['kept']} kept.")


def shown(run: ImportRun) -> ImportOut:
    """Show how far an import has come and what it reports."""
    return ImportOut.model_validate({
        **run.report, "id": run.id, "filename": run.filename, "state": run.state, "dry_run": run.dry_run,
        "preset": run.preset, "columns": run.columns, "rows": run.rows_total, "rows_done": run.rows_done,
        "created_at": run.created_at, "finished_at": run.finished_at,
    })  # fmt: skip
