"""Password hashing: bcrypt in two dedicated threads, so that a sign-in delays only other sign-ins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import bcrypt

from catalog_models.accounts import LONGEST_PASSWORD
from serving.http.errors import ApiError

T = TypeVar("T")

# 2^12 rounds take a quarter of a second.
COST = 12
_THREADS = 2
# The most sign-ins that may wait: about five seconds of work.
_MOST_WAITING = 40


class TooBusyError(ApiError):
    """Too many sign-ins at the same time."""

    status = 503
    code = "AUTH_BUSY"
    message = "Too many sign-ins at the same time: try again in a few seconds."

    def __init__(self) -> None:
        super().__init__(headers={"retry-after": "5"})


class Passwords:
    """Computes and checks password hashes. `close` ends its threads."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="bcrypt")
        self._waiting = 0
        # The password of an unknown account is compared with this hash: it takes as long and never matches.
        self._unmatchable = f"$2b${COST:02}${'.' * 53}"

    async def hash(self, password: str) -> str:
        """Return the hash of a password. Raises `TooBusyError`."""
        return await self._in_thread(make_hash, password)

    async def matches(self, password: str, stored: str | None) -> bool:
        """Return whether the password matches the stored hash. Raises `TooBusyError`.

        Without a hash (None: no such account), the check takes as long and fails.
        """
        matching = await self._in_thread(_matches, password, stored or self._unmatchable)
        return matching and stored is not None

    async def _in_thread(self, work: Callable[..., T], *arguments: str) -> T:
        if self._waiting >= _MOST_WAITING:
            raise TooBusyError
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def make_hash(password: str) -> str:
    """Return the hash of a password. Blocks for a quarter of a second."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(COST)).decode()


def _matches(password: str, stored: str) -> bool:
    known = password.encode("utf-8", "surrogatepass")
    # Such a password cannot have been stored, but its check must take as long.
    if len(known) > LONGEST_PASSWORD or b"\0" in known:
        known = b""
    return bcrypt.checkpw(known, stored.encode())
