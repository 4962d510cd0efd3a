"""The papers that labels are printed on, and which code fits on a label. Pure; lengths in thousandths of a millimetre.

How wide a bar may be: GS1 General Specifications, figure 5.12.3.1-1 (EAN/UPC: 0.264 to 0.66 mm, best 0.33) and the
same for Code 128. A thermal head of 203 dots per inch draws whole dots of 0.125 mm, so on rolls a bar is a whole number
of them.
"""

from dataclasses import dataclass
from typing import Final, Literal

from duka.catalog import codes

Paper = Literal["a4_65", "a4_40", "a4_24", "80mm", "58mm", "2x1in"]
Symbology = Literal["ean13", "ean8", "upca", "code128", "qr"]
CodeKind = Literal["auto", "barcode", "qr"]

BEST_BAR_UM: Final = 330
_EAN_BAR_UM_MIN: Final = 250
_CODE128_BAR_UM_MIN: Final = 190
_QUIET: Final[dict[Symbology, int]] = {"ean13": 18, "ean8": 14, "upca": 18, "code128": 20}
"""Modules of white that a code needs at its sides, both together."""

@dataclass(frozen=True, slots=True)
class LabelPaper:
    """A sheet of labels, or a roll whose page is one label. `dot_um` is the printer's dot, 0 where it does not matter;
    `quiet_um` what a label keeps free at its edges."""

    page_width_um: int
    page_height_um: int
    columns: int
    rows: int
    width_um: int
    height_um: int
    gap_um: int = 0
    quiet_um: int = 1_200
    dot_um: int = 0
    text_points: float = 6.5
    name_lines: int = 1

    @property
    def labels(self) -> int:
        """How many labels a page has."""
        return self.columns * self.rows

    def place(self, at: int) -> tuple[int, int]:
        """Give the left upper corner of the label number `at` of a page, row by row, the margins being equal."""
        row, column = divmod(at, self.columns)
        taken = self.columns * self.width_um + (self.columns - 1) * self.gap_um
        left = (self.page_width_um - taken) // 2 + column * (self.width_um + self.gap_um)
        top = (self.page_height_um - self.rows * self.height_um) // 2 + row * self.height_um
        return left, top


def _sheet(
    columns: int, rows: int, width_um: int, height_um: int, gap_um: int, points: float, lines: int
) -> LabelPaper:
    return LabelPaper(
        210_000, 297_000, columns, rows, width_um, height_um, gap_um, text_points=points, name_lines=lines
    )


def _roll(width_um: int, height_um: int, quiet_um: int, points: float, lines: int) -> LabelPaper:
    return LabelPaper(
        width_um, height_um, 1, 1, width_um, height_um, 0, quiet_um, 125, text_points=points, name_lines=lines
    )


PAPERS: Final[dict[Paper, LabelPaper]] = {
    "a4_65": _sheet(5, 13, 38_100, 21_200, 2_500, 6.2, 1),
    "a4_40": _sheet(4, 10, 45_700, 25_400, 2_600, 7, 1),
    "a4_24": _sheet(3, 8, 63_500, 33_900, 2_500, 8.5, 2),
    "80mm": _roll(80_000, 40_000, 4_000, 10, 2),
    "58mm": _roll(58_000, 35_000, 5_000, 8.5, 2),
    "2x1in": _roll(50_800, 25_400, 1_500, 7, 1),
}
"""The sheets are those sold everywhere as 38.1 x 21.2, 45.7 x 25.4 and 63.5 x 33.9 mm labels with round corners."""


def symbology_of(text: str) -> Symbology:
    """Say which code a text is drawn with: a GTIN of 8, 12 or 13 digits as EAN-8, UPC-A or EAN-13 (one of 14 digits
    without its leading zero), other text as Code 128, and what no bars can hold as a QR code."""
    if text.isascii() and text.isdigit() and codes.barcode_fault(text) is None:
        by_length: dict[int, Symbology] = {8: "ean8", 12: "upca", 13: "ean13"}
        if len(text) in by_length:
            return by_length[len(text)]
        if len(text) == 14 and text[0] == "0":
            return "ean13"
    return "code128" if text.isascii() and text.isprintable() else "qr"


def module_um(paper: LabelPaper, symbology: Symbology, modules: int) -> int | None:
    """Say how wide the narrowest bar of a code of so many modules is on a label; None where a scanner could not read
    it."""
    room = (paper.width_um - 2 * paper.quiet_um) // (modules + _QUIET[symbology])
    wide = min(room, BEST_BAR_UM)
    if paper.dot_um:
        best = paper.dot_um * -(-BEST_BAR_UM // paper.dot_um)
        wide = min(room, best) // paper.dot_um * paper.dot_um
    return wide if wide >= (_CODE128_BAR_UM_MIN if symbology == "code128" else _EAN_BAR_UM_MIN) else None
