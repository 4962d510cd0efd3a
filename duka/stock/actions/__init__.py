"""What changes stock, one verb a file: goods move with documents and between locations, are counted and corrected by
hand, get a warning level."""

from duka.stock.actions.adjusting import (
    Adjusted,
    LevelAlready,
    LocationRequired,
    NotStocked,
    VariantRequired,
    WrongWay,
    adjust,
)
from duka.stock.actions.deciding import RequestDecided, approve, reject
from duka.stock.actions.moving import Goods, OutOfStock, Source, hold, issue, put_back, refuse_short
from duka.stock.actions.picking import Back, Picked, pick, pick_back, tracking_of
from duka.stock.actions.reserving import Aside, For, Shortage, release, reserve, take
from duka.stock.actions.warning import set_level

__all__ = [
    "Adjusted", "Aside", "Back", "For", "Goods", "LevelAlready", "LocationRequired", "NotStocked", "OutOfStock",
    "Picked", "RequestDecided", "Shortage", "Source", "VariantRequired", "WrongWay", "adjust", "approve", "hold",
    "issue", "pick", "pick_back", "put_back", "refuse_short", "reject", "release", "reserve", "set_level", "take",
    "tracking_of",
]  # fmt: skip
