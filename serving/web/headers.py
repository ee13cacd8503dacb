"""The headers of requests to the renderer and of its responses: those that pass, and those set here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from starlette.requests import Request

from serving.http.renderer import KEY_HEADER
from serving.kernel.viewer import REFRESH_COOKIE, address_of

# No other header passes. Next trusts some headers (such as `x-middleware-subrequest`), and the renderer
# trusts those that are set below.
_PASSED = frozenset(
    {
        "accept",
        "accept-language",
        "dnt",
        "if-modified-since",
        "if-none-match",
        "next-url",
        "purpose",
        "referer",
        "rsc",
        "save-data",
        "sec-gpc",
        "sec-purpose",
        "user-agent",
    }
)
_PASSED_PREFIXES = ("next-router-", "sec-ch-", "sec-fetch-")
# The renderer needs no token but the access token.
_HELD_COOKIES = (REFRESH_COOKIE, "wsoptv_device_")

# RFC 9110 §7.6.1, and the headers that `Connection` names.
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# The renderer signs no one in and sets no cookie; the date is that of the application.
_HELD_BACK = frozenset({"set-cookie", "date", "server", "x-powered-by", "location", "cache-control", "vary"})
_PAGE_TYPES = ("text/html", "text/x-component")
PRIVATE = "private, no-cache"
"""Pages belong to one person. With `no-store`, browsers could not show them at once on Back."""


def request_headers(request: Request, key: str) -> dict[bytes, bytes]:
    """Return the headers of the request to the renderer.

    Values are bytes, because cookies and others may contain any (RFC 9110 §5.5).
    """
    passed = {
        name: value
        for name, value in request.headers.items()
        if name in _PASSED or name.startswith(_PASSED_PREFIXES)
    }
    host = request.headers.get("host") or "localhost"
    made = {
        "host": host,
        # The application compresses.
        "accept-encoding": "identity",
        "x-forwarded-for": address_of(request),
        "x-forwarded-host": host,
        "x-forwarded-proto": request.url.scheme,
        KEY_HEADER.lower(): key,
    }
    cookie = _cookie(request)
    sent = passed | made | ({"cookie": cookie} if cookie else {})
    return {name.encode("ascii"): value.encode("latin-1") for name, value in sent.items()}


def _cookie(request: Request) -> str:
    """Return the cookies without the tokens that only the application reads."""
    pairs = (pair.strip() for value in request.headers.getlist("cookie") for pair in value.split(";"))
    return "; ".join(pair for pair in pairs if pair and not pair.startswith(_HELD_COOKIES))


def response_headers(
    received: Iterable[tuple[bytes, bytes]], host: str, *, compressed: bool
) -> list[tuple[bytes, bytes]]:
    """Return the headers of a page's response.

    `compressed`: the application compresses the body.
    """
    own = [(name.lower(), value) for name, value in received]
    named = {
        word.strip().lower() for name, value in own if name == b"connection" for word in value.split(b",")
    }
    held = {word.encode() for word in _HOP_BY_HOP | _HELD_BACK} | named
    passed = [
        (name, value)
        for name, value in own
        if name not in held
        and not name.startswith(b"x-middleware-")
        and not (compressed and name == b"content-length")
    ]
    passed += [
        (b"cache-control", _cache_control(own).encode()),
        (b"vary", ", ".join(_vary(own)).encode("latin-1")),
    ]
    if compressed:
        passed = [(name, _weak(value) if name == b"etag" else value) for name, value in passed]
    if location := _value(own, b"location"):
        passed.append((b"location", _local(location, host).encode("latin-1")))
    return passed + ([(b"content-encoding", b"gzip")] if compressed else [])


def _weak(tag: bytes) -> bytes:
    """Return the weak form of an entity tag, for a body whose bytes differ (RFC 9110 §8.8.1)."""
    return tag if tag.startswith(b"W/") else b"W/" + tag


def _cache_control(headers: list[tuple[bytes, bytes]]) -> str:
    is_page = _value(headers, b"content-type").startswith(_PAGE_TYPES)
    return PRIVATE if is_page else _value(headers, b"cache-control") or PRIVATE


def _vary(headers: list[tuple[bytes, bytes]]) -> Iterator[str]:
    yield from (value.decode("latin-1") for name, value in headers if name == b"vary")
    yield "Accept-Encoding"


def _local(location: str, host: str) -> str:
    """Return a redirect within this site: a page never redirects to another site or to the renderer."""
    try:
        parts = urlsplit(location)
    except ValueError:
        return "/"
    if "\\" in location or (parts.netloc and parts.netloc != host):
        return "/"
    if parts.netloc:
        parts = parts._replace(scheme="", netloc="")
    path = parts.geturl()
    return "/" if path.startswith("//") or parts.scheme or not path else path


def _value(headers: list[tuple[bytes, bytes]], name: bytes) -> str:
    return next((value.decode("latin-1") for known, value in headers if known == name), "")
