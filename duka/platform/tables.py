"""The base of every table, and the registry that says what class each table is.

A `shop` table holds one shop's rows: `shop_id` first in every key, forced row-level security. A `platform` table
belongs to the installation: accounts, sessions, jobs.
The migrations and the schema lint (`duka verify --schema`) read the class from here.
"""

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKeyConstraint, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

TableClass = Literal["shop", "platform"]


def _last_column(constraint: ForeignKeyConstraint, _table: Table) -> str:
    return constraint.column_keys[-1]


NAMING: Final[dict[str, Any]] = {
    "last_column": _last_column,
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(last_column)s",
}


class Base(DeclarativeBase):
    """Every table of Duka."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own declaration
        str: Text,
        int: BigInteger,
        bytes: LargeBinary,
        UUID: Uuid(),
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


class ShopTable(Base):
    """Rows of one shop. Each is found only while `use_shop` has set that shop."""

    __abstract__ = True
    __table_args__: Any = ()

    shop_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)


class ShopRow(ShopTable):
    """A row of one shop with an id of its own, made by whoever made the thing (UUIDv7)."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)


class ShopFact(ShopRow):
    """A row that is written once: the app role may not change or delete it and a guard refuses anyone who tries."""

    __abstract__ = True
    __insert_only__ = True


class PlatformTable(Base):
    """Rows of the installation, outside any shop."""

    __abstract__ = True


class Versioned:
    """A row that people edit: `version` counts the edits, so that a stale one is noticed."""

    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


def belongs_to(table: str, *columns: str, key: tuple[str, ...] = ("id",)) -> ForeignKeyConstraint:
    """Make the composite foreign key of a shop's row to another row of the same shop.

    `belongs_to("branches", "branch_id")` is (shop_id, branch_id) -> branches(shop_id, id). A simple key would accept
    another shop's row, even under row-level security.
    """
    return ForeignKeyConstraint(["shop_id", *columns], [f"{table}.shop_id", *(f"{table}.{c}" for c in key)])


def table_class(name: str) -> TableClass:
    """Say the class of a table by its name. KeyError for a table that no domain declares."""
    return "shop" if issubclass(_models()[name], ShopTable) else "platform"


def insert_only(name: str) -> bool:
    """Say whether a table's rows are written once and never changed."""
    return bool(getattr(_models().get(name), "__insert_only__", False))


def _models() -> dict[str, type[Any]]:
    return {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
