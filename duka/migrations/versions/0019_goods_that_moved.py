"""More may have left with a transfer than was asked for; shops with reservations to end are found at once."""

from typing import Final

from alembic import op

revision = "0019"
down_revision = "0018"

_LINES: Final = "stock_transfer_lines"
_LEFT: Final = "ck_stock_transfer_lines_dispatched"

# The wall between shops stands for it too: it asks the index of one shop after the other.
_OVERDUE: Final = """
CREATE FUNCTION shops_with_overdue_reservations(p_now timestamptz) RETURNS SETOF uuid LANGUAGE plpgsql AS $$
DECLARE
    one_shop uuid;
BEGIN
    FOR one_shop IN SELECT d.shop_id FROM shop_directory d ORDER BY d.shop_id LOOP
        PERFORM enter_shop(one_shop);
        PERFORM 1 FROM stock_reservations r
        WHERE r.shop_id = one_shop AND r.state = 'open' AND r.until <= p_now LIMIT 1;
        IF FOUND THEN
            RETURN NEXT one_shop;
        END IF;
    END LOOP;
END $$
"""


def upgrade() -> None:
    """Take the upper limit off what left: no sale waits for that table, and every row keeps the wider rule already.
    Make the function; it has its caller's rights."""
    op.drop_constraint(op.f(_LEFT), _LINES, type_="check")
    op.create_check_constraint(op.f(_LEFT), _LINES, "dispatched_milli >= 0")
    op.execute(_OVERDUE)
    op.execute(
        "COMMENT ON FUNCTION shops_with_overdue_reservations IS "
        "'Gives the shops in which something is put aside for longer than it should be. Ends in the last shop.'"
    )
