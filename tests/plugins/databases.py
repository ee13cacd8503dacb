"""Databases that tests reuse: emptying one takes a sixth of the time of creating and dropping one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

_numbers = itertools.count()

# Two numbers that change with the schema and with settings of the database.
_SCHEMA = """
select count(*), sum(xmin::text::bigint) from (
    select xmin from pg_class where relnamespace = 'public'::regnamespace
    union all select a.xmin from pg_attribute a join pg_class c on c.oid = attrelid
        where relnamespace = 'public'::regnamespace
    union all select xmin from pg_constraint union all select xmin from pg_trigger
    union all select xmin from pg_proc union all select xmin from pg_namespace
    union all select xmin from pg_database where datname = current_database()
) of_all
"""

_END_OTHERS = """
select pg_terminate_backend(pid, 5000) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""

EMPTY = """
do $$
declare each record; filled boolean;
begin
    perform set_config('session_replication_role', 'replica', true);
    for each in select relname, relkind from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'S') and relname <> 'alembic_version'
    loop
        if each.relkind = 'S' then
            execute format('select is_called from %I', each.relname) into filled;
            if filled then perform setval(each.relname::regclass, 1, false); end if;
        else
            execute format('select exists (select from %I)', each.relname) into filled;
            if filled then execute format('delete from %I', each.relname); end if;
        end if;
    end loop;
end $$
"""
"""Delete all rows without their triggers and foreign keys, and restart sequences."""


@dataclass
class Databases:
    """Migrated databases of a PostgreSQL; `address` returns the address of a database by its name."""

    address: Callable[[str], str]
    administer: Callable[[str], object]
    template: str
    free: list[tuple[str, tuple[int, int]]] = field(default_factory=list)

    @contextmanager
    def lend(self) -> Iterator[str]:
        """Yield an empty database; empty it afterwards, or drop it if its schema has changed."""
        name, schema = self.free.pop() if self.free else self._create()
        yield self.address(name)
        if self._emptied(name, schema):
            self.free.append((name, schema))
        else:
            self.administer(f"drop database {name} with (force)")

    def _create(self) -> tuple[str, tuple[int, int]]:
        name = f"lent_{next(_numbers)}"
        self.administer(f"create database {name} template {self.template}")
        with psycopg.connect(self.address(name), autocommit=True) as connection:
            return name, _schema(connection)

    def _emptied(self, name: str, schema: tuple[int, int]) -> bool:
        with psycopg.connect(self.address(name), autocommit=True) as connection:
            connection.execute(_END_OTHERS.encode())
            if _schema(connection) != schema:
                return False
            connection.execute(EMPTY.encode())
            return True


def _schema(connection: psycopg.Connection[tuple[int, int]]) -> tuple[int, int]:
    found = connection.execute(_SCHEMA.encode()).fetchone()
    assert found is not None
    return found
