"""The words of starter catalogues on the wire."""

from typing import Literal

from duka.catalog.import_schemas import ImportOut
from duka.catalog.starters import Kind
from duka.platform.wire import Shown


class StarterOut(Shown):
    """A starter catalogue: a kind of shop and how many items it has for the shop's country. `priced` says how many of
    them have a price there; the others are taken in without being on sale."""

    kind: Kind
    title: str
    items: int
    priced: int
    groups: list[str]


class StarterItemOut(Shown):
    """An item of a starter catalogue. `price` is in minor units; null where none is known for the shop's country."""

    name: str
    group: str
    unit: str
    kind: Literal["goods", "service"]
    price: int | None


class StarterWhole(StarterOut):
    """A starter catalogue with its items."""

    content: list[StarterItemOut]


class StartedOut(Shown):
    """What was added. `report` is that of the import it was; undo it with `POST /api/products/import/{id}/undo`.
    `left_alone` are the names that the shop had already, `without_price` counts new items that wait for a price before
    they are on sale."""

    report: ImportOut
    left_alone: list[str]
    without_price: int
