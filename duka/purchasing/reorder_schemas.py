"""The words of what to order on the wire. Quantities are numbers with up to 3 decimals."""

from uuid import UUID

from pydantic import Field

from duka.stock.schemas import GoodsHere, Held


class SuggestionOut(GoodsHere):
    """What to order of a variant for a location, and why."""

    quantity: Held = Field(validation_alias="quantity_milli")
    """On hand."""
    in_transit: Held = Field(validation_alias="in_transit_milli")
    """On its way here from other locations."""
    on_order: Held = Field(validation_alias="on_order_milli")
    """Ordered from suppliers for here and not received yet; where the supplier confirmed less, that."""
    sold: Held = Field(validation_alias="sold_milli")
    """Sold here in the last 28 days, less what came back."""
    min_stock: Held = Field(validation_alias="min_stock_milli")
    """What is kept in reserve here: the level at which to warn."""
    lead_days: int
    """How long a delivery takes: the preferred supplier's lead time, else the days that were asked for."""
    days_left: int | None
    """For how many days what is on hand lasts at this pace; empty where nothing sells."""
    supplier_id: UUID | None
    supplier_name: str | None
    """The preferred supplier."""
    suggested: Held = Field(validation_alias="suggested_milli")
    """How much to order, in whole packs of the supplier; in whole units where no supplier is preferred."""
