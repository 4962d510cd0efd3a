"""What is forgotten at night: codes, counts and logins that nobody needs any more."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import text

from duka.platform.edge import House

KEEP_CODES_DAYS: Final = 1
KEEP_COUNTS_DAYS: Final = 2
KEEP_SESSIONS_DAYS: Final = 90


def register(house: House) -> None:
    """Have it done every night."""

    @house.queue.app.periodic(cron="40 3 * * *")
    @house.queue.app.task(name="forget_logins", queueing_lock="forget_logins", lock="forget_logins")
    async def forget_logins(timestamp: int) -> None:
        await forget(house, datetime.fromtimestamp(timestamp, UTC))


async def forget(house: House, now: datetime) -> None:
    """Delete codes a day old, counts two days old, spent tokens that no thief could use either, and logins that ended
    or expired 90 days ago."""
    days = {
        "codes": now - timedelta(days=KEEP_CODES_DAYS), "counts": now - timedelta(days=KEEP_COUNTS_DAYS),
        "sessions": now - timedelta(days=KEEP_SESSIONS_DAYS), "now": now,
    }  # fmt: skip
    async with house.database.session("platform") as db:
        for statement in _FORGET:
            await db.execute(text(statement), days)
        await db.commit()


_FORGET: Final = (
    "DELETE FROM one_time_codes WHERE created_at < :codes",
    "DELETE FROM attempts WHERE kind <> 'codes_for' AND window_start < :counts",
    """
    DELETE FROM attempts a WHERE a.kind = 'codes_for'
        AND NOT EXISTS (SELECT 1 FROM one_time_codes c WHERE c.recipient = a.subject)
    """,
    "DELETE FROM login_guards WHERE failed_at < :counts AND (locked_until IS NULL OR locked_until < :now)",
    "DELETE FROM refresh_tokens WHERE expires_at < :now",
    "DELETE FROM refresh_tokens t USING device_sessions s WHERE s.id = t.session_id AND s.expires_at < :sessions",
    """
    DELETE FROM device_sessions s WHERE s.expires_at < :sessions
        AND NOT EXISTS (SELECT 1 FROM refresh_tokens t WHERE t.session_id = s.id)
    """,
)
