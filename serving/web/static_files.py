"""The static files of the web app, compressed when it was built.

`/_next/static` has names that change with their content, so browsers keep these files for a year. Other
files, such as icons, keep their names and are kept for an hour. All are public: they contain no data.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

HASHED = "/_next/static/"
_IMMUTABLE, _CHANGING = "public, max-age=31536000, immutable", "public, max-age=3600"
# In order of preference. The suffix is that of the compressed file beside the original.
_CODINGS = (("br", ".br"), ("gzip", ".gz"))
# The table of types of the machine may differ.
_TYPES = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file, and its compressed versions by content coding."""

    path: Path
    coded: dict[str, Path]


class StaticFiles:
    """Sends the files that the folder had when the application started.

    Paths of requests are looked up in a table, never in the file system: a path cannot leave the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._files = dict(_files_of(folder))

    def has(self, path: str) -> bool:
        """Return whether this is the path of a file, or one below the folder with hashed names."""
        return path in self._files or path.startswith(HASHED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        found = self._files.get(scope["path"])
        if found is None:
            raise HTTPException(404)
        coding, path = _best(found, request.headers.get("accept-encoding", ""))
        body, tag = await request.state.resources.in_thread(_read, path)
        response = _response(scope["path"], coding, body, tag)
        if _is_known(tag, request.headers):
            response = Response(status_code=304, headers=_without_length(response))
        await response(scope, receive, send)


class StaticRoute(Route):
    """The route of the static files; other paths do not match."""

    def __init__(self, path: str, files: StaticFiles) -> None:
        super().__init__(path, files, methods=["GET"], include_in_schema=False)
        self._files = files

    def matches(self, scope: Scope) -> tuple[Match, Any]:
        """Match the paths of the files."""
        known = scope["type"] == "http" and self._files.has(scope["path"])
        return with_route(self, super().matches(scope)) if known else (Match.NONE, {})


def with_route(route: Route, matched: tuple[Match, Any]) -> tuple[Match, Any]:
    """Add the route to the scope of a request, for the metrics. Only routes of FastAPI do so themselves."""
    match, scope = matched
    return match, {**scope, "route": route}


def _files_of(folder: Path) -> list[tuple[str, StaticFile]]:
    """Return the files of a folder by their paths in URLs. Symbolic links are left out."""
    paths = {
        Path(parent, name)
        for parent, _, names in os.walk(folder)
        for name in names
        if not Path(parent, name).is_symlink()
    }
    suffixes = tuple(suffix for _, suffix in _CODINGS)
    return [
        (f"/{path.relative_to(folder).as_posix()}", StaticFile(path, _coded(path, paths)))
        for path in paths
        if not (path.name.endswith(suffixes) and path.with_suffix("") in paths)
    ]


def _coded(path: Path, paths: set[Path]) -> dict[str, Path]:
    beside = {coding: path.with_name(path.name + suffix) for coding, suffix in _CODINGS}
    return {coding: coded for coding, coded in beside.items() if coded in paths}


def _best(file: StaticFile, accepted: str) -> tuple[str | None, Path]:
    """Return the best content coding that the client accepts, and the file that has it."""
    qualities = accepted_codings(accepted)
    for coding, path in file.coded.items():
        if qualities.get(coding, qualities.get("*", 0.0)) > 0:
            return coding, path
    return None, file.path


def accepted_codings(header: str) -> dict[str, float]:
    """Return the codings of `Accept-Encoding` with their weights (RFC 9110 §12.5.3)."""
    found = {}
    for part in header.split(","):
        name, _, parameter = part.partition(";")
        weight = parameter.strip().removeprefix("q=")
        try:
            found[name.strip().lower()] = float(weight) if weight else 1.0
        except ValueError:
            found[name.strip().lower()] = 0.0
    return found


@lru_cache(maxsize=4096)
def _read(path: Path) -> tuple[bytes, str]:
    """Return the bytes of a file and their entity tag. The files of a build take a few megabytes."""
    body = path.read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:20]}"'


def _response(path: str, coding: str | None, body: bytes, tag: str) -> Response:
    headers = {
        "cache-control": _IMMUTABLE if path.startswith(HASHED) else _CHANGING,
        "content-type": _TYPES.get(os.path.splitext(path)[1].lower(), "application/octet-stream"),
        "etag": tag,
        "vary": "Accept-Encoding",
    }
    if coding is not None:
        headers["content-encoding"] = coding
    return Response(body, headers=headers)


def _is_known(tag: str, headers: Headers) -> bool:
    """Return whether the client has this version (RFC 9110 §13.1.2)."""
    known = headers.get("if-none-match")
    return known is not None and (
        known.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in known.split(","))
    )


def _without_length(response: Response) -> dict[str, str]:
    kept = ("cache-control", "etag", "vary")
    return {name: response.headers[name] for name in kept}
