"""Every domain's routers, for `main`."""

from fastapi import APIRouter

from duka.notifications.api import router as notifications
from duka.sales.api import sales

ROUTERS: tuple[APIRouter, ...] = (notifications, sales,)
