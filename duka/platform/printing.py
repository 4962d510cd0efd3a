"""Texts and amounts as papers print them: nothing in what people typed can break a page or disguise an amount."""

import re
import unicodedata
from pathlib import Path
from typing import Any, Final

from duka.platform import money, pictures

TEXT_MAX: Final = 2_000
"""Characters of a text that are printed; what is longer ends with an ellipsis."""

SHARED: Final = Path(__file__).parent / "templates" / "papers" / "common.typ"
"""What the templates of papers share: lettering, logo, QR code. They import it as `common.typ`."""

_SIGNS: Final = {"INR": "₹", "NGN": "₦", "GHS": "GH₵", "USD": "$", "EUR": "€", "GBP": "£"}
_RIGHT_TO_LEFT: Final = frozenset({"ar"})

_WORD_MAX: Final = 24
"""Letters of the longest word that stays whole; a longer one may break, so that a long code keeps its column."""

_BREAK_EVERY: Final = 6

_UNPRINTABLE: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
    "\ufe00-\ufe0f\ufff0-\uffff\U0001f000-\U0001faff\U000e0000-\U0010ffff]"
)
"""Controls, marks that turn the reading order (they could disguise an amount), emoji (no text font has them)."""


def clean(text: str) -> str:
    """Make any text printable: no controls, at most `TEXT_MAX` characters, long words allowed to break."""
    kept = _UNPRINTABLE.sub("", text.replace("\t", " ")).strip()
    if len(kept) > TEXT_MAX:
        kept = kept[: TEXT_MAX - 1] + "…"
    return re.sub(rf"\S{{{_WORD_MAX + 1},}}", lambda word: _breakable(word[0]), kept)


def _breakable(word: str) -> str:
    """Let a long word break after every `_BREAK_EVERY` letters, but never beside a mark or a joiner."""
    out: list[str] = []
    run = 0
    for before, letter in zip(" " + word, word, strict=False):
        tied = unicodedata.category(letter)[0] == "M" or unicodedata.category(before)[0] in "MC"
        if run >= _BREAK_EVERY and not tied:
            out.append("\u200b")
            run = 0
        out.append(letter)
        run += 1
    return "".join(out)


def typed(text: str, language: str) -> str:
    """Clean a typed text; in a right-to-left document it keeps its own direction (first strong isolate)."""
    kept = clean(text)
    return f"\u2068{kept}\u2069" if kept and language in _RIGHT_TO_LEFT else kept


def figure(amount_minor: int, currency: str, language: str) -> str:
    """Write an amount; in a right-to-left document its sign stays on its left. KeyError for a currency Duka does not
    know."""
    figures = money.in_figures(amount_minor, currency)
    return f"\u2066{figures}\u2069" if language in _RIGHT_TO_LEFT else figures


def priced(amount_minor: int, currency: str, language: str) -> str:
    """Write an amount with its currency, as totals have it: `₹ 1,180.00`, `UGX 15,000`."""
    # The space does not break, so that sign and amount stay on one line.
    return f"{_SIGNS.get(currency, currency)}\u00a0{figure(amount_minor, currency, language)}"


def place_logo(paper: dict[str, Any], files: dict[str, bytes], logo: bytes | None) -> None:
    """Lay the shop's logo beside a paper's template and name it in the paper's data. One that cannot be printed is left
    out."""
    if logo is not None and (size := pictures.printable_size(logo)):
        paper["logo"], paper["logo_ratio"] = "logo.svg", size[0] / size[1]
        files["logo.svg"] = pictures.framed(logo, size)
