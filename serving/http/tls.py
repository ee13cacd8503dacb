"""The TLS context of clients of other servers."""

from __future__ import annotations

import functools
import ssl

import httpx


@functools.cache
def certificates() -> ssl.SSLContext:
    """Return the TLS context with the certificates that this process trusts.

    Without it each client reads them from disk, which takes 30 ms of processor time.
    """
    return httpx.create_ssl_context()
