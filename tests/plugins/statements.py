"""Compiled statements of SQLAlchemy, shared by all engines of a session.

By default each engine has its own cache, and a test with a new engine compiles every statement again, which
takes two fifths of its processor time. All engines here use the same server and driver, and so the same text
for a statement.
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


# The key of a cached statement includes the dialect.
PGDialect_psycopg.__eq__ = _is_same_kind  # type: ignore[method-assign, assignment]
PGDialect_psycopg.__hash__ = _hash_of_kind  # type: ignore[method-assign, assignment]


@event.listens_for(Engine, "engine_connect")
def _use_shared_statements(connection: Connection) -> None:
    connection.engine._compiled_cache = _STATEMENTS
