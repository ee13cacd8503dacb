"""One application for all tests of a module that imports these fixtures.

Each test gets an empty catalogue, archive, home and Redis, as with its own application. In-process state
stays, such as metrics and cached ids of earlier tests.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from psycopg.errors import DeadlockDetected, LockNotAvailable
from redis import Redis
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from orchestration.settings import Settings
from serving.app import create_app
from tests.plugins.databases import EMPTY, Databases
from tests.plugins.servers import settings_of
from tests.serving.conftest import Shelf, eventually, serving, shelf_in

__all__ = ["anonymous", "database_url", "settings", "shelf", "site", "site_settings"]


@dataclass
class Site:
    """A catalogue, an archive and a home, with the applications that serve them."""

    settings: Settings
    shelf: Shelf
    redis: Redis
    closing: ExitStack
    _servers: dict[frozenset[tuple[str, object]], httpx.Client] = field(default_factory=dict)

    def server(self, **limits: object) -> httpx.Client:
        """Return an anonymous client of the application with these settings, which is started once."""
        key = frozenset(limits.items())
        if key not in self._servers:
            app = create_app(self.settings.model_copy(update=limits))
            self._servers[key] = self.closing.enter_context(serving(app))
        client = self._servers[key]
        client.cookies.clear()
        return client

    def empty(self) -> None:
        """Delete all rows, files and keys."""
        eventually(self._removes_rows)
        self.redis.flushdb()
        self.shelf.root_id = None
        for folder in (self.shelf.archive, self.settings.home):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()

    def _removes_rows(self) -> bool:
        """Delete all rows. Return False if the application still writes rows of the previous test.

        In a deadlock, PostgreSQL may cancel a statement of the application. The lock timeout prevents that.
        """
        try:
            with self.shelf.engine.begin() as connection:
                connection.execute(text("set local lock_timeout = '100ms'"))
                connection.execute(text(EMPTY))
        except OperationalError as error:
            if isinstance(error.orig, LockNotAvailable | DeadlockDetected):
                return False
            raise
        return True


@pytest.fixture(scope="module")
def site_settings() -> dict[str, Any]:
    """Return settings that a module changes for all of its tests."""
    return {}


@pytest.fixture(scope="module")
def site(
    databases: Databases,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    site_settings: dict[str, Any],
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with ExitStack() as closing:
        database_url = closing.enter_context(databases.lend())
        settings = settings_of(folder, database_url, redis_url).model_copy(update=site_settings)
        shelf = closing.enter_context(shelf_in(folder, database_url))
        redis = closing.enter_context(Redis.from_url(redis_url))
        yield Site(settings, shelf, redis, closing)


@pytest.fixture
def settings(site: Site) -> Settings:
    site.empty()
    return site.settings


@pytest.fixture
def shelf(site: Site, settings: Settings) -> Shelf:
    return site.shelf


@pytest.fixture
def database_url(settings: Settings) -> str:
    assert settings.database_url is not None
    return settings.database_url.get_secret_value()


@pytest.fixture
def anonymous(site: Site, settings: Settings) -> httpx.Client:
    return site.server()
