"""Whether a request was sent by a page of our own: the defence of cookies against other sites' forms and scripts."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request


def from_our_own_page(request: Request) -> bool:
    """By `Origin`, or `Referer` where a browser sends none: its host and port are those that the request went to.

    Browsers send `Origin` with every unsafe method (Fetch Standard §3.2); a page cannot set either header.
    """
    sender = request.headers.get("origin") or request.headers.get("referer")
    if sender is None:
        return False
    try:
        parts = urlsplit(sender)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc == request.headers.get("host")


def from_elsewhere(request: Request) -> bool:
    """Whether a browser says that another site's page sent this."""
    return "origin" in request.headers and not from_our_own_page(request)
