"""What makes a shop's own tax number."""

from dataclasses import dataclass
from typing import ClassVar

from stdnum.exceptions import ValidationError as NotValid
from stdnum.in_ import gstin

from duka.platform.errors import DukaError, ValidationError


@dataclass(eq=False)
class ShopTaxIdNotValid(DukaError):
    """The GSTIN is not written like one, or its check character is wrong."""

    text: ClassVar[str] = "This is not a valid GSTIN. Check it against your registration certificate."


def tax_id(text: str, country: str) -> str:
    """Write the shop's tax number without spaces, in capitals. An Indian one must be a GSTIN: 15 characters with a
    check character, as the GST rules define it. ShopTaxIdNotValid."""
    if country != "IN":
        return "".join(text.split()).upper()
    try:
        return str(gstin.validate(text))
    except NotValid:
        raise ShopTaxIdNotValid from None


def state_of(tax_number: str | None, state_code: str | None, country: str) -> str | None:
    """Give the shop's GST state: the first two digits of its GSTIN, which must not say another state than it does
    itself. ValidationError where they disagree."""
    if country != "IN" or not tax_number:
        return state_code
    if state_code not in (None, tax_number[:2]):
        raise ValidationError(fields={"state_code": [f"The GSTIN is of state {tax_number[:2]}."]})
    return tax_number[:2]
