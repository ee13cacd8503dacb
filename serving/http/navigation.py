"""Kinds of requests for pages, by the headers that browsers and the web app send.

Browsers send `Sec-Fetch-*` (Fetch Metadata) only over https and to loopback addresses. Without these headers,
a request counts as a navigation.
"""

from __future__ import annotations

from fastapi import Request


def is_prefetch(request: Request) -> bool:
    """Return whether the browser loads a page that its user may never open."""
    purposes = (request.headers.get(name, "") for name in ("sec-purpose", "purpose"))
    return any("prefetch" in purpose for purpose in purposes)


def is_navigation(request: Request) -> bool:
    """Return whether a tab opens a page, so that a redirect reaches its user.

    False for scripts, including those of the web app (`RSC`), and for pictures and frames.
    """
    headers = request.headers
    accepted = headers.get("accept", "")
    return (
        headers.get("sec-fetch-mode", "navigate") == "navigate"
        and headers.get("sec-fetch-dest", "document") == "document"
        and "rsc" not in headers
        and ("application/json" not in accepted or "text/html" in accepted)
    )
