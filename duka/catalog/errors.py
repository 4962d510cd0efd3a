"""What the catalogue refuses, said as classes."""

from dataclasses import dataclass
from typing import ClassVar

from duka.catalog.codes import VARIANTS_MAX
from duka.catalog.tree import DEPTH_MAX
from duka.platform.errors import DukaError, NotFound


@dataclass(eq=False)
class SkuTaken(DukaError):
    """Another item of the shop has this SKU; `field` says where it was sent."""

    text: ClassVar[str] = "Another item has the SKU {sku} already."
    sku: str = ""
    field: str = "sku"


@dataclass(eq=False)
class BarcodeTaken(DukaError):
    """Another item of the shop has this barcode; `field` says where it was sent."""

    text: ClassVar[str] = "Another item has the barcode {barcode} already."
    barcode: str = ""
    field: str = "barcode"


@dataclass(eq=False)
class ExternalRefTaken(DukaError):
    """Another product came from the same record of the other system."""

    text: ClassVar[str] = "Another product has the reference {external_ref} already."
    external_ref: str = ""


@dataclass(eq=False)
class GroupNameTaken(DukaError):
    """The place in the tree has a group of this name."""

    text: ClassVar[str] = "There is a group {name} in that place already."
    name: str = ""


@dataclass(eq=False)
class GroupNotEmpty(DukaError):
    """The group has products or groups below it, and nobody said where they go."""

    text: ClassVar[str] = "This group holds {products} products and {groups} groups. Say where they go with move_to."
    products: int = 0
    groups: int = 0


@dataclass(eq=False)
class GroupInsideItself(DukaError):
    """A group cannot stand below itself, nor can what it holds be moved into it."""

    text: ClassVar[str] = "A group cannot be moved into itself or into a group below it."


@dataclass(eq=False)
class GroupTooDeep(DukaError):
    """The tree of groups would grow too deep."""

    text: ClassVar[str] = "Groups are nested at most {levels} levels deep."
    levels: int = DEPTH_MAX


@dataclass(eq=False)
class TooManyGroups(DukaError):
    """The shop has as many groups as Duka holds."""

    text: ClassVar[str] = "A shop has at most {limit} groups."
    limit: int = 0


@dataclass(eq=False)
class TaxClassNameTaken(DukaError):
    """The shop has a tax class of this name."""

    text: ClassVar[str] = "There is a tax class {name} already."
    name: str = ""


@dataclass(eq=False)
class TaxRateStands(DukaError):
    """The class has a rate of this code from this day; a rate is never changed, a newer one replaces it."""

    text: ClassVar[str] = "There is a rate of {tax_code} from {valid_from} already. Add one from another day."
    tax_code: str = ""
    valid_from: str = ""


@dataclass(eq=False)
class RateDoesNotFit(DukaError):
    """An exempt or nil class bears no tax, and a zero-rated one only a rate of 0."""

    text: ClassVar[str] = "A tax class that is {treatment} has no such rate."
    treatment: str = ""


@dataclass(eq=False)
class TaxClassNotInUse(DukaError):
    """The tax class was switched off, so nothing new is taxed by it."""

    text: ClassVar[str] = "This tax class is switched off. Choose another one."


@dataclass(eq=False)
class SeveralVariants(DukaError):
    """The change names what each variant has for itself, and the product has several."""

    text: ClassVar[str] = "This product has several variants. Change {field} on the variant itself."
    field: str = ""


@dataclass(eq=False)
class TooManyVariants(DukaError):
    """The choices make more combinations than a product may have."""

    text: ClassVar[str] = "These choices make {asked} variants; a product has at most {limit}."
    asked: int = 0
    limit: int = VARIANTS_MAX


@dataclass(eq=False)
class TrackingHasStock(DukaError):
    """How goods are followed changes to or from serial numbers or batches only while none of them stands anywhere."""

    text: ClassVar[str] = "Some of this is in stock. Sell it or correct the stock to 0 before you change this."


@dataclass(eq=False)
class VariantStands(DukaError):
    """The product has a variant with these choices."""

    text: ClassVar[str] = "This product has a variant with these choices already."


@dataclass(eq=False)
class LastVariant(DukaError):
    """A product keeps at least one variant."""

    text: ClassVar[str] = "This is the product's only variant. Delete the product instead."


@dataclass(eq=False)
class PriceInThePast(DukaError):
    """A price begins now or later; what was sold before keeps its price."""

    text: ClassVar[str] = "A price begins now or later, not in the past."


@dataclass(eq=False)
class ImportNotFinished(DukaError):
    """The import still runs."""

    text: ClassVar[str] = "This import is not finished yet."


@dataclass(eq=False)
class ImportUndone(DukaError):
    """The import was undone before."""

    text: ClassVar[str] = "This import was undone already."


@dataclass(eq=False)
class PresetUnknown(DukaError):
    """There is no list of titles of that name."""

    text: ClassVar[str] = "There is no preset {preset}. Use one of: {known}."
    preset: str = ""
    known: str = ""


@dataclass(eq=False)
class PriceChangeNotReady(DukaError):
    """The change of prices is still being worked out or applied, was applied before, or could not be worked out."""

    text: ClassVar[str] = "This change of prices is {state}: this cannot be done with it now."
    state: str = ""


@dataclass(eq=False)
class PriceChangeNotApplied(DukaError):
    """Only what was applied can be taken back."""

    text: ClassVar[str] = "This change of prices was not applied, so there is nothing to take back."


@dataclass(eq=False)
class PricesMoved(DukaError):
    """Prices were changed after the preview was made, so it no longer shows what would happen."""

    status: ClassVar[int] = 409
    text: ClassVar[str] = "{moved} of these prices were changed since the preview. Make a new one."
    moved: int = 0


@dataclass(eq=False)
class PartOfSets(DukaError):
    """The item is a component of sets, which could not be sold any more. `sets` names them."""

    text: ClassVar[str] = "This is part of a set. Take it out of the set first."
    sets: list[str]


@dataclass(eq=False)
class ComponentUnknown(NotFound):
    """A set is to be made of something that the shop does not have; `field` says where it was sent."""

    what: str = "component"
    field: str = "components"


@dataclass(eq=False)
class ComponentNotFit(DukaError):
    """Something cannot be a component: it is the set itself or another set, has no stock, or is not on sale."""

    text: ClassVar[str] = "{name} cannot be part of this set: {reason}."
    name: str
    reason: str
    field: str = "components"


@dataclass(eq=False)
class SetFollowed(DukaError):
    """Goods with serial numbers or batches cannot be sets: nobody could say which pieces went in."""

    text: ClassVar[str] = "This is followed by serial number or batch. A set is followed by quantity, or not at all."
