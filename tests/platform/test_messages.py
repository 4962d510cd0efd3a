"""Messages leave after the transaction that asked for them, by a real mail server, and say what they should."""

import asyncio
import html
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.smtp import SMTP
from fastapi import FastAPI
from sqlalchemy import text

from duka.platform import letters, messages
from duka.platform.edge import House
from duka.platform.letters import Letter
from duka.platform.settings import Settings

LINK = "https://shop.example/reset#abc"


@dataclass
class Postbox:
    """What a mail server of the test has taken."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 taken"


@pytest.fixture
async def postbox() -> AsyncIterator[Postbox]:
    box = Postbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()


@pytest.fixture
async def posting(app: FastAPI, postbox: Postbox) -> AsyncIterator[House]:
    """The running app with its mail going to the test's own server."""
    house: House = app.state.house
    before = house.mail
    house.mail = messages.mail_sender(Settings(smtp_url=f"smtp+plain://127.0.0.1:{postbox.port}"))
    yield house
    house.mail = before


async def arrived(box: Postbox) -> EmailMessage:
    async with asyncio.timeout(30):
        while not box.letters:
            await asyncio.sleep(0.02)
    return box.letters[0]


async def test_a_letter_arrives_after_its_transaction(posting: House, postbox: Postbox) -> None:
    letter = letters.password_reset("en", LINK, 30)
    async with posting.database.session("platform") as db:
        await messages.mail_later(posting.queue, db, "lost@example.com", letter)
    async with posting.database.session("platform") as db:
        await messages.mail_later(posting.queue, db, "njeri@example.com", letter)
        await db.commit()
    got = await arrived(postbox)
    assert (got["To"], got["Subject"]) == ("njeri@example.com", "Choose a new password")
    plain, rich = got.get_body(("plain",)), got.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert LINK in plain.get_content()
    assert f'href="{LINK}"' in rich.get_content()
    assert len(postbox.letters) == 1


async def test_no_secret_stays_behind(posting: House, postbox: Postbox) -> None:
    async with posting.database.session("platform") as db:
        await messages.mail_later(posting.queue, db, "n@example.com", letters.one_time_code("en", "739154", 10))
        await db.commit()
    await arrived(postbox)
    async with asyncio.timeout(30):
        while await jobs_holding(posting, "739154"):
            await asyncio.sleep(0.02)


async def test_a_short_message_is_handed_to_the_carrier(app: FastAPI) -> None:
    house: House = app.state.house
    sent: list[tuple[str, str]] = []

    class Carrier:
        async def send(self, to: str, text: str) -> None:
            sent.append((to, text))

    before, house.sms = house.sms, Carrier()
    try:
        async with house.database.session("platform") as db:
            await messages.text_later(house.queue, db, "+256700000001", letters.one_time_code("en", "111222", 5))
            await db.commit()
        async with asyncio.timeout(30):
            while not sent:
                await asyncio.sleep(0.02)
    finally:
        house.sms = before
    assert sent == [("+256700000001", "111222 is your Duka code, good for 5 minutes. Tell it to nobody.")]


async def test_a_password_is_never_sent_over_a_connection_that_is_not_private(postbox: Postbox) -> None:
    sender = messages.mail_sender(Settings(smtp_url=f"smtp://duka:hidden@127.0.0.1:{postbox.port}"))
    with pytest.raises(aiosmtplib.SMTPException):
        await sender.send("n@example.com", "Hello", "Hello")
    assert postbox.letters == []


async def test_the_console_shows_the_message_and_the_log_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    await messages.ConsoleSms().send("+256700123467", "code 4711")
    await messages.ConsoleMail().send("njeri@example.com", "Your code", "code 4711")
    shown = capsys.readouterr()
    assert "SMS to +256700123467: code 4711" in shown.out
    assert "Mail to njeri@example.com: Your code\ncode 4711" in shown.out
    assert "4711" not in shown.err


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("smtp://u:p%40ss@mail.example:2525", messages.SmtpMail("mail.example", 2525, "starttls", "d", "u", "p@ss")),
        ("smtp://mail.example", messages.SmtpMail("mail.example", 587, "starttls", "d")),
        ("smtps://mail.example", messages.SmtpMail("mail.example", 465, "tls", "d")),
        ("smtp+plain://10.0.0.5", messages.SmtpMail("10.0.0.5", 25, "plain", "d")),
        (None, messages.ConsoleMail()),
    ],
)
def test_the_servers_address_says_how_private_the_connection_is(url: str | None, kind: object) -> None:
    assert messages.mail_sender(Settings(smtp_url=url, mail_from="d")) == kind


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://mail:port"])
def test_an_address_that_makes_no_sense_is_refused(url: str) -> None:
    with pytest.raises(messages.BadSmtpUrl):
        messages.mail_sender(Settings(smtp_url=url))


ALL = {
    "code": letters.one_time_code("en", "123456", 10),
    "reset": letters.password_reset("en", LINK, 30),
    "invitation": letters.invitation("en", "Njeri Phones", "Njeri", "Supervisor", LINK, 7),
    "order": letters.purchase_order("en", "Njeri Phones", "PO/2627/000001", LINK, 60),
    "device": letters.new_device("en", "Tecno Spark", datetime(2026, 11, 21, 9, 5, tzinfo=UTC), LINK),
}


@pytest.mark.parametrize("letter", ALL.values(), ids=ALL.keys())
def test_every_letter_says_the_same_in_text_and_html(letter: Letter) -> None:
    assert letter.subject
    secret = "123456" if "code" in letter.subject else LINK
    assert secret in letter.text
    assert secret in letter.sms
    for line in filter(None, map(str.strip, letter.text.splitlines())):
        assert line in html.unescape(letter.html)


def test_a_code_fits_one_short_message() -> None:
    assert len(ALL["code"].sms) <= 160


def test_a_shops_name_cannot_add_markup_headers_or_links() -> None:
    shop = "<script>x</script>\r\nBcc: all@evil.example visit evil.example/now"
    letter = letters.invitation("en", shop, "A" * 500, "Supervisor", LINK, 7)
    assert "<script>" not in letter.html
    assert "\n" not in letter.subject
    assert "evil.example" not in letter.sms
    assert "A" * 61 not in letter.text
    message = EmailMessage()
    message["Subject"] = letter.subject


def test_a_recipient_is_not_readable_in_the_log() -> None:
    assert messages.masked("+256700123467") == "+256*****67"
    assert messages.masked("njeri@example.com") == "n****@example.com"


async def jobs_holding(house: House, secret: str) -> int:
    async with house.database.session("platform") as db:
        found = await db.execute(text("SELECT count(*) FROM procrastinate_jobs WHERE args::text LIKE :part"),
                                 {"part": f"%{secret}%"})
        return int(found.scalar_one())
