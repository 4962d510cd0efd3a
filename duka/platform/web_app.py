"""The app: what the web build left in `duka/web_app`, served to browsers.

Files under `/assets` are named by their content and kept for ever by a browser; the rest is asked for anew each time
and answered with 304 while it is the same. Any other address that a browser opens as a page is the app's own, which
reads the address itself. A missing file is a 404, never the page: a browser would keep it in the file's place.
With the page the server names the files that its address needs first (RFC 8288), so that a browser on a weak network
fetches them at once instead of after the app has started.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

FOLDER: Final = Path(__file__).parent.parent / "web_app"
"""Where the build puts the app; it is not there when Duka runs from source without one."""

_PAGE: Final = "index.html"
_LINKS: Final = "links.json"
"""Written by the build: for an address of the app, the files it needs besides those that the page names."""
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_ENCODINGS: Final = {"br": ".br", "gzip": ".gz"}
"""Compressed forms that the build puts beside a file, the smallest first."""
_NOT_PAGES: Final = ("api", "static", "assets", "healthz", "readyz", "metrics")
_TYPES: Final = {
    "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8",
    "json": "application/json", "webmanifest": "application/manifest+json", "wasm": "application/wasm",
    "svg": "image/svg+xml", "png": "image/png", "webp": "image/webp", "ico": "image/x-icon",
    "woff2": "font/woff2", "mp3": "audio/mpeg", "txt": "text/plain; charset=utf-8", "map": "application/json",
}  # fmt: skip
_SECURITY: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "media-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types svelte-trusted-html duka",
    # What a till needs of the device, for its own pages only: the scanner, and the receipt printer's three ways.
    "Permissions-Policy": "camera=(self), usb=(self), serial=(self), microphone=(), "
    "geolocation=(), payment=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Shipped:
    """One file of the app with its compressed forms, by the encoding's name."""

    media_type: str
    keeps: bool
    forms: Mapping[str, bytes] = field(repr=False)
    tag: str = ""


def is_built(folder: Path = FOLDER) -> bool:
    """Say whether there is an app to serve."""
    return (folder / _PAGE).is_file()


def mount(app: FastAPI, folder: Path = FOLDER) -> None:
    """Serve the app at every address that no route takes. Its files are read once: a new build needs a new start."""
    shipped = _read(folder)
    links = _links(folder)
    otherwise = app.router.default

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await otherwise(scope, receive, send)
            return
        request = Request(scope, receive)
        await _answer(request, shipped, links)(scope, receive, send)

    app.router.default = serve


def _read(folder: Path) -> dict[str, Shipped]:
    compressed = tuple(_ENCODINGS.values())
    return {
        path.relative_to(folder).as_posix(): _shipped(path, keeps=path.parent.name == "assets")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in compressed and path.suffix.removeprefix(".") in _TYPES
        if path.name != _LINKS
    }


def _links(folder: Path) -> dict[str, str]:
    """Give for each address the value of the header `Link` that names its files."""
    written = folder / _LINKS
    listed: dict[str, list[str]] = json.loads(written.read_text()) if written.is_file() else {}
    return {address: ", ".join(map(_link, files)) for address, files in listed.items()}


def _link(file: str) -> str:
    kind = "modulepreload" if file.endswith(".js") else "preload; as=style"
    return f"<{file}>; rel={kind}; crossorigin"


def _shipped(path: Path, *, keeps: bool) -> Shipped:
    plain = path.read_bytes()
    forms = {"": plain}
    for encoding, ending in _ENCODINGS.items():
        beside = path.with_name(path.name + ending)
        if beside.is_file():
            forms[encoding] = beside.read_bytes()
    return Shipped(_TYPES[path.suffix.removeprefix(".")], keeps, forms, sha256(plain).hexdigest()[:32])


def _answer(request: Request, shipped: Mapping[str, Shipped], links: Mapping[str, str]) -> Response:
    path = request.scope["path"].removeprefix("/")
    if request.method not in ("GET", "HEAD"):
        raise HTTPException(404)
    file = shipped.get(path or _PAGE)
    if file is None and _is_page(request, path):
        file = shipped[_PAGE]
    if file is None:
        raise HTTPException(404)
    accepted = _accepted(request.headers.get("accept-encoding", ""))
    encoding = next((name for name in _ENCODINGS if name in file.forms and name in accepted), "")
    tag = f'"{file.tag}{"-" if encoding else ""}{encoding}"'
    headers = {**_SECURITY, "ETag": tag, "Cache-Control": _FOR_EVER if file.keeps else _ASK_AGAIN}
    if len(file.forms) > 1:
        headers["Vary"] = "Accept-Encoding"
    if file is shipped.get(_PAGE) and (named := links.get(f"/{path}")):
        headers["Link"] = named
    known = {part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")}
    if tag in known:
        return Response(status_code=304, headers=headers)
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(file.forms[encoding], headers=headers, media_type=file.media_type)


def _is_page(request: Request, path: str) -> bool:
    return path.partition("/")[0] not in _NOT_PAGES and "text/html" in request.headers.get("accept", "")


def _accepted(header: str) -> set[str]:
    """Name the encodings a client takes; one with the weight 0 it does not."""
    parts = (part.partition(";") for part in header.lower().split(","))
    return {name.strip() for name, _, weight in parts if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00")}
