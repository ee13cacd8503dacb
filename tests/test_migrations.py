"""The schema: migrations alone make it, from the first, and it is what the models say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from catalog_models.engine import make_engine
from catalog_models.migrate import SchemaTooNewError, current_revision, head_revision, upgrade
from catalog_models.tables import Base


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    engine = make_engine(empty_database_url)
    yield engine
    engine.dispose()


def test_from_nothing_to_the_models(engine: Engine) -> None:
    assert upgrade(engine) == (None, head_revision())
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_second_time_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    assert upgrade(engine) == (head_revision(), head_revision())


def test_a_newer_database_is_left_alone(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(SchemaTooNewError, match="newer version"):
        upgrade(engine)
    assert current_revision(engine) == "9999"
