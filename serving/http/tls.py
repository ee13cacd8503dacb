"""The TLS context for requests to other servers."""

from __future__ import annotations

import functools
import ssl

import httpx


@functools.cache
def certificates() -> ssl.SSLContext:
    """Return the TLS context with the certificates that this process trusts.

    Otherwise each client would read them from disk, which takes 30 ms of processor time.
    """
    return httpx.create_ssl_context()
