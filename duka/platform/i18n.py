"""Words in the reader's language. English is the source text; other languages come from compiled catalogues."""

from functools import lru_cache
from gettext import NullTranslations, translation
from pathlib import Path

LANGUAGES = ("en", "sw", "lg", "hi", "fr", "ar")
_CATALOGUES = Path(__file__).parent.parent / "locale"


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> NullTranslations:
    return translation("duka", str(_CATALOGUES), [language], fallback=True)


def gettext(text: str, language: str) -> str:
    """Say the English `text` in `language` (one of `LANGUAGES`); the text itself where no translation stands."""
    return text if language == "en" else _catalogue(language).gettext(text)


def choose(accept_language: str | None) -> str:
    """Pick the first language we speak from an `Accept-Language` header; English where there is none."""
    for part in (accept_language or "").split(",")[:10]:
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in LANGUAGES:
            return tag
    return "en"
