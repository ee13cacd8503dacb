"""The real servers for all tests: one embedded stack a session, one fresh database a test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import psycopg
import pytest
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import make_url

from catalog_models.engine import make_engine
from catalog_models.migrate import upgrade
from deployments.stack import Stack, use_prefect, use_stack
from orchestration.home import embedded_prefect_auth
from orchestration.settings import Settings
from tasks.quality import Gate
from tests import buckets
from tests.folders import open_folder
from tests.prefect.api import Api

# How long an example takes says something of the machine, not of the program.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# Before anybody forks a server of processes, which keeps the environment of that moment.
buckets.reserve_endpoint()

Administer = Callable[[str], object]

_numbers = itertools.count()


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with open_folder() as folder, use_stack(Settings(WSOPTV_HOME=folder / "home"), "tests") as stack:
        yield stack


@pytest.fixture(scope="session")
def administer(stack: Stack) -> Administer:
    """Runs a statement that is about whole databases; by a connection of its own, for one that is kept open ends with the
    first child that was forked."""

    def run(statement: str) -> None:
        with psycopg.connect(stack.database_url, autocommit=True) as connection:
            connection.execute(statement.encode())

    return run


@contextmanager
def fresh_database(stack: Stack, administer: Administer, template: str = "template1") -> Iterator[str]:
    """The address of a new database, which is dropped afterwards."""
    name = f"test_{next(_numbers)}"
    administer(f"create database {name} template {template}")
    yield make_url(stack.database_url).set(database=name).render_as_string(hide_password=False)
    administer(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def template(stack: Stack, administer: Administer) -> Iterator[str]:
    """A migrated, empty database that tests copy: a copy takes a tenth of a migration."""
    with fresh_database(stack, administer) as url:
        engine = make_engine(url)
        upgrade(engine)
        engine.dispose()
        yield str(make_url(url).database)


@pytest.fixture
def database_url(stack: Stack, administer: Administer, template: str) -> Iterator[str]:
    """A fresh, migrated, empty database."""
    with fresh_database(stack, administer, template) as url:
        yield url


@pytest.fixture
def empty_database_url(stack: Stack, administer: Administer) -> Iterator[str]:
    """An empty database without a schema."""
    with fresh_database(stack, administer) as url:
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


@pytest.fixture(scope="session")
def server_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="session")
def prefect(server_home: Path) -> Iterator[str]:
    """The address of the API of one Prefect server: starting one takes longer than most tests."""
    with use_prefect(Settings(WSOPTV_HOME=server_home, PREFECT_API_URL=None), "tests") as url:
        yield url


@pytest.fixture(scope="session")
def own_prefect(server_home: Path, prefect: str) -> dict[str, str]:
    """The variables by which others use that server, as one of their own."""
    return {"PREFECT_API_URL": prefect, "PREFECT_API_AUTH_STRING": embedded_prefect_auth(server_home) or ""}


@pytest.fixture(scope="session")
def api(own_prefect: dict[str, str]) -> Api:
    """That server, as its UI calls it."""
    return Api(own_prefect["PREFECT_API_URL"], own_prefect["PREFECT_API_AUTH_STRING"])


@pytest.fixture(scope="session")
def gate() -> Iterator[Gate]:
    """Great Expectations in its child, loaded once a session."""
    with Gate() as gate:
        yield gate


@pytest.fixture(scope="session")
def weather() -> Iterator[buckets.Weather]:
    """S3, once a session."""
    with buckets.serving_s3() as weather:
        yield weather


@pytest.fixture
def s3(weather: buckets.Weather) -> Iterator[buckets.S3]:
    """A fresh bucket, in fine weather."""
    client, bucket = buckets.client(), f"films-{next(_numbers)}"
    client.create_bucket(Bucket=bucket)
    weather.clear()
    yield buckets.S3(client, bucket, weather)
    weather.clear()
