"""Transactions of steps: one step, one transaction, and its events are published after the commit.

After a short outage of the database (a restart, a failover) the whole work is run again. So work for
`Transactions.run` must have no effects outside its transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from orchestration.events import Event

log = logging.getLogger(__name__)

T = TypeVar("T")
P = ParamSpec("P")
Publish = Callable[[Event], None]

_PATIENCE_SECONDS = 60.0
# Serialization failure and deadlock: PostgreSQL asks for another try.
_SERIALIZATION_CODES = {"40001", "40P01"}


class Transaction:
    """A session, and the events to publish after its commit."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.events: list[Event] = []

    def announce(self, *events: Event) -> None:
        """Publish these events after the commit; not at all after a rollback."""
        self.events.extend(events)


class Transactions:
    """Runs work in transactions of one engine, and publishes the announced events."""

    def __init__(self, engine: Engine, publish: Publish, patience: float = _PATIENCE_SECONDS) -> None:
        self.engine = engine
        self._publish = publish
        self._patience = patience

    def run(self, work: Callable[Concatenate[Transaction, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `work(transaction, …)` and commit; return its result.

        Retry with growing pauses, up to `patience` seconds, while PostgreSQL is unavailable.
        """
        deadline = time.monotonic() + self._patience
        for pause in _pauses():
            try:
                return self.attempt(work, *args, **kwargs)
            except DBAPIError as error:
                if not _passes(error) or time.monotonic() + pause > deadline:
                    raise
                log.warning("PostgreSQL is unavailable, retrying in %.1f s: %s", pause, error.orig)
                time.sleep(pause)
        raise AssertionError("the pauses never end")

    def in_session(
        self, work: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call `work(session, …)` as `run` does, for work that announces no events."""
        return self.run(lambda transaction: work(transaction.session, *args, **kwargs))

    def attempt(
        self, work: Callable[Concatenate[Transaction, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call `work(transaction, …)` once, and commit."""
        result, events = self._once(work, *args, **kwargs)
        self._announce(events)
        return result

    def _once(
        self, work: Callable[Concatenate[Transaction, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> tuple[T, list[Event]]:
        with Session(self.engine) as session, session.begin():
            transaction = Transaction(session)
            try:
                result = work(transaction, *args, **kwargs)
            except Exception:
                raise
            # A signal may have interrupted a query: the connection must not be used again.
            except BaseException:
                session.invalidate()
                raise
        return result, transaction.events

    def _announce(self, events: list[Event]) -> None:
        for event in events:
            try:
                self._publish(event)
            # A lost event costs latency, never correctness (law 7).
            except Exception as error:  # noqa: BLE001
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
