"""Paths of our own pages in a query string or a form, to which a response may redirect."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlencode

from fastapi.responses import RedirectResponse

SIGN_IN_PAGE = "/sign-in"
REGISTER_PAGE = "/register"
CONTINUE = "/api/auth/continue"

LONGEST = 2_000
"""The most characters of a path with its query."""

# Printable ASCII without the space and the backslash, which browsers read as a slash (URL Standard §4.4).
_WRITTEN = re.compile(r"/[!-\[\]-~]*")
_END_OF_PATH = re.compile("[?#]")
_NO_DESTINATION = (SIGN_IN_PAGE, REGISTER_PAGE, "/api")
_TURN = "wsoptv_turn"


def local_path(written: str | None) -> str | None:
    """Return the path if it leads to one of our pages, else None.

    It begins with exactly one slash. It has no empty or dot segments, no backslash and no control characters,
    even after several decodings, as some proxies perform them. Paths of the API and of the sign-in page are
    not accepted: neither is a page to return to.
    """
    if written is None or len(written) > LONGEST or not _WRITTEN.fullmatch(written):
        return None
    path, decoded = None, _END_OF_PATH.split(written, maxsplit=1)[0]
    while decoded != path:
        path = decoded
        if not _is_plain(path):
            return None
        try:
            decoded = unquote(path, errors="strict")
        except UnicodeDecodeError:
            return None
    return written


def _is_plain(path: str) -> bool:
    segments = path.split("/")[1:]
    return (
        path.startswith("/")
        and path.isprintable()
        and "\\" not in path
        and "" not in segments[:-1]
        and not {".", ".."} & set(segments)
        and not any(path == page or path.startswith(f"{page}/") for page in _NO_DESTINATION)
    )


def destination(written: str | None) -> str:
    """Return the path if it leads to one of our pages, else `/`."""
    return local_path(written) or "/"


def sign_in_path(path: str, page: str = SIGN_IN_PAGE, **parameters: str) -> str:
    """Return the address of the sign-in page, which leads to `path` after the sign-in."""
    return _with_query(page, {**parameters, **({} if path == "/" else {"next": path})})


def continue_path(path: str) -> str:
    """Return the address that renews the tokens and then leads to `path`."""
    return _with_query(CONTINUE, {"next": path})


def _with_query(path: str, parameters: dict[str, str]) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path


def with_turn(path: str) -> str:
    """Return the path, marked as the result of a renewal, so that a second one does not follow."""
    before, hash_sign, fragment = path.partition("#")
    return f"{before}{'&' if '?' in before else '?'}{_TURN}=1{hash_sign}{fragment}"


def without_turn(path: str) -> str:
    """Return the path without the mark of a renewal."""
    before, question_mark, query = path.partition("?")
    kept = [part for part in query.split("&") if part.partition("=")[0] != _TURN]
    return f"{before}{question_mark}{'&'.join(kept)}" if any(kept) else before


def see_other(path: str) -> RedirectResponse:
    """Return a response that makes the browser request this path with GET (RFC 9110 §15.4.4)."""
    return RedirectResponse(path, status_code=303, headers={"cache-control": "no-store"})
