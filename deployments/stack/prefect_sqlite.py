"""Prefect's server on SQLite, without "database is locked".

Prefect begins its transactions DEFERRED: they take the write lock at their first write. If another
transaction has written since this one read, SQLite refuses the lock at once (SQLITE_BUSY_SNAPSHOT), whatever
`busy_timeout` is. Prefect then responds with 503, or one of its services loses the data that it was about to
write. A transaction that begins IMMEDIATE takes the lock before it reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from prefect.server.database.configurations import AioSqliteConfiguration
    from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
_has_turn: ContextVar[bool] = ContextVar("has_turn", default=False)


def lock_before_reading() -> None:
    """Make Prefect's transactions in this process begin IMMEDIATE, one after another.

    Call this before the server is created. It has no effect on PostgreSQL.
    """
    from prefect.server.database.configurations import AioSqliteConfiguration

    AioSqliteConfiguration.begin_transaction = _begin_immediate  # type: ignore[assignment, method-assign]


@asynccontextmanager
async def _begin_immediate(
    _self: AioSqliteConfiguration, session: AsyncSession, with_for_update: bool = False
) -> AsyncIterator[AsyncSessionTransaction]:
    """Begin a transaction with the write lock, as Prefect itself does for `with_for_update`."""
    from prefect.server.database.configurations import SQLITE_BEGIN_MODE

    del with_for_update
    async with _turn(), session.begin() as transaction:
        # Begin now, not with the first statement: nested sessions would inherit the mode, and wait for this
        # transaction.
        token = SQLITE_BEGIN_MODE.set("IMMEDIATE")
        try:
            await session.connection()
        finally:
            SQLITE_BEGIN_MODE.reset(token)
        yield transaction


@asynccontextmanager
async def _turn() -> AsyncIterator[None]:
    """Wait for earlier transactions.

    In SQLite each would poll for the lock, in no order, and hold a connection of the pool.
    """
    if _has_turn.get():
        yield
        return
    async with AsyncExitStack() as held:
        await held.enter_async_context(_turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()))
        held.callback(_has_turn.reset, _has_turn.set(True))
        yield
