"""What an import's rows mean for what stands: a new product, one more variant, or a change. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from duka.catalog import codes
from duka.catalog.actions.products import NewProduct, NewVariant
from duka.catalog.sheet import ProductRow
from duka.catalog.sheet_queries import Known, TaxClasses

Problems = dict[str, list[str]]

_STORED_AS: Final = {
    "name": "name", "brand": "brand", "description": "description", "unit": "unit", "hsn": "hsn", "kind": "kind",
    "tracking": "tracking", "min_stock": "min_stock_milli", "reorder_level": "reorder_level_milli",
    "reorder_quantity": "reorder_quantity_milli", "warranty_months": "warranty_months", "picture": "picture",
    "external_ref": "external_ref",
}  # fmt: skip
_NEEDED: Final = "This is needed for a new product."


@dataclass(slots=True)
class NewGoods:
    """A product to be made from one row, or from several rows of its variants."""

    rows: list[int]
    fields: dict[str, Any]
    variants: list[NewVariant]

    def product(self) -> NewProduct:
        """Give it as it is put on sale."""
        return NewProduct(**self.fields, variants=self.variants)


@dataclass(frozen=True, slots=True)
class NewSister:
    """One more variant of a product that stands."""

    row: int
    product_id: UUID
    variant: NewVariant


@dataclass(frozen=True, slots=True)
class Change:
    """New values for a variant that stands and its product."""

    row: int
    known: Known
    of_product: dict[str, Any]
    of_variant: dict[str, Any]


@dataclass(slots=True)
class Plan:
    """What a batch of rows comes to."""

    goods: list[NewGoods] = field(default_factory=list)
    sisters: list[NewSister] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    problems: dict[int, Problems] = field(default_factory=dict)


@dataclass(slots=True)
class Standing:
    """What stands already, to be looked up by what a row says."""

    tax_classes: TaxClasses
    groups: Mapping[str, UUID]
    by_sku: dict[str, Known] = field(default_factory=dict)
    by_barcode: dict[str, Known] = field(default_factory=dict)
    by_ref: dict[str, list[Known]] = field(default_factory=dict)
    by_name: dict[str, list[Known]] = field(default_factory=dict)

    def learn(self, known: Sequence[Known]) -> None:
        """Add variants that stand."""
        for each in known:
            self.by_sku[each.sku] = each
            if each.barcode:
                self.by_barcode[each.barcode] = each
            if each.external_ref:
                self.by_ref.setdefault(each.external_ref, []).append(each)
            self.by_name.setdefault(each.name, []).append(each)


def plan(rows: Sequence[tuple[int, ProductRow]], standing: Standing) -> Plan:
    """Say what each row comes to. Rows are expected to be checked for codes that come twice in the file."""
    made = Plan()
    pending: dict[str, NewGoods] = {}
    for number, row in rows:
        target = _target(row, standing)
        problems = target if isinstance(target, dict) else _problems(row, target, standing)
        if problems:
            made.problems[number] = problems
        elif isinstance(target, Known):
            made.changes.append(_change(number, row, target, standing))
        elif isinstance(target, UUID):
            made.sisters.append(NewSister(number, target, _variant(row)))
        else:
            made.problems.update(_add(made, pending, number, row, standing))
    return made


def _target(row: ProductRow, standing: Standing) -> Known | UUID | Problems | None:
    """Find what a row is about: a variant that stands, a product that gets one more, nothing yet, or a problem."""
    same_code = standing.by_barcode.get(row.barcode or "")
    if row.sku in standing.by_sku:
        known = standing.by_sku[row.sku or ""]
        if same_code and same_code.variant_id != known.variant_id:
            return {"barcode": [f"The item {same_code.sku} has this barcode already."]}
        return known
    if same_code:
        return {"barcode": [f"The item {same_code.sku} has this barcode already."]} if row.sku else same_code
    sisters = standing.by_ref.get(row.external_ref or "", [])
    choices = row.all_choices()
    if not sisters and row.external_ref is None and (choices or not (row.sku or row.barcode)):
        sisters = standing.by_name.get(row.name or "", [])
    if len({each.product_id for each in sisters}) > 1:
        return {"name": ["Several products have this name: give the SKU."]}
    if not sisters:
        return None
    same = next((each for each in sisters if each.choices == choices), None)
    if same and not (row.sku and row.external_ref is None):
        return same
    return sisters[0].product_id if choices and not same else _not_told_apart(sisters)


def _not_told_apart(sisters: Sequence[Known]) -> Problems:
    return {"choices": [f"{sisters[0].name} has such a variant already, or several: give the SKU."]}


def _problems(row: ProductRow, target: Known | UUID | None, standing: Standing) -> Problems:
    """Say what is wrong with a row beyond its single cells."""
    found: Problems = {}
    if not isinstance(target, Known):
        missing = [name for name in ("name", "price") if getattr(row, name) is None]
        found |= {name: [_NEEDED] for name in missing}
    if row.tax_class is not None and row.tax_class.casefold() not in standing.tax_classes.by_name:
        found["tax_class"] = ["The shop has no tax class in use with this name."]
    elif row.tax_class is None and row.tax_rate is not None and row.tax_rate not in standing.tax_classes.by_rate:
        found["tax_rate"] = ["The shop has no tax class in use with just this rate."]
    if row.group is not None and row.group not in standing.groups:
        found["group"] = ["Groups are nested at most five deep, and each needs a name."]
    kind = target.kind if isinstance(target, Known) else row.kind
    if kind == "service" and row.tracking not in (None, "none"):
        found["tracking"] = ["A service has no stock to track."]
    if isinstance(target, Known):
        if row.kind not in (None, target.kind):
            found["kind"] = ["What is goods stays goods, and a service a service."]
        if any(each.product_id != target.product_id for each in standing.by_ref.get(row.external_ref or "", [])):
            found["external_ref"] = ["Another product has this reference already."]
    return found


def _add(made: Plan, pending: dict[str, NewGoods], number: int, row: ProductRow,
         standing: Standing) -> dict[int, Problems]:
    """Add a row to the new product it belongs to, or make one of it; give what is wrong, by its number."""
    choices = row.all_choices()
    key = row.handle or row.external_ref or row.name or ""
    goods = pending.get(key) if choices else None
    if goods is None and row.external_ref in pending:
        return {number: {"external_ref": ["Another row has the same reference."]}}
    if goods is None:
        fields = _product_fields(row, standing)
        if row.active is not None and not choices:
            fields["active"] = row.active
        pending[key] = NewGoods([number], fields, [_variant(row)])
        made.goods.append(pending[key])
        return {}
    if any(dict(variant.choices) == choices for variant in goods.variants):
        return {number: {"choices": ["Another row has the same choices."]}}
    if len(goods.variants) >= codes.VARIANTS_MAX:
        return {number: {"choices": [f"A product has at most {codes.VARIANTS_MAX} variants."]}}
    goods.rows.append(number)
    goods.variants.append(_variant(row))
    return {}


def _change(number: int, row: ProductRow, known: Known, standing: Standing) -> Change:
    of_product = _product_fields(row, standing)
    of_product.pop("kind", None)
    given = {
        "sku": row.sku, "barcode": row.barcode, "price_minor": row.price, "tax_included": row.tax_included,
        "cost_minor": row.cost,
    }  # fmt: skip
    of_variant = {name: value for name, value in given.items() if value is not None}
    if row.active is not None:
        (of_variant if known.choices else of_product)["active"] = row.active
    return Change(number, known, of_product, of_variant)


def _product_fields(row: ProductRow, standing: Standing) -> dict[str, Any]:
    """Give what a row says of the product, by column; blank cells say nothing."""
    fields = {column: getattr(row, name) for name, column in _STORED_AS.items() if getattr(row, name) is not None}
    if row.tracking is None and row.track_stock is not None and row.kind != "service":
        fields["tracking"] = "quantity" if row.track_stock else "none"
    if row.group is not None:
        fields["group_id"] = standing.groups[row.group]
    if row.tax_class is not None:
        fields["tax_class_id"] = standing.tax_classes.by_name[row.tax_class.casefold()]
    elif row.tax_rate is not None:
        fields["tax_class_id"] = standing.tax_classes.by_rate[row.tax_rate]
    return fields


def _variant(row: ProductRow) -> NewVariant:
    assert row.price is not None, "checked in _problems"
    choices = row.all_choices()
    return NewVariant(
        price_minor=row.price, sku=row.sku, barcode=row.barcode, cost_minor=row.cost, tax_included=row.tax_included,
        choices=choices, active=row.active is not False if choices else True,
    )
