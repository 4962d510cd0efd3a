"""The words of labels on the wire."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from duka.catalog.actions.coding import CODES_AT_ONCE
from duka.catalog.label_layouts import CodeKind, Paper
from duka.catalog.label_pdf import LABELS_MAX
from duka.platform.wire import AN_ID, Body, Shown, shown_as


class LabelIn(Body):
    """A variant and how many labels of it."""

    variant_id: UUID
    copies: Annotated[int, Field(strict=True, ge=1, le=LABELS_MAX)] = 1


class LabelsIn(Body):
    """Labels to print: at most 2,000. `paper` is a sheet of A4 with 65, 40 or 24 labels, a roll of 58 or 80 mm, or
    labels of 2 by 1 inch. `skip` leaves the first places of a sheet free that was used before.

    `code`: `auto` draws bars where a scanner can read them on this paper, else a QR code. Without a barcode the code is
    the SKU, unless `make_codes` gives the item one first (needs `products:update`).
    """

    model_config = shown_as(items=[{"variant_id": AN_ID, "copies": 10}], paper="a4_65")

    items: Annotated[list[LabelIn], Field(min_length=1, max_length=CODES_AT_ONCE)]
    paper: Paper = "a4_65"
    code: CodeKind = "auto"
    show_name: bool = True
    show_price: bool = True
    show_sku: bool = True
    skip: Annotated[int, Field(strict=True, ge=0, le=64)] = 0
    make_codes: bool = False

    @model_validator(mode="after")
    def _not_too_many(self) -> Self:
        if sum(each.copies for each in self.items) > LABELS_MAX:
            raise ValueError(f"at most {LABELS_MAX} labels in one file")
        return self


class CodesIn(Body):
    """Variants that get a barcode of the shop's own where they have none."""

    model_config = shown_as(variant_ids=[AN_ID])

    variant_ids: Annotated[list[UUID], Field(min_length=1, max_length=CODES_AT_ONCE)]


class CodedOut(Shown):
    """A variant and its barcode. `made` says that it got it just now."""

    variant_id: UUID
    barcode: str
    made: bool
