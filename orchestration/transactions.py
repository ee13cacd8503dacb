"""One step, one transaction; events leave after its commit.

A database that went away in the middle (a restart, a failover) is waited for: the work is run again as a whole, which
is why work handed to `Transactions.run` must have no other effects than those on its transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from orchestration.events import Event

log = logging.getLogger(__name__)

T = TypeVar("T")
Publish = Callable[[Event], None]

_PATIENCE_SECONDS = 60.0
_SERIALIZATION_CODES = {"40001", "40P01"}  # serialization failure, deadlock: PostgreSQL asks to run it again


class Transaction:
    """A session and what is to be announced once it is committed."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.events: list[Event] = []

    def announce(self, *events: Event) -> None:
        """Have the events published after the commit, and not at all after a rollback."""
        self.events.extend(events)


class Transactions:
    """Runs work in transactions of one engine and publishes what they announced."""

    def __init__(self, engine: Engine, publish: Publish, patience: float = _PATIENCE_SECONDS) -> None:
        self.engine = engine
        self._publish = publish
        self._patience = patience

    def run(self, work: Callable[[Transaction], T]) -> T:
        """Do the work and commit; again with growing pauses, up to `patience` seconds, while PostgreSQL is away."""
        deadline = time.monotonic() + self._patience
        for pause in _pauses():
            try:
                result, events = self._once(work)
            except DBAPIError as error:
                if not _passes(error) or time.monotonic() + pause > deadline:
                    raise
                log.warning("PostgreSQL is away, trying again in %.1f s: %s", pause, error.orig)
                time.sleep(pause)
            else:
                self._announce(events)
                return result
        raise AssertionError("the pauses never end")

    def attempt(self, work: Callable[[Transaction], T]) -> T:
        """Do the work and commit, once."""
        result, events = self._once(work)
        self._announce(events)
        return result

    def _once(self, work: Callable[[Transaction], T]) -> tuple[T, list[Event]]:
        with Session(self.engine) as session, session.begin():
            transaction = Transaction(session)
            try:
                result = work(transaction)
            except Exception:
                raise
            except (
                BaseException
            ):  # a signal, in the middle of a query perhaps: nobody may use that connection again
                session.invalidate()
                raise
        return result, transaction.events

    def _announce(self, events: list[Event]) -> None:
        for event in events:
            try:
                self._publish(event)
            except Exception as error:  # noqa: BLE001  # a lost event costs latency, never correctness (law 7)
                log.warning("%s was not published: %s", event, error)
                return


def _pauses() -> Iterator[float]:
    pause = 0.1
    while True:
        yield pause
        pause = min(pause * 2, 5.0)


def _passes(error: DBAPIError) -> bool:
    if error.connection_invalidated or isinstance(error, OperationalError):
        return True
    return getattr(error.orig, "sqlstate", None) in _SERIALIZATION_CODES
