"""What is wrong with a value that was sent, in plain words: the same for a body, a query and a cell of a sheet."""

from typing import Any, Final

from pydantic_core import ErrorDetails

from duka.platform.i18n import gettext

_WORDS: Final = {
    "missing": "This is needed.",
    "extra_forbidden": "There is no such field.",
    "string_too_short": "At least {min_length} characters.",
    "string_too_long": "At most {max_length} characters.",
    "string_pattern_mismatch": "This is not written as it should be.",
    "string_type": "Send a text.",
    "int_parsing": "Write a whole number.",
    "int_type": "Send a whole number.",
    "int_from_float": "Send a whole number.",
    "int_parsing_size": "This number is too large.",
    "float_parsing": "Write a number.",
    "float_type": "Send a number.",
    "decimal_parsing": "Write a number.",
    "bool_parsing": "Write yes or no.",
    "bool_type": "Send true or false.",
    "greater_than": "This must be more than {gt}.",
    "greater_than_equal": "This must be at least {ge}.",
    "less_than": "This must be less than {lt}.",
    "less_than_equal": "This must be at most {le}.",
    "too_short": "At least {min_length}.",
    "too_long": "At most {max_length}.",
    "enum": "Use one of: {expected}.",
    "literal_error": "Use one of: {expected}.",
    "date_parsing": "Write the date like 2026-09-30.",
    "date_type": "Write the date like 2026-09-30.",
    "date_from_datetime_parsing": "Write the date like 2026-09-30.",
    "date_from_datetime_inexact": "Write the date without a time, like 2026-09-30.",
    "time_parsing": "Write the time like 14:05.",
    "uuid_parsing": "This is not an id.",
    "uuid_type": "This is not an id.",
    "dict_type": "Send an object: {{...}}.",
    "model_type": "Send an object: {{...}}.",
    "model_attributes_type": "Send an object: {{...}}.",
    "list_type": "Send a list: [...].",
    "tuple_type": "Send a list: [...].",
    "json_invalid": "This is not JSON: {error}.",
    "value_error": "This is no e-mail address.",
}
"""By what the checker calls the mistake. What is not here is said in the checker's own words. A `value_error` of which
nobody says more is the checker's own, of addresses of e-mail."""
_EMPTY: Final = "This may not be empty."
_TOO_FEW: Final = ("string_too_short", "too_short")


def in_words(mistake: ErrorDetails | dict[str, Any], language: str, *, own: dict[str, str] | None = None) -> str:
    """Say what is wrong, in the reader's language. `own` are words that fit better where the value stands."""
    facts = mistake.get("ctx", {})
    refusal = facts.get("error")
    if isinstance(refusal, ValueError):
        return gettext(str(refusal), language)
    if mistake["type"] in _TOO_FEW and facts.get("min_length") == 1:
        return gettext(_EMPTY, language)
    text = (own or {}).get(mistake["type"]) or _WORDS.get(mistake["type"])
    if text is None:
        return str(mistake["msg"])
    return gettext(text, language).format_map(facts)
