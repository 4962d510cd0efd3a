"""The first page, for whoever opens the server's address in a browser, and the files that pages need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI, Request
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.responses import Response

from duka.platform import files
from duka.platform.errors import NotFound
from duka.platform.settings import Settings

log = structlog.get_logger()

_DEMO_FILE: Final = "demo.json"
_LOGINS_MAX: Final = 20
_FRESH_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Login:
    """One of the demo shop's people, with the password everybody may know."""

    role: str
    name: str
    phone: str
    password: str


@dataclass(frozen=True, slots=True)
class Demo:
    """What `duka demo` wrote beside the data for visitors: the shop's name and its logins."""

    shop: str = ""
    logins: Sequence[Login] = ()


def mount(app: FastAPI, options: Settings, at: str = "/") -> None:
    """Serve the first page (`at` another address where the app takes `/`) and the shipped files under `/static`. A file
    that is not there is a 404, never the page: a browser would keep it."""
    shipped = files.shipped()

    @app.api_route(at, methods=["GET", "HEAD"], include_in_schema=False)
    async def first(request: Request) -> Response:
        page = _templates().get_template("pages/first.html").render(_values(app, options))
        return files.cacheable(request, page.encode(), "text/html; charset=utf-8")

    @app.api_route("/static/{name}", methods=["GET", "HEAD"], include_in_schema=False)
    async def static(request: Request, name: str) -> Response:
        if name not in shipped:
            raise NotFound(what="file")
        content, media_type = shipped[name]
        return files.cacheable(request, content, media_type, fresh_seconds=_FRESH_SECONDS)


def read_demo(data: Path) -> Demo:
    """Read the demo's logins; none where there is no such file, or it cannot be read."""
    try:
        told = orjson.loads((data / _DEMO_FILE).read_bytes())
        logins = tuple(_login(row) for row in told["logins"][:_LOGINS_MAX])
        shop = told.get("shop")
    except FileNotFoundError:
        return Demo()
    except (OSError, ValueError, KeyError, TypeError) as failure:
        log.warning("demo_file_unreadable", error=type(failure).__name__)
        return Demo()
    return Demo(str(shop.get("name", "")) if isinstance(shop, dict) else str(shop or ""), logins)


def _login(row: Mapping[str, Any]) -> Login:
    return Login(*(str(row[key]) for key in ("role", "name", "phone", "password")))


def _values(app: FastAPI, options: Settings) -> dict[str, Any]:
    demo = read_demo(options.data) if options.mode == "demo" else Demo()
    person = demo.logins[0] if demo.logins else Login("", "", "+256700123456", "your password")
    curl = _CURL.format(url=options.public_url, phone=person.phone, password=person.password)
    return {"title": "Duka", "shop": demo.shop, "logins": demo.logins, "curl": curl, "version": app.version}


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("duka.platform"), autoescape=select_autoescape(["html"]), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


_CURL: Final = """\
TOKEN=$(curl -s {url}/api/auth/login \\
  -H 'Content-Type: application/json' \\
  -d '{{"login": "{phone}", "password": "{password}"}}' \\
  | python3 -c 'import json, sys
print(json.load(sys.stdin)["data"]["access_token"])')

curl {url}/api/products -H "Authorization: Bearer $TOKEN"
"""
