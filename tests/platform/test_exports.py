"""Lists saved as files: how many at a time, and what becomes of a file whose reader goes away."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.responses import Response

from duka.platform import exports, saving
from duka.platform.exports import Wanted
from duka.platform.saving import TooManyFiles
from duka.platform.sheets import Column
from duka.platform.wire import Paging
from tests.world import Shop, open_a_shop

COLUMNS = [Column("name", "Name")]
SHORT = Wanted("csv", Paging(50, None, None, None, False, "csv"))
"""A list that is never promised for later."""
ROWS = [{"name": "cable" * 20}] * 2_000


async def a_file(shop: Shop, go_on: asyncio.Event | None = None) -> Response:
    """Have a list written that goes on when it is told to."""

    async def listed() -> AsyncIterator[list[dict[str, str]]]:
        if go_on:
            await go_on.wait()
        yield ROWS

    async with shop.asking() as ctx:
        return await exports.file_response(ctx, listed(), COLUMNS, "things", SHORT)


async def send_to(answer: Response, reader: Any) -> None:
    """Send an answer as the web server does."""
    await answer({"type": "http", "method": "GET", "headers": []}, asyncio.Event().wait, reader)  # type: ignore[arg-type] # a scope of three keys


async def test_a_shop_saves_two_lists_at_a_time_and_others_theirs_meanwhile(shop: Shop) -> None:
    other = await open_a_shop(shop.house)
    go_on, sent = asyncio.Event(), []
    first, second, theirs = [asyncio.create_task(a_file(each, go_on)) for each in (shop, shop, other)]
    while saving._writing["files"] < 3:
        await asyncio.sleep(0.01)
    for each in (shop, other):  # the one has its two files, and the server writes no more than three
        with pytest.raises(TooManyFiles):
            await a_file(each)
    go_on.set()
    answers = [await first, await second]
    await theirs
    with pytest.raises(TooManyFiles):  # written, but still there to be sent
        await a_file(shop)
    await a_file(other)

    async def reader(message: Any) -> None:
        sent.append(message)

    await send_to(answers[0], reader)
    body = b"".join(message.get("body", b"") for message in sent)
    assert body.decode("utf-8-sig").splitlines() == ["Name", *[row["name"] for row in ROWS]]
    assert dict(sent[0]["headers"])[b"content-length"] == str(len(body)).encode()
    await a_file(shop)


async def test_a_file_that_nobody_takes_is_let_go(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "STALLED_SECONDS", 0.05)

    async def stuck(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    for _ in range(3):
        await send_to(await a_file(shop), stuck)
    for _ in range(3):  # an answer that never left, because the request broke
        await a_file(shop)


async def test_a_list_that_cannot_be_written_gives_its_place_back(shop: Shop) -> None:
    async def broken() -> AsyncIterator[list[dict[str, str]]]:
        yield ROWS
        raise ZeroDivisionError

    for _ in range(4):
        with pytest.raises(ZeroDivisionError):
            async with shop.asking() as ctx:
                await exports.file_response(ctx, broken(), COLUMNS, "things", SHORT)
    await a_file(shop)
