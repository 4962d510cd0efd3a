"""What messages say: each as a letter (subject, plain text, HTML) and as a short text for a phone.

The templates are in `templates/letters`. Names of shops, people and devices are written by people: they are cut, freed
of line breaks and escaped, so that none can add a header, a link or a tag of its own.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from duka.platform.i18n import gettext

_NAME_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, ready for both ways: `subject`, `text` and `html` by e-mail, `sms` to a phone."""

    subject: str
    text: str
    html: str
    sms: str


def one_time_code(language: str, code: str, minutes: int) -> Letter:
    """Write the code that proves a phone or address is theirs."""
    say = partial(gettext, language=language)
    subject = say("Your Duka code: {code}").format(code=code)
    sms = say("{code} is your Duka code, good for {minutes} minutes. Tell it to nobody.")
    return _letter("one_time_code", language, subject, sms.format(code=code, minutes=minutes),
                   code=code, minutes=minutes)


def password_reset(language: str, link: str, minutes: int) -> Letter:
    """Write the link by which somebody who forgot a password chooses a new one."""
    say = partial(gettext, language=language)
    sms = say("Choose a new Duka password, within {minutes} minutes: {link}").format(minutes=minutes, link=link)
    return _letter("password_reset", language, say("Choose a new password"), sms, link=link, minutes=minutes)


def invitation(language: str, shop: str, inviter: str, role: str, link: str, days: int) -> Letter:
    """Write the link by which a new member of staff takes their place in a shop."""
    say = partial(gettext, language=language)
    who = {"shop": name(shop), "inviter": name(inviter), "role": name(role)}
    subject = say("{inviter} asks you to join {shop}").format(**who)
    sms = say("{inviter} asks you to join {shop} on Duka: {link}").format(link=link, **who)
    return _letter("invitation", language, subject, sms, link=link, days=days, **who)


def new_device(language: str, device: str, at: datetime, link: str) -> Letter:
    """Write the warning that an account was used on a device it was never used on before. `at` is in the person's
    own time zone."""
    say = partial(gettext, language=language)
    facts = {"device": name(device), "at": f"{at:%Y-%m-%d %H:%M}"}
    sms = say("Your Duka account logged in on {device} at {at}. Not you? {link}").format(link=link, **facts)
    return _letter("new_device", language, say("New login to your account"), sms, link=link, **facts)


def document(language: str, shop: str, title: str, number: str, total: str) -> Letter:
    """Write what goes with an invoice or note that is attached. `title` says what it is, `total` with its currency."""
    say = partial(gettext, language=language)
    facts = {"shop": name(shop), "title": title, "number": number, "total": total}
    subject = say("{title} {number} from {shop}").format(**facts)
    sms = say("{title} {number} from {shop}: {total}").format(**facts)
    return _letter("document", language, subject, sms, **facts)


def purchase_order(language: str, shop: str, number: str, link: str, days: int) -> Letter:
    """Write what goes with an order to a supplier, which is attached. Behind the link they say what comes and when."""
    say = partial(gettext, language=language)
    facts = {"shop": name(shop), "number": number}
    subject = say("Order {number} from {shop}").format(**facts)
    sms = say("Order {number} from {shop}: {link}").format(link=link, **facts)
    return _letter("purchase_order", language, subject, sms, link=link, days=days, **facts)


def name(text: str) -> str:
    """Make a name that people wrote fit for a message: one line, at most 60 characters, nothing that phones and
    mail programs turn into a link."""
    line = " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())
    # A dot or slash between two letters is what makes a word a link; a space after it ends that.
    unlinked = "".join(
        f"{c} " if c in "./:" and 0 < i < len(line) - 1 and line[i + 1].isalnum() else c for i, c in enumerate(line)
    )
    return unlinked if len(unlinked) <= _NAME_MAX else unlinked[: _NAME_MAX - 1] + "…"


def _letter(template: str, language: str, subject: str, sms: str, **facts: Any) -> Letter:
    values = {**facts, "subject": subject, "language": language, "_": partial(gettext, language=language)}
    text = _templates().get_template(f"letters/{template}.txt").render(values)
    html = _templates().get_template(f"letters/{template}.html").render(values)
    return Letter(subject, text, html, sms)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("duka.platform"), autoescape=select_autoescape(["html"]), undefined=StrictUndefined,
        keep_trailing_newline=True,
    )  # fmt: skip
