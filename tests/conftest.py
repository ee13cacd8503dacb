"""The real servers for all tests: one embedded stack a session, one fresh database a test."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import create_engine, make_url

from catalog_models.engine import driver_url, make_engine
from catalog_models.migrate import upgrade
from deployments.stack import Stack, use_prefect, use_stack
from deployments.stack.layout import Layout
from deployments.stack.places import existing_data
from orchestration.settings import Settings
from tasks.quality import Gate

_numbers = itertools.count()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    home = tmp_path_factory.mktemp("home")
    with use_stack(Settings(WSOPTV_HOME=home), "tests") as stack:
        yield stack
    forget_home(home)


def forget_home(home: Path) -> None:
    """Remove what lies outside of a home: root's PostgreSQL may keep its data elsewhere."""
    data = existing_data(Layout(home)) if home.exists() else None
    if data is not None and not data.is_relative_to(home):
        shutil.rmtree(data, ignore_errors=True)


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _administer(url: str, statement: str) -> None:
    engine = create_engine(driver_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(scope="session")
def template(stack: Stack) -> str:
    """A migrated, empty database that tests copy: a copy takes a tenth of a migration."""
    _administer(stack.database_url, "create database template_wsoptv")
    engine = make_engine(_named(stack.database_url, "template_wsoptv"))
    upgrade(engine)
    engine.dispose()
    return "template_wsoptv"


@contextmanager
def fresh_database(stack: Stack, template: str) -> Iterator[str]:
    """A migrated, empty database, gone afterwards."""
    name = f"test_{next(_numbers)}"
    _administer(stack.database_url, f"create database {name} template {template}")
    yield _named(stack.database_url, name)
    _administer(stack.database_url, f"drop database {name} with (force)")


@pytest.fixture
def database_url(stack: Stack, template: str) -> Iterator[str]:
    """A fresh, migrated, empty database."""
    with fresh_database(stack, template) as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(stack: Stack) -> str:
    return stack.redis_url


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """Settings of a home of its own on the session's servers; what other tests counted in Redis is gone."""
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
    return settings_of(tmp_path, database_url, redis_url)


def settings_of(folder: Path, database_url: str, redis_url: str) -> Settings:
    """Settings of a home in this folder on the session's servers."""
    found = Settings(
        WSOPTV_HOME=folder / "home",
        DATABASE_URL=SecretStr(database_url),
        REDIS_URL=SecretStr(redis_url),
        JWT_SECRET_KEY=SecretStr("a secret of the tests, longer than it has to be"),
        RATE_LIMIT_PER_MINUTE=100_000,
    )
    return found.model_copy(update={"meilisearch_url": None})  # which a real one's tests set for themselves


@pytest.fixture
def empty_database_url(stack: Stack) -> Iterator[str]:
    """An empty database without a schema."""
    name = f"test_{next(_numbers)}"
    _administer(stack.database_url, f"create database {name}")
    yield _named(stack.database_url, name)
    _administer(stack.database_url, f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the API of one Prefect server: starting one takes longer than most tests."""
    home = tmp_path_factory.mktemp("prefect")
    with use_prefect(Settings(WSOPTV_HOME=home, PREFECT_API_URL=None), "tests") as url:
        yield url


@pytest.fixture(scope="session")
def gate() -> Iterator[Gate]:
    """Great Expectations in its child, loaded once a session."""
    with Gate() as gate:
        yield gate
