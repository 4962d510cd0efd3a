"""Files that ship with Duka, as answers: named by their content, so that a browser asks again only when they change."""

from hashlib import sha256
from importlib.resources import files as files_of
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_TYPES: Final = {
    "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
    "png": "image/png", "ico": "image/x-icon", "txt": "text/plain; charset=utf-8",
    "webmanifest": "application/manifest+json",
}  # fmt: skip
_FOLDER: Final = files_of("duka.platform") / "static"


def shipped() -> dict[str, tuple[bytes, str]]:
    """Read the shipped files: name -> content and media type. They are few and small."""
    return {
        file.name: (file.read_bytes(), _TYPES[file.name.rpartition(".")[2]])
        for file in _FOLDER.iterdir()
        if file.is_file() and not file.name.startswith(".")
    }


def cacheable(request: Request, content: bytes, media_type: str, *, fresh_seconds: int = 0) -> Response:
    """Answer with content and its ETag; 304 without it when the asker has it already."""
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    freshness = f"public, max-age={fresh_seconds}" if fresh_seconds else "no-cache"
    headers = {"ETag": tag, "Cache-Control": freshness}
    known = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)
