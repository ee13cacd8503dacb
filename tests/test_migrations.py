"""The schema: migrations alone make it, from the first, and it is what the models say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from catalog_models.engine import make_engine
from catalog_models.migrate import SchemaTooNewError, current_revision, head_revision, migrate_to, upgrade
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


def test_what_the_first_version_stored_is_kept_and_read_again(engine: Engine) -> None:
    """From 0001 with a file in it: the row stays, and its title is due again, for the rules that read it are others."""
    migrate_to(engine, "0001")
    with engine.begin() as connection:
        connection.execute(
            text(
                "with root as (insert into roots (path, path_text) values ('/a', '/a') returning id) "
                "insert into media_files (root_id, path, path_text, size, mtime_ns, title_at, metadata_at) "
                "select id, 'x.mp4', 'x.mp4', 1, 1, now(), now() from root"
            )
        )
    assert upgrade(engine) == ("0001", head_revision())
    with engine.connect() as connection:
        row = connection.execute(text("select path_text, title_at, metadata_at from media_files")).one()
    assert (row.path_text, row.title_at) == ("x.mp4", None)
    assert row.metadata_at is not None


def test_what_passed_the_gate_before_it_had_a_memory_is_what_it_remembers(engine: Engine) -> None:
    migrate_to(engine, "0002")
    with engine.begin() as connection:
        connection.execute(
            text(
                "with root as (insert into roots (path, path_text) values ('/a', '/a') returning id) "
                "insert into media_files (root_id, path, path_text, size, mtime_ns, metadata_at, quality_at, "
                "quarantined_at, duration_seconds, width, height, audio, fingerprint) "
                "select id, convert_to(name, 'utf8'), name, 7, 1, now(), judged, bad, 60.5, 1920, 1080, audio, '\\xff00' "
                "from root, (values ('good', now(), null, jsonb '[{}, {}]'), ('mute', now(), null, null), "
                "('bad', now(), now(), '[]'), ('unjudged', null, null, '[]')) as file (name, judged, bad, audio)"
            )
        )
    upgrade(engine)
    with engine.connect() as connection:
        found = connection.execute(text("select path_text, approved from media_files"))
        rows = {row.path_text: row.approved for row in found}
    assert rows["good"].pop("at")
    assert rows["good"] == {
        "size": 7,
        "fingerprint": "ff00",
        "duration_seconds": 60.5,
        "sound_tracks": 2,
        "width": 1920,
        "height": 1080,
    }
    assert rows["mute"]["sound_tracks"] == 0
    assert (rows["bad"], rows["unjudged"]) == (None, None)
