"""Compiled statements of SQLAlchemy, shared by all engines of a session.

Each engine keeps a cache of its own, so that a test with an engine of its own compiles every statement again: two
fifths of its processor time. All engines here speak to the same server by the same driver, for which the same
statement is the same text.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.compiler import Compiled
from sqlalchemy.util import LRUCache

_STATEMENTS: LRUCache[Any, Compiled] = LRUCache(5_000)


def _is_same_kind(dialect: PGDialect_psycopg, other: object) -> bool:
    return type(dialect) is type(other)


def _hash_of_kind(dialect: PGDialect_psycopg) -> int:
    return hash(type(dialect))


# The key of a cached statement has the dialect in it.
PGDialect_psycopg.__eq__ = _is_same_kind  # type: ignore[method-assign, assignment]
PGDialect_psycopg.__hash__ = _hash_of_kind  # type: ignore[method-assign, assignment]


@event.listens_for(Engine, "engine_connect")
def _use_shared_statements(connection: Connection) -> None:
    connection.engine._compiled_cache = _STATEMENTS
