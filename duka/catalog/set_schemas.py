"""The words of sets on the wire."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import Field, model_validator

from duka.catalog.sets import COMPONENTS_MAX
from duka.platform import versions
from duka.platform.quantity import Quantity
from duka.platform.wire import AN_ID, Body, shown_as

QUANTITY_MAX_MILLI: Final = 10**9
"""A million of one component in a set."""


class ComponentIn(Body):
    """How much of a variant is in one set."""

    model_config = shown_as(variant_id=AN_ID, quantity=1)

    variant_id: UUID
    quantity: Annotated[Quantity, Field(le=QUANTITY_MAX_MILLI)]


class ComponentsEdit(versions.Edit):
    """What a set is made of from now on, all of it; none, and it is no set any more. `version` is the variant's."""

    model_config = shown_as(version=3, components=[{"variant_id": AN_ID, "quantity": 1}])

    components: Annotated[list[ComponentIn], Field(max_length=COMPONENTS_MAX)]

    @model_validator(mode="after")
    def _each_once(self) -> "ComponentsEdit":
        if len({each.variant_id for each in self.components}) < len(self.components):
            raise ValueError("name each component once")
        return self
