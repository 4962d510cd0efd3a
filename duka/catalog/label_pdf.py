"""Labels as PDF or as pictures: names, prices and codes on sheets and rolls."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Final

from duka.catalog.label_layouts import PAPERS, CodeKind, LabelPaper, Paper, Symbology, module_um, symbology_of
from duka.platform import typesetting
from duka.platform.errors import DukaError

LABELS_MAX: Final = 2_000
"""Labels that one file holds."""

_REMEMBERED_LABELS: Final = 200
_WIDTH: Final = re.compile(r'<svg width="(\d+)"')
_TEMPLATE: Final = Path(__file__).parent / "templates" / "labels.typ"


@dataclass(eq=False)
class CodeTooLong(DukaError):
    """The bars of a code would be too fine on this label for a scanner to read."""

    text: ClassVar[str] = "The code {barcode} is too long for bars on this label. Choose a larger label, or a QR code."
    barcode: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a label: `code` is what its bars or its QR code say; empty texts are left out."""

    code: str
    name: str = ""
    price: str = ""
    words: str = ""
    copies: int = 1


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """Labels to print: on which paper, with which kind of code, leaving the first `skip` places of a sheet free."""

    labels: Sequence[Label]
    paper: Paper
    code: CodeKind = "auto"
    skip: int = 0


def render(sheet: LabelSheet) -> bytes:
    """Make the PDF. The same labels give the same bytes. CodeTooLong."""
    return typesetting.typeset(_files(sheet), "pdf", forget=_is_large(sheet))[0]


def draw(sheet: LabelSheet, dots_per_inch: int = 203) -> list[bytes]:
    """Make a PNG of each page: for previews, and for label printers that print pictures. CodeTooLong."""
    return typesetting.typeset(_files(sheet), "png", dots_per_inch, forget=_is_large(sheet))


def _is_large(sheet: LabelSheet) -> bool:
    return sum(label.copies for label in sheet.labels) > _REMEMBERED_LABELS


def _files(sheet: LabelSheet) -> Any:
    paper = PAPERS[sheet.paper]
    files: dict[str, bytes] = {"main.typ": _TEMPLATE.read_bytes()}
    shown: list[dict[str, Any]] = []
    for label in sheet.labels:
        picture = _picture(label.code, paper, sheet.code)
        name = f"{len(files)}.svg"
        files[name] = picture.svg
        one = {
            "code": label.code, "name": label.name, "price": label.price, "words": label.words, "picture": name,
            "square": picture.square, "picture_width": picture.width_um,
        }  # fmt: skip
        shown += [one] * label.copies
    told = {
        "title": "Labels", "fonts": typesetting.families(), "pages": _pages(shown, paper, sheet.skip),
        "paper": {
            "page_width": paper.page_width_um, "page_height": paper.page_height_um, "label_width": paper.width_um,
            "label_height": paper.height_um, "quiet": paper.quiet_um, "points": paper.text_points,
            "name_lines": paper.name_lines,
        },
    }  # fmt: skip
    files["data.json"] = json.dumps(told, ensure_ascii=False).encode()
    return files


def _pages(shown: Sequence[dict[str, Any]], paper: LabelPaper, skip: int) -> list[list[dict[str, Any]]]:
    """Give each label its place, page by page."""
    pages: list[list[dict[str, Any]]] = []
    for number, one in enumerate(shown, skip % paper.labels):
        at = number % paper.labels
        if at == 0 or not pages:
            pages.append([])
        left, top = paper.place(at)
        pages[-1].append({**one, "left": left, "top": top})
    return pages


@dataclass(frozen=True, slots=True)
class _Picture:
    """A drawn code; `width_um` of its bars, without their white edges. A square one takes the height there is."""

    svg: bytes
    width_um: int = 0
    square: bool = False


@lru_cache(maxsize=2_000)
def _picture(text: str, paper: LabelPaper, wanted: CodeKind) -> _Picture:
    symbology: Symbology = "qr" if wanted == "qr" else symbology_of(text)
    if symbology != "qr":
        svg = _drawn(text, symbology)
        modules = _WIDTH.search(svg)
        assert modules is not None
        wide = module_um(paper, symbology, int(modules[1]))
        if wide is not None:
            return _Picture(svg.encode(), wide * int(modules[1]))
    if wanted == "barcode":
        raise CodeTooLong(barcode=text)
    return _Picture(_drawn(text, "qr").encode(), square=True)


def _drawn(text: str, symbology: Symbology) -> str:
    """Draw a code as SVG, a module one unit wide."""
    import zxingcpp  # noqa: PLC0415 - only who prints codes needs it

    formats = {
        "ean13": zxingcpp.BarcodeFormat.EAN13, "ean8": zxingcpp.BarcodeFormat.EAN8, "upca": zxingcpp.BarcodeFormat.UPCA,
        "code128": zxingcpp.BarcodeFormat.Code128, "qr": zxingcpp.BarcodeFormat.QRCode,
    }  # fmt: skip
    if symbology == "qr":
        return str(zxingcpp.create_barcode(text, formats["qr"], ec_level="M").to_svg(add_quiet_zones=True))
    if symbology == "ean13":
        text = text[-13:]
    return str(zxingcpp.create_barcode(text, formats[symbology]).to_svg(add_quiet_zones=False))
