"""Messages to people: SMS and e-mail, sent by jobs so that no transaction waits on the network.

A transaction of the platform role asks for a message with `text_later` or `mail_later`; the message leaves if and when
that transaction commits. Who carries it is the installation's choice: a mail server, or the console of a developer.
"""

import ssl
import sys
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from duka.platform.jobs import Queue
from duka.platform.letters import Letter
from duka.platform.settings import Settings

log = structlog.get_logger()

_SMS: Final = "send_sms"
_MAIL: Final = "send_mail"
_TIMEOUT_SECONDS: Final = 20
_NO_SMS: Final = "No SMS provider is set: short messages, codes among them, are printed to the server's output."
_NO_MAIL: Final = "No mail server is set (DUKA_SMTP_URL): letters are printed to the server's output."
_PORTS: Final = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


class BadSmtpUrl(ValueError):
    """`DUKA_SMTP_URL` is not one of the three forms Duka knows."""

    def __init__(self) -> None:
        super().__init__("DUKA_SMTP_URL must be smtp://, smtps:// or smtp+plain:// with a host")


class SmsSender(Protocol):
    """Whoever carries short messages to phones."""

    async def send(self, to: str, text: str) -> None:
        """Send a text to a phone (E.164). Raises when the carrier did not take it."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter. `kind` is its media type, `application/pdf`."""

    name: str
    kind: str
    content: bytes


class MailSender(Protocol):
    """Whoever carries e-mail."""

    async def send(
        self, to: str, subject: str, text: str, html: str | None = None, attachment: Attachment | None = None
    ) -> None:
        """Send a letter. Raises when the server did not take it."""


class Carriers(Protocol):
    """Whoever has both; the house does."""

    sms: SmsSender
    mail: MailSender


@dataclass(frozen=True, slots=True)
class ConsoleSms:
    """Writes short messages where the developer looks: standard output. The log holds no text, for it may be a code."""

    async def send(self, to: str, text: str) -> None:
        """Print the message."""
        log.info("sms_printed", to=masked(to), characters=len(text))
        sys.stdout.write(f"SMS to {to}: {text}\n")
        sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class ConsoleMail:
    """Writes letters to standard output, where no mail server is set."""

    async def send(
        self, to: str, subject: str, text: str, html: str | None = None, attachment: Attachment | None = None
    ) -> None:
        """Print the letter's text, and the name of what is attached."""
        log.info("mail_printed", to=masked(to), subject=subject, has_html=html is not None)
        sys.stdout.write(f"Mail to {to}: {subject}\n{text}\n")
        if attachment is not None:
            sys.stdout.write(f"With {attachment.name}, {len(attachment.content)} bytes\n")
        sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class SmtpMail:
    """Hands letters to a mail server. `security` is how the connection is kept private: `tls` from the first byte,
    `starttls` (required, never skipped when the server lacks it), or `plain`."""

    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    password: str | None = None

    async def send(
        self, to: str, subject: str, text: str, html: str | None = None, attachment: Attachment | None = None
    ) -> None:
        """Hand a letter over. aiosmtplib's SMTPException or OSError when the server does not take it."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self.sender, to, subject
        letter["Date"], letter["Message-ID"] = formatdate(), make_msgid(domain=self.host)
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers to this
        letter.set_content(text)
        if html is not None:
            letter.add_alternative(html, subtype="html")
        if attachment is not None:
            kind, _, subkind = attachment.kind.partition("/")
            letter.add_attachment(attachment.content, maintype=kind, subtype=subkind, filename=attachment.name)
        await aiosmtplib.send(
            letter, hostname=self.host, port=self.port, username=self.user, password=self.password,
            use_tls=self.security == "tls", start_tls=self.security == "starttls", timeout=_TIMEOUT_SECONDS,
            tls_context=None if self.security == "plain" else ssl.create_default_context(),
        )  # fmt: skip
        log.info("mail_sent", to=masked(to), subject=subject)


def sms_sender(_options: Settings) -> SmsSender:
    """Give the carrier of short messages that the operator set."""
    return ConsoleSms()


def mail_sender(options: Settings) -> MailSender:
    """Give the carrier of e-mail that the operator set. BadSmtpUrl when its address makes no sense."""
    if not options.smtp_url:
        return ConsoleMail()
    try:
        parts = urlsplit(options.smtp_url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise BadSmtpUrl from None
    if not parts.hostname:
        raise BadSmtpUrl
    security = {"smtp": "starttls", "smtps": "tls", "smtp+plain": "plain"}[parts.scheme]
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return SmtpMail(parts.hostname, port, security, options.mail_from, user, password)


def missing(options: Settings) -> list[str]:
    """Say which messages reach nobody on a server for real shops: they are printed where it runs instead."""
    if options.mode != "production":
        return []
    told = [_NO_SMS]
    return told if options.smtp_url else [*told, _NO_MAIL]


def warn_of_missing(options: Settings) -> None:
    """Write into the log, once when the process starts, what `missing` says."""
    for note in missing(options):
        log.warning("messages_reach_nobody", note=note)


def register(queue: Queue, carriers: Carriers) -> None:
    """Tell the queue how messages are sent. One that cannot be sent is given up after two hours and not kept, since
    it may hold a code."""

    async def send_sms(to: str, text: str) -> None:
        await carriers.sms.send(to, text)

    async def send_mail(to: str, subject: str, text: str, html: str | None) -> None:
        await carriers.mail.send(to, subject, text, html)

    queue.register(_SMS, send_sms, given_up=_give_up)
    queue.register(_MAIL, send_mail, given_up=_give_up)


async def text_later(queue: Queue, db: AsyncSession, to: str, letter: Letter) -> None:
    """Send a letter's short form to a phone (E.164), after the transaction of the platform role has committed."""
    await queue.defer(db, _SMS, to=to, text=letter.sms)


async def mail_later(queue: Queue, db: AsyncSession, to: str, letter: Letter) -> None:
    """Send a letter by e-mail, after the transaction of the platform role has committed."""
    await queue.defer(db, _MAIL, to=to, subject=letter.subject, text=letter.text, html=letter.html)


def masked(to: str) -> str:
    """Write a phone or address so that a log does not tell whose it is: `+256*****67`, `n****@example.com`."""
    name, at, place = to.partition("@")
    if at:
        return f"{name[:1]}****@{place}"
    return f"{to[:4]}*****{to[-2:]}"


async def _give_up(to: str, **_message: Any) -> None:
    log.error("message_given_up", to=masked(to))
