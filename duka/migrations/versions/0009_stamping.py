"""Give the events of many shops their places in one transaction."""

from typing import Final

from alembic import op

revision = "0009"
down_revision = "0008"

_STAMP_EVENTS: Final = """
CREATE FUNCTION stamp_events(p_shops uuid[], p_batch integer)
RETURNS TABLE (of_shop uuid, kind text, place bigint) LANGUAGE plpgsql AS $$
DECLARE
    one_shop uuid;
BEGIN
    FOREACH one_shop IN ARRAY p_shops LOOP
        PERFORM enter_shop(one_shop);
        -- The lock first and for itself: the statement after it sees what another relay has stamped meanwhile.
        PERFORM 1 FROM event_heads h WHERE h.shop_id = one_shop FOR UPDATE;
        RETURN QUERY
        WITH waiting AS (
            SELECT w.id, row_number() OVER (ORDER BY w.id) AS nth FROM (
                SELECT o.id FROM outbox o WHERE o.shop_id = one_shop AND o.position IS NULL ORDER BY o.id LIMIT p_batch
            ) w
        ), head AS (
            INSERT INTO event_heads AS h (shop_id, position) SELECT one_shop, count(*) FROM waiting HAVING count(*) > 0
            ON CONFLICT (shop_id) DO UPDATE SET position = h.position + excluded.position
            RETURNING h.position
        )
        UPDATE outbox o SET position = head.position - (SELECT count(*) FROM waiting) + waiting.nth
        FROM waiting, head WHERE o.shop_id = one_shop AND o.id = waiting.id
        RETURNING o.shop_id, o.event, o.position;
    END LOOP;
END $$
"""


def upgrade() -> None:
    """Make the function. It has its caller's rights, and enters one shop after the other."""
    op.execute(_STAMP_EVENTS)
    op.execute(
        "COMMENT ON FUNCTION stamp_events IS 'Gives committed events of shops their places. Ends in the last shop.'"
    )
