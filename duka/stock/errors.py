"""What can go wrong with where goods stand, and with those that are not all alike: serial numbers, batches."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from duka.platform.errors import DukaError, NotFound


@dataclass(eq=False)
class UnitNotFound(NotFound):
    """The shop has no such unit."""

    what: str = "unit"


@dataclass(eq=False)
class BatchNotFound(NotFound):
    """The shop has no such batch."""

    what: str = "batch"


@dataclass(eq=False)
class LocationUnknown(NotFound):
    """The shop has no such location."""

    code: ClassVar[str] = NotFound.code
    damaged: ClassVar[bool] = True
    what: str = "location"


@dataclass(eq=False)
class LocationClosed(DukaError):
    """A location of what a register recorded is not in use any more."""

    text: ClassVar[str] = "The location {name} is not in use any more."
    name: str


@dataclass(eq=False)
class UnitsNotHere(DukaError):
    """Some of the named units do not stand at this location. `units` says of each what became of it: `unknown`, `sold`,
    `in_stock` (elsewhere), `in_transit`, `sent_back`, `written_off`."""

    text: ClassVar[str] = "Some of these serial numbers are not in stock here. Scan what is handed over once more."
    units: list[dict[str, Any]]


@dataclass(eq=False)
class SerialsRequired(DukaError):
    """Some goods have serial numbers, and fewer were named than pieces move. `lines` names the goods, how many pieces
    there are and how many were named."""

    text: ClassVar[str] = "Scan or choose the serial number of each piece."
    lines: list[dict[str, Any]]


@dataclass(eq=False)
class BatchExpired(DukaError):
    """Some goods may not be sold any more: the last day printed on them is over."""

    text: ClassVar[str] = "This has expired and cannot be sold. Take it off the shelf."
    batches: list[dict[str, Any]]


@dataclass(eq=False)
class BatchesNotHere(DukaError):
    """Of some named batches less stands here than was named; `left` says how much."""

    text: ClassVar[str] = "There is not as much of this batch here."
    batches: list[dict[str, Any]]


PICKING: Final = (UnitsNotHere, SerialsRequired, BatchExpired, BatchesNotHere)
"""What may be wrong with which goods leave."""


@dataclass(eq=False)
class NotThatManyUnnamed(DukaError):
    """Less than that stands here without a serial number or batch, or is missing; `unnamed` says how much, negative
    where more is named than is there."""

    text: ClassVar[str] = "Without a serial number or batch the books have {unnamed} here."
    unnamed: float


@dataclass(eq=False)
class SerialsMismatch(DukaError):
    """Some lines do not name as many serial numbers as pieces. `lines` counts from 0 and names each."""

    text: ClassVar[str] = "Give one serial number for each piece."
    lines: list[dict[str, Any]]


@dataclass(eq=False)
class SerialsTaken(DukaError):
    """Some serial numbers were given twice, or are those of units that the shop has. `serials` names all of them, each
    with why: `twice`, `in_stock`, `in_transit`."""

    text: ClassVar[str] = "Some serial numbers are in the shop already, or were given twice."
    serials: list[dict[str, Any]]


@dataclass(eq=False)
class BatchRequired(DukaError):
    """Some lines of goods with batches name none. `lines` counts from 0 and names each."""

    text: ClassVar[str] = "Give the batch's number or the day on which it expires."
    lines: list[dict[str, Any]]


@dataclass(eq=False)
class BatchExpiryDiffers(DukaError):
    """A batch of this number is known with another day of expiry; `batches` says with which."""

    text: ClassVar[str] = "This batch number is known with another day of expiry. Look at the package again."
    batches: list[dict[str, Any]]


@dataclass(eq=False)
class NotTrackedSo(DukaError):
    """Some lines name serial numbers or a batch, and their goods have none. `lines` counts from 0 and names each."""

    text: ClassVar[str] = "Some of these goods have no serial numbers or no batches. Change how they are tracked first."
    lines: list[dict[str, Any]]


COMING: Final = (NotTrackedSo, SerialsMismatch, SerialsTaken, BatchRequired, BatchExpiryDiffers)
"""What may be wrong with which goods come in."""
