"""Checks of the origin of a request, against cross-site request forgery."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request


def from_our_own_page(request: Request) -> bool:
    """Return whether `Origin`, or else `Referer`, names the host and port that received the request.

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


def from_other_site(request: Request) -> bool:
    """Return whether a browser sent the request from a page of another site."""
    return "origin" in request.headers and not from_our_own_page(request)


def linked_from_other_site(request: Request) -> bool:
    """Return whether a browser reports that the request came from another site, such as by a link.

    Browsers report this only over https and to loopback addresses.
    """
    return request.headers.get("sec-fetch-site") == "cross-site"
