"""The words of prices over time on the wire: histories, and changes of many prices. Amounts are minor units."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from duka.catalog.actions import repricing
from duka.catalog.price_queries import Chosen
from duka.catalog.repricing import Formula, Way
from duka.platform.money import LIMIT_MINOR, Money
from duka.platform.wire import Body, Clock, Moment, ShortText, Shown, shown_as

PercentBp = Annotated[int, Field(strict=True, ge=-9_900, le=100_000, description="Basis points: -500 is 5 % less.")]
Step = Annotated[int, Field(strict=True, ge=1, le=LIMIT_MINOR)]
Ending = Annotated[int, Field(strict=True, ge=0, lt=LIMIT_MINOR)]
State = Literal["drafting", "ready", "applying", "applied", "stopped", "failed"]


class PriceRowOut(Shown):
    """A price or a cost of a variant, from a moment until a newer one. `set_at`, `set_by` and `set_by_name` say when
    it was decided and by whom, where that is known."""

    id: UUID
    kind: Literal["price", "cost"]
    variant_id: UUID
    variant_name: str
    sku: str
    amount: int
    tax_included: bool | None
    valid_from: Moment
    set_at: Moment | None
    set_by: UUID | None
    set_by_name: str | None


class PriceChangeIn(Body):
    """Which items, and how their prices change: `percent_bp`, then `amount`, then rounding to a multiple of `round_to`
    plus `ending`. With `round_to` 50 prices end in 00 and 50; with 100 and `ending` 99 they end in 99.

    The items are those that fit every field given: `group_id` (with the groups below it), `brand`, `q` and
    `variant_ids`; or `everything`. Items that are off sale are left alone unless `inactive`.
    """

    model_config = shown_as(brand="Oraimo", percent_bp=500, round_to=50)

    id: UUID | None = None
    note: ShortText = ""
    everything: bool = False
    group_id: UUID | None = None
    brand: Annotated[ShortText, Field(min_length=1)] | None = None
    q: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    variant_ids: Annotated[list[UUID], Field(min_length=1, max_length=repricing.VARIANTS_AT_ONCE)] | None = None
    inactive: bool = False
    percent_bp: PercentBp = 0
    amount: Money = 0
    round_to: Step = 1
    ending: Ending = 0
    rounding: Way = "nearest"
    price_from: Clock | None = None
    """When the new prices begin; when they are applied, unless said."""

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        named = [self.group_id, self.brand, self.q, self.variant_ids]
        if self.everything == any(each is not None for each in named):
            raise ValueError("say which items: group_id, brand, q or variant_ids, or else everything")
        if not (self.percent_bp or self.amount or self.round_to > 1):
            raise ValueError("say how: percent_bp, amount or round_to")
        if self.ending >= self.round_to:
            raise ValueError("ending is smaller than round_to")
        return self

    def new_change(self) -> repricing.NewChange:
        """Give it as the action takes it."""
        groups = None if self.group_id is None else [self.group_id]
        chosen = Chosen(groups, self.variant_ids, self.brand, self.q, self.inactive)
        formula = Formula(self.percent_bp, self.amount, self.round_to, self.ending, self.rounding)
        asked = repricing.asked_of(chosen, formula)
        return repricing.NewChange(chosen, formula, asked, self.note, self.price_from, self.id)


class PriceTotals(Shown):
    """What a change comes to. `changed` prices have a line each. `left_out` would not stay above nothing, are free, or
    were changed since (when it takes another change back). `sum_before` and `sum_after` are of one piece of each.
    `applied` and `kept` count while it is applied: `kept` were changed by somebody at that very time."""

    changed: int
    raised: int
    lowered: int
    unchanged: int
    without_price: int
    left_out: int
    applied: int
    kept: int
    sum_before: int
    sum_after: int


class PriceChangeOut(Shown):
    """A change of prices. `drafting` and `applying`: a job works on it, `rows_done` of `rows_total`. `ready`: look at
    its lines, then apply or delete it. `stopped`: applied in part; applied again it goes on. `asked` says which items
    and how, `undoes_id` which change it takes back."""

    id: UUID
    state: State
    note: str
    asked: dict[str, Any]
    undoes_id: UUID | None
    price_from: Moment | None
    rows_total: int
    rows_done: int
    totals: PriceTotals
    created_at: Moment
    created_by: UUID | None
    applied_at: Moment | None
    applied_by: UUID | None


class PriceLineOut(Shown):
    """A price that a change changes. `applied` says that it was: after `applied` as a whole, one that is not was
    changed by somebody at that very time."""

    id: UUID
    variant_id: UUID
    variant_name: str
    sku: str
    price_before: int
    price: int
    difference: int
    tax_included: bool
    applied: bool
