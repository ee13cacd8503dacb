"""What clients of other servers share."""

from __future__ import annotations

import functools
import ssl

import httpx


@functools.cache
def certificates() -> ssl.SSLContext:
    """Return the certificates that this process trusts.

    Each client would read them from disk again, which takes 30 ms of processor time.
    """
    return httpx.create_ssl_context()
