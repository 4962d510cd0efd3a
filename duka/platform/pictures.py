"""Pictures that people send: what they are, judged by their content, and how large, before anything unpacks them."""

from base64 import b64encode
from typing import Any, Final, Literal

from duka.platform import typesetting

MediaType = Literal["image/png", "image/jpeg"]

BYTES_MAX: Final = 512 * 1024
"""Size of a picture file that papers take."""
PIXELS_MAX: Final = 4_000_000
"""Width times height: a small file can hold a huge picture."""
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_DAMAGED: Final = "The picture is damaged, or there is nothing on it."
_GROUND: Final = b'#set page(width: 1cm, height: 1cm, margin: 0cm, fill: rgb("#123456"))\n'
_FILLED: Final = b'#image("picture.svg", width: 1cm, height: 1cm, fit: "stretch")'


def media_type(file: bytes) -> MediaType | None:
    """Say what a picture is by its first bytes, whatever it is called; None for all but PNG and JPEG."""
    if file.startswith(_PNG):
        return "image/png"
    return "image/jpeg" if file.startswith(_JPEG) else None


def size(file: bytes) -> tuple[int, int] | None:
    """Read width and height in pixels from a picture's head; None where it has none."""
    match media_type(file):
        case "image/png":
            return _png_size(file)
        case "image/jpeg":
            return _jpeg_size(file)
    return None


def printable_size(file: bytes) -> tuple[int, int] | None:
    """Give width and height in pixels of a picture that a paper can be made with, else None.

    The picture is unpacked only after its head has said a sane size.
    """
    measured = size(file)
    if measured is None or len(file) > BYTES_MAX or not 0 < measured[0] * measured[1] <= PIXELS_MAX:
        return None
    return measured if _opens(file, measured) else None


def fault(file: bytes) -> str | None:
    """Say in a sentence for whoever sent a picture why papers cannot show it; None for one that they can.

    It is drawn to see it: a thread's work.
    """
    if media_type(file) is None:
        return "Send a PNG or JPEG picture."
    if len(file) > BYTES_MAX:
        return f"The picture is too heavy: at most {BYTES_MAX // 1024} kB."
    measured = size(file)
    if measured is None or not all(measured):
        return _DAMAGED
    if measured[0] * measured[1] > PIXELS_MAX:
        return f"The picture is too large: at most {PIXELS_MAX:,} pixels, as 2,000 x 2,000."
    return None if _opens(file, measured) and _shows(file, measured) else _DAMAGED


def framed(file: bytes, measured: tuple[int, int]) -> bytes:
    """Put a picture into an SVG, because typst takes only text files from memory."""
    width, height = measured
    href = f"data:{media_type(file)};base64,{b64encode(file).decode()}"
    picture = f'<image width="{width}" height="{height}" href="{href}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{picture}</svg>'.encode()


def _opens(file: bytes, measured: tuple[int, int]) -> bool:
    """Try whether a PDF can be made with it."""
    import typst  # noqa: PLC0415 - 78 MB that a process which prints nothing should not load

    alone: Any = {"main.typ": b'#image("picture.svg", width: 1cm)', "picture.svg": framed(file, measured)}
    try:
        typesetting.compiler().compile(input=alone, format="pdf")
    except typst.TypstError:
        return False
    return True


def _shows(file: bytes, measured: tuple[int, int]) -> bool:
    """Try whether it covers anything: what cannot be unpacked to its end is left out of a drawing without a word, and a
    JPEG goes into a PDF unopened."""
    files = {"picture.svg": framed(file, measured)}
    covered, bare = (typesetting.typeset({**files, "main.typ": main}, "png") for main in (_GROUND + _FILLED, _GROUND))
    return covered != bare


def _png_size(file: bytes) -> tuple[int, int] | None:
    return (int.from_bytes(file[16:20]), int.from_bytes(file[20:24])) if len(file) >= 24 else None


def _jpeg_size(file: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(file) and file[at] == 0xFF:
        marker = file[at + 1]
        # SOF0-SOF15 hold the size; C4, C8 and CC in that range are tables.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(file[at + 7 : at + 9]), int.from_bytes(file[at + 5 : at + 7])
        at += 2 + int.from_bytes(file[at + 2 : at + 4])
    return None
