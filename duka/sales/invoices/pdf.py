"""The paper a customer takes home: invoice, credit note, quotation or till receipt, as PDF or as pictures.

Everything a person typed reaches the templates as data, never as template text, so nothing in a product's name
can run or break the page. The fonts are the packaged Noto families (any installed package of the entry point
group `fontpkg.family`), not the machine's, so every server prints the same.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from duka.platform import printing, typesetting
from duka.platform.errors import DukaError
from duka.sales.invoices.texts import set_out
from duka.sales.invoices.view import LINES_MAX, QR_BYTES_MAX, InvoiceView

_TEMPLATES: Final = Path(__file__).parent / "templates"
_LINES_REMEMBERED: Final = 50
"""Lines up to which remembering a document is worth its memory: the next one is then twice as quick."""


@dataclass(eq=False)
class QrTextTooLong(DukaError):
    """The text does not fit a QR code that a phone still reads from paper."""

    text: ClassVar[str] = "A QR code holds at most {limit_bytes} bytes."
    limit_bytes: int = QR_BYTES_MAX


def render(view: InvoiceView) -> bytes:
    """Make the PDF of a document. The same view gives the same bytes.

    Raises `QrTextTooLong`; KeyError for a currency Duka does not know. A logo that can't be opened is left out.
    """
    return _compile(view, "pdf", dots_per_inch=None)[0]


def draw(view: InvoiceView, dots_per_inch: int = 144) -> list[bytes]:
    """Make a PNG of each page: for previews, and for till printers that print pictures (203 dots per inch)."""
    return _compile(view, "png", dots_per_inch)


def _compile(view: InvoiceView, form: Literal["pdf", "png"], dots_per_inch: int | None) -> list[bytes]:
    return typesetting.typeset(_files(view), form, dots_per_inch, forget=len(view.lines) > _LINES_REMEMBERED)


@lru_cache(maxsize=2)
def _templates(layout: str) -> dict[str, bytes]:
    """Read a template and what it shares with the other papers."""
    return {"main.typ": (_TEMPLATES / layout).read_bytes(), "common.typ": printing.SHARED.read_bytes()}


def _files(view: InvoiceView) -> Any:
    """Lay out what the compiler reads, all in memory: the template, its data, the logo, the QR code.

    Typed `Any` because typst's own annotations leave out the dictionary of files that its manual describes.
    """
    assert len(view.lines) <= LINES_MAX
    paper = set_out(view)
    paper["fonts"] = typesetting.families()
    files = {**_templates("a4.typ" if view.layout == "a4" else "roll.typ")}
    printing.place_logo(paper, files, view.shop.logo)
    if view.qr:
        paper["qr"] = "qr.svg"
        files["qr.svg"] = _qr(view.qr)
    files["data.json"] = json.dumps(paper, ensure_ascii=False).encode()
    return files


def _qr(text: str) -> bytes:
    """Draw a QR code as SVG, with its quiet zone."""
    encoded = text.encode("utf-8", "ignore")
    if len(encoded) > QR_BYTES_MAX:
        raise QrTextTooLong
    import zxingcpp  # noqa: PLC0415 - only papers with a code need it

    code = zxingcpp.create_barcode(encoded.decode(), zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return str(code.to_svg(add_quiet_zones=True)).encode()
