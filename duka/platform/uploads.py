"""Files that people send, with the few fields beside them.

    Sent = Annotated[Upload, Depends(uploads.received)]

    @router.post("/import", openapi_extra=uploads.described(ImportAsked))
    async def take_in(ctx: Annotated[Ctx, allow("...:import")], sent: Sent) -> ...:
        asked = uploads.fields(sent, ImportAsked)

The context comes first in the signature: a stranger's file is not taken apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import pydantic
from fastapi import Request
from pydantic import Field, Json
from starlette.datastructures import UploadFile

from duka.platform.errors import ValidationError
from duka.platform.mistakes import in_words
from duka.platform.wire import Body, Shown

B = TypeVar("B", bound=Body)

_FIELDS_MAX: Final = 20
_NEEDED: Final = "Send a file as multipart/form-data, in the field file."


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it was sent, and the texts of the form's other fields."""

    data: bytes
    filename: str | None
    texts: Mapping[str, str]


class ImportAsked(Body):
    """How a sheet is taken in. `columns` is JSON that names the title of a field's column where it differs;
    `dry_run` checks everything and stores nothing."""

    columns: Json[dict[str, str]] = Field(default_factory=dict)
    """The title in the sheet by the field it is read into, as JSON: `{"sku": "Item code", "price": "Cost"}`. Left out,
    known titles are found; the answer's `columns` says which."""
    dry_run: bool = False
    """Check every row and store nothing."""


class FailedRow(Shown):
    """A row of a sheet that was left out: its number as people see it, and what is wrong by field (`row`: as a
    whole)."""

    row: int
    problems: dict[str, list[str]]


class SheetReport(Shown):
    """What became of a sheet. `columns` says which title each field was read from; up to 200 refused rows are listed.
    After a `dry_run` nothing is stored."""

    rows: int
    created: int
    updated: int
    unchanged: int
    failed: int
    failed_rows: list[FailedRow]
    columns: dict[str, str]
    dry_run: bool


async def received(request: Request) -> Upload:
    """Take the file out of a form. ValidationError when there is none, or more than one."""
    async with request.form(max_files=1, max_fields=_FIELDS_MAX) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise ValidationError(fields={"file": [_NEEDED]})
        texts = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        return Upload(await file.read(), file.filename, texts)


def fields(sent: Upload, model: type[B]) -> B:
    """Check the fields beside the file. ValidationError by field."""
    try:
        return model.model_validate(sent.texts)
    except pydantic.ValidationError as refused:
        wrong: dict[str, list[str]] = {}
        for problem in refused.errors(include_url=False, include_input=False):
            wrong.setdefault(".".join(map(str, problem["loc"])), []).append(in_words(problem, "en"))
        raise ValidationError(fields=wrong) from None


def described(model: type[Body]) -> dict[str, Any]:
    """Describe such a form, for `openapi_extra=` of the route."""
    schema = model.model_json_schema()
    schema["properties"] = {"file": {"type": "string", "format": "binary"}, **schema.get("properties", {})}
    schema["required"] = ["file", *schema.get("required", [])]
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
