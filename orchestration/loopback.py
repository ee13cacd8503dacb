"""Host names that a browser always resolves to this machine, as they appear in `Host` and `Origin` headers.

A page of another site can have its own name resolve to 127.0.0.1 (DNS rebinding). The connection then comes
from this machine, but its `Host` keeps the foreign name.
"""

from __future__ import annotations

import re

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{0,5}))?")


def host_and_port(authority: str) -> tuple[str, int | None] | None:
    """Return the name in a `Host` header, in lower case without its final dot, and the port if it has one.

    Return None for anything else, such as a value with a user before the host.
    """
    found = _AUTHORITY.fullmatch(authority)
    return (found[1].lower().removesuffix("."), int(found[2]) if found[2] else None) if found else None


def is_loopback_host(authority: str) -> bool:
    """Return whether a `Host` header names this machine, at any port."""
    named = host_and_port(authority)
    return named is not None and named[0] in LOOPBACK_NAMES
