"""Remembered answers: a POST with an `Idempotency-Key` is answered once and repeated word for word for 90 days."""

import hashlib

import orjson
from fastapi import Request, Response
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from duka.platform.context import Ctx
from duka.platform.errors import IdempotencyConflict, ValidationError
from duka.platform.models import RememberedKey


class KnownAnswer(Exception):
    """The request was answered before; the same answer leaves again."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


async def answer_again(request: Request, ctx: Ctx) -> str | None:
    """Give the key under which this request's answer is to be remembered, if it carries one.

    KnownAnswer when it was answered before; IdempotencyConflict when the key came with another request.
    """
    key = request.headers.get("idempotency-key")
    if not key or request.method != "POST" or ctx.recording:  # a recorded document's own id is its key, for ever
        return None
    if len(key) > 200 or not key.isprintable():
        raise ValidationError(fields={"Idempotency-Key": ["at most 200 printable characters"]})
    # What an answer shows depends on who asked (costs, margins): nobody else gets it by repeating the request.
    asker = f"{ctx.actor} {ctx.staff_id} {ctx.register_id} {sorted(ctx.permissions.items())}"
    asked = hashlib.sha256(ctx.body_hash + asker.encode()).digest()
    place = insert(RememberedKey).values(
        shop_id=ctx.shop_id, key=key, path=request.url.path, body_hash=asked, status=0, body="", created_at=ctx.now,
    )  # fmt: skip
    fresh = await ctx.db.execute(place.on_conflict_do_nothing().returning(RememberedKey.key))
    if fresh.scalar_one_or_none() is not None:
        return key
    stored = (await ctx.db.scalars(select(RememberedKey).where(RememberedKey.key == key))).one()
    if stored.path != request.url.path or stored.body_hash != asked:
        raise IdempotencyConflict
    headers = {"Idempotency-Replayed": "true"} | ({"Location": stored.location} if stored.location else {})
    raise KnownAnswer(Response(stored.body, stored.status, headers, "application/json"))


async def remember(key: str, ctx: Ctx, response: Response | None) -> None:
    """Keep the answer of a request, in its own transaction; nothing when it was refused."""
    row = RememberedKey.key == key
    if response is None or response.media_type != "application/json":
        # A refusal, or a file that was drawn and changed nothing: asked again, it is made again.
        await ctx.db.execute(delete(RememberedKey).where(row))
        return
    answer = _without(bytes(response.body), ctx.extra.get("shown_once", ()))
    values = {"status": response.status_code, "body": answer.decode(), "location": response.headers.get("location")}
    await ctx.db.execute(update(RememberedKey).where(row).values(values))


def _without(body: bytes, secrets: tuple[str, ...]) -> bytes:
    """Take out of an answer's data what is shown once: a repeated request gets the same answer without it."""
    if not secrets:
        return body
    answer = orjson.loads(body)
    answer["data"].update(dict.fromkeys(secrets))
    return orjson.dumps(answer)
