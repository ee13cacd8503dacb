"""Claims of files: renewed while their process lives, and released soon after it died."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalog_models.tables import MediaFile
from catalog_models.writes import file_claims
from orchestration.transactions import Transactions

log = logging.getLogger(__name__)

# Renewals within the time of a lease.
_RENEWALS = 4


def process_name() -> str:
    """Return the name of this process in claims: host, process id, and start (ids are reused)."""
    return _name(os.getpid())


def _name(pid: int) -> str:
    """Return the name of a process. Raise OSError if there is none.

    The start is in ticks since the boot (proc(5), field 22 of stat): by the wall clock, living processes
    would look dead after it was set.
    """
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return f"{_here()}{pid}:{fields[19]}"


def _here() -> str:
    """Return this host and its PID namespace.

    Containers may share a host name without seeing each other's processes.
    """
    return f"{socket.gethostname()}:{Path('/proc/self/ns/pid').readlink().name}:"


@contextmanager
def claims_kept(transactions: Transactions, owner: str, lease: timedelta) -> Iterator[None]:
    """Renew the claims of `owner` until the block ends, and then release the remaining ones."""
    try:
        with kept(transactions, lease, lambda session: file_claims.renew(session, owner, lease)):
            yield
    finally:
        transactions.run(lambda transaction: file_claims.release(transaction.session, [owner]))


@contextmanager
def kept(transactions: Transactions, lease: timedelta, renew: Callable[[Session], None]) -> Iterator[None]:
    """Renew a lease until the block ends."""
    left = threading.Event()
    thread = threading.Thread(
        target=_renew, args=(transactions, lease, renew, left), name="claims", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()


def _renew(
    transactions: Transactions, lease: timedelta, renew: Callable[[Session], None], left: threading.Event
) -> None:
    while not left.wait(lease.total_seconds() / _RENEWALS):
        try:
            transactions.attempt(lambda work: renew(work.session))
        except SQLAlchemyError as error:
            # The steps that wait for the database report it.
            log.warning("the claims of this run were not renewed: %s", error)


def release_dead_claims(transactions: Transactions) -> None:
    """Release the claims of processes of this host that were killed.

    Claims of other hosts end with their leases.
    """
    dead = transactions.in_session(dead_owners, MediaFile.claimed_by)
    if dead:
        transactions.in_session(file_claims.release, dead)


def dead_owners(
    session: Session, owner: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
) -> list[str]:
    """Return the owners in this column that were processes of this host and have ended."""
    ours = select(owner).where(owner.startswith(_here(), autoescape=True)).distinct()
    return [name for name in session.scalars(ours) if name and not _lives(name)]


def _lives(owner: str) -> bool:
    try:
        return _name(int(owner.split(":")[-2])) == owner
    except (OSError, ValueError, IndexError):
        return False
