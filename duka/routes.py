"""Every domain's routers, for `main`."""

from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = ()
