"""The real servers of all tests: the embedded servers per session, and a new database per test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import make_url

from catalog_models.engine import make_engine
from catalog_models.migrate import upgrade
from deployments.stack import Stack, use_stack
from orchestration.settings import Settings
from orchestration.storage.s3_clients import forget_clients
from tasks.quality import Gate
from tests import buckets
from tests.folders import open_folder
from tests.plugins.databases import Databases

Administer = Callable[[str], object]

_numbers = itertools.count()


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Yield the embedded servers. PostgreSQL runs without fsync."""
    with open_folder() as folder, use_stack(Settings(WSOPTV_HOME=folder / "home"), "tests") as stack:
        with psycopg.connect(stack.database_url, autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"alter system set {setting} = off".encode())
            connection.execute("select pg_reload_conf()")
        yield stack


@pytest.fixture(scope="session")
def administer(stack: Stack) -> Administer:
    """Return a function that runs a statement about whole databases.

    It opens a new connection each time: the first forked child would close a permanent one.
    """

    def run(statement: str) -> None:
        with psycopg.connect(stack.database_url, autocommit=True) as connection:
            connection.execute(statement.encode())

    return run


@contextmanager
def fresh_database(stack: Stack, administer: Administer, template: str = "template1") -> Iterator[str]:
    """Create a database for one test, and drop it afterwards."""
    name = f"test_{next(_numbers)}"
    administer(f"create database {name} template {template}")
    yield _address(stack, name)
    administer(f"drop database {name} with (force)")


def _address(stack: Stack, name: str) -> str:
    return make_url(stack.database_url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def template(stack: Stack, administer: Administer) -> Iterator[str]:
    """Return a migrated, empty database that tests copy: a copy takes a tenth of the time of a migration."""
    with fresh_database(stack, administer) as url:
        engine = make_engine(url)
        upgrade(engine)
        engine.dispose()
        yield str(make_url(url).database)


@pytest.fixture(scope="session")
def databases(stack: Stack, administer: Administer, template: str) -> Databases:
    return Databases(lambda name: _address(stack, name), administer, template)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """Yield a migrated, empty database."""
    with databases.lend() as url:
        yield url


@pytest.fixture
def empty_database_url(stack: Stack, administer: Administer) -> Iterator[str]:
    """Yield an empty database without tables."""
    with fresh_database(stack, administer) as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(stack: Stack) -> str:
    return stack.redis_url


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """Return the settings of a new home on the session's servers; Redis is emptied."""
    flush(redis_url)
    return settings_of(tmp_path, database_url, redis_url)


def flush(redis_url: str) -> None:
    """Delete all keys of Redis."""
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()


def settings_of(folder: Path, database_url: str, redis_url: str) -> Settings:
    """Return the settings of a home in this folder on the session's servers."""
    found = Settings(
        WSOPTV_HOME=folder / "home",
        DATABASE_URL=SecretStr(database_url),
        REDIS_URL=SecretStr(redis_url),
        JWT_SECRET_KEY=SecretStr("a secret of the tests, longer than it has to be"),
        RATE_LIMIT_PER_MINUTE=100_000,
        READ_LIMIT_PER_MINUTE=100_000,
    )
    # Tests of a real Meilisearch set it themselves.
    return found.model_copy(update={"meilisearch_url": None})


@pytest.fixture(scope="session")
def gate() -> Iterator[Gate]:
    """Yield Great Expectations in its child process, loaded once per session."""
    with Gate() as gate:
        yield gate


@pytest.fixture(scope="session")
def weather() -> Iterator[buckets.Weather]:
    """Yield a server of S3, once per session."""
    with buckets.serving_s3() as weather:
        yield weather


@pytest.fixture
def s3(weather: buckets.Weather) -> Iterator[buckets.S3]:
    """Return a new bucket without faults."""
    client, bucket = buckets.client(), f"films-{next(_numbers)}"
    client.create_bucket(Bucket=bucket)
    weather.clear()
    forget_clients()
    yield buckets.S3(client, bucket, weather)
    weather.clear()
