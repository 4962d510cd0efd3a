"""Signs that nobody can see: control characters, and what turns the direction of a text around."""

import re
from typing import Final

_UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters of C0, DEL and C1, but for line breaks and tabs, and what turns the direction of the text around
it (UAX #9: embeddings, overrides and isolates). The marks that Arabic is written with are none of them."""
_BREAKS: Final = re.compile("[\t\n\r]")


def unseen_in(text: str, *, lines: bool = True) -> str | None:
    """Say in words which sign of a text nobody can see, where there is one. `lines`: it may break into lines."""
    found = _UNSEEN.search(text) or (None if lines else _BREAKS.search(text))
    if found is None:
        return None
    if found[0] in "\t\n\r":
        return "Write this on one line, without tabs."
    return f"This holds a sign that nobody can see (U+{ord(found[0]):04X}). Type it anew."


def without_unseen(text: str) -> str:
    """Give a code without the signs that nobody can see, which some scanners send around what is printed."""
    return _BREAKS.sub("", _UNSEEN.sub("", text)).strip()
