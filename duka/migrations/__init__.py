"""The schema's history: forward only, each step safe while shops sell.

`bring_up_to_date` runs at every start under a lock, so that many nodes may start at once.
"""

from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from duka.catalog import models as _catalog
from duka.customers import models as _customers
from duka.ledger import models as _ledger
from duka.notifications import models as _notifications
from duka.payments import models as _payments
from duka.platform import models as _platform
from duka.platform.tables import Base
from duka.purchasing import link_models as _links
from duka.purchasing import models as _purchasing
from duka.sales import models as _sales
from duka.shops import models as _shops
from duka.stock import models as _stock
from duka.stock.costs import models as _costs
from duka.stock.reservations import models as _reservations
from duka.stock.units import models as _units

METADATA: Final = Base.metadata
MODELS: Final = (
    _platform, _shops, _catalog, _customers, _stock, _costs, _units, _reservations, _ledger, _payments, _sales,
    _purchasing, _links, _notifications,
)  # fmt: skip
"""Every module that declares tables, imported so that the registry is whole."""

_LOCK: Final = 0x44756B61  # "Duka"


def bring_up_to_date(owner_url: str) -> bool:
    """Run the steps that are missing, one process at a time; say whether there were any."""
    engine = create_engine(owner_url)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            connection.commit()
            try:
                if _current(connection) == newest():
                    return False
                connection.rollback()  # so that each step has its own transaction, or none where it asks for that
                command.upgrade(_config(connection), "head")
                connection.commit()
                return True
            finally:
                connection.rollback()
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
                connection.commit()
    finally:
        engine.dispose()


def newest() -> str | None:
    """Give the newest step's name."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def write_new(owner_url: str, message: str) -> None:
    """Write the step that makes the database what the models say, for a person to read and finish."""
    engine = create_engine(owner_url)
    with engine.connect() as connection:
        command.revision(_config(connection), message=message, autogenerate=True)
    engine.dispose()


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    attributes: dict[str, Any] = config.attributes
    attributes["connection"] = connection
    return config
