"""The paper a customer takes home: invoice, credit note, quotation or till receipt, as PDF or as pictures.

Everything a person typed reaches the templates as data, never as template text, so nothing in a product's name
can run or break the page. The fonts are the packaged Noto families (any installed package of the entry point
group `fontpkg.family`), not the machine's, so every server prints the same.
"""

import json
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from duka.platform import typesetting
from duka.platform.errors import DukaError
from duka.sales.invoice_paper import set_out
from duka.sales.invoice_view import LINES_MAX, LOGO_BYTES_MAX, QR_BYTES_MAX, InvoiceView

_TEMPLATES: Final = Path(__file__).parent / "templates"
_LOGO_PIXELS_MAX: Final = 4_000_000
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
    """Read a template and what it shares with the other one."""
    return {"main.typ": (_TEMPLATES / layout).read_bytes(), "common.typ": (_TEMPLATES / "common.typ").read_bytes()}


def _files(view: InvoiceView) -> Any:
    """Lay out what the compiler reads, all in memory: the template, its data, the logo, the QR code.

    Typed `Any` because typst's own annotations leave out the dictionary of files that its manual describes.
    """
    assert len(view.lines) <= LINES_MAX
    paper = set_out(view)
    paper["fonts"] = typesetting.families()
    files = {**_templates("a4.typ" if view.layout == "a4" else "roll.typ")}
    if view.shop.logo is not None and (size := printable_size(view.shop.logo)):
        paper["logo"], paper["logo_ratio"] = "logo.svg", size[0] / size[1]
        files["logo.svg"] = _framed(view.shop.logo, *size)
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


def printable_size(logo: bytes) -> tuple[int, int] | None:
    """Give width and height of a logo that can be printed, else None: a whole PNG or JPEG, of sane size.

    The size is read from the file's head before anything unpacks it: a small file can hold a huge picture.
    """
    size = _png_size(logo) or _jpeg_size(logo)
    if size is None or len(logo) > LOGO_BYTES_MAX or not 0 < size[0] * size[1] <= _LOGO_PIXELS_MAX:
        return None
    import typst  # noqa: PLC0415 - 78 MB that a process which prints nothing should not load

    alone: Any = {"main.typ": b'#image("logo.svg", width: 1cm)', "logo.svg": _framed(logo, *size)}
    try:
        typesetting.compiler().compile(input=alone, format="pdf")
    except typst.TypstError:
        return None
    return size


def _png_size(logo: bytes) -> tuple[int, int] | None:
    if not logo.startswith(b"\x89PNG\r\n\x1a\n") or len(logo) < 24:
        return None
    return int.from_bytes(logo[16:20]), int.from_bytes(logo[20:24])


def _jpeg_size(logo: bytes) -> tuple[int, int] | None:
    at = 2 if logo.startswith(b"\xff\xd8\xff") else len(logo)
    while at + 9 <= len(logo) and logo[at] == 0xFF:
        marker = logo[at + 1]
        # SOF0-SOF15 hold the size; C4, C8 and CC in that range are tables.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(logo[at + 7 : at + 9]), int.from_bytes(logo[at + 5 : at + 7])
        at += 2 + int.from_bytes(logo[at + 2 : at + 4])
    return None


def _framed(logo: bytes, width: int, height: int) -> bytes:
    """Put a picture into an SVG, because typst takes only text files from memory."""
    kind = "png" if logo.startswith(b"\x89PNG") else "jpeg"
    picture = f'<image width="{width}" height="{height}" href="data:image/{kind};base64,{b64encode(logo).decode()}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{picture}</svg>'.encode()
