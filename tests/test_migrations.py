"""Migrations create the schema of the models, and keep the data of older versions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from catalog_models import migrate
from catalog_models.engine import make_engine
from catalog_models.migrate import SchemaTooNewError, current_revision, head_revision, migrate_to, upgrade
from catalog_models.reads.older_pictures import count_older_pictures
from catalog_models.tables import Base, Thumbnail
from orchestration.settings import Settings
from serving.search import Found, SearchQuery, ask_once


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    engine = make_engine(empty_database_url)
    yield engine
    engine.dispose()


def test_an_empty_database_gets_the_schema_of_the_models(engine: Engine) -> None:
    assert upgrade(engine) == (None, head_revision())
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_the_names_of_the_files_give_the_head() -> None:
    assert ScriptDirectory(Path(migrate.__file__).parent / "migrations").get_current_head() == head_revision()


def test_a_second_upgrade_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    assert upgrade(engine) == (head_revision(), head_revision())


def test_a_newer_database_is_refused_and_unchanged(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(SchemaTooNewError, match="newer version"):
        upgrade(engine)
    assert current_revision(engine) == "9999"


def test_a_file_of_the_first_version_is_kept_and_its_title_is_due(engine: Engine) -> None:
    """The rules that read titles have changed since revision 0001."""
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


def test_missing_files_are_not_forgotten_and_old_alerts_are_not_reported_again(
    engine: Engine,
) -> None:
    migrate_to(engine, "0017")
    with engine.begin() as connection:
        connection.execute(
            text(
                "with root as (insert into roots (path, path_text) values ('/a', '/a') returning id) "
                "insert into media_files (root_id, path, path_text, size, mtime_ns, missing_since) "
                "select id, 'x.mp4', 'x.mp4', 1, 1, now() from root"
            )
        )
        connection.execute(text("insert into alerts (kind, subject, message) values ('damage', 'x', 'bad')"))
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalars(text("select forgotten_at from media_files")).all() == [None]
        assert connection.scalar(text("select count(*) from alerts where reported_at is null")) == 0


def test_a_title_may_have_a_brand_that_no_program_knows_and_players_are_none_at_first(engine: Engine) -> None:
    """Brands are values of the vocabulary, which editors change."""
    migrate_to(engine, "0001")
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into contents (content_key, title, short_title, is_visible, status, brand) "
                "values ('k', 'Late Night Stakes', 'x', true, 'ready', 'LNS')"
            )
        )
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalars(text("select brand from contents")).all() == ["LNS"]
        assert connection.scalar(text("select count(*) from known_players")) == 0


def test_completed_titles_are_watched_and_none_has_left_continue_watching(engine: Engine) -> None:
    migrate_to(engine, "0018")
    with engine.begin() as connection:
        connection.execute(
            text(
                "with person as (insert into users (email, username, password_hash) values ('a@b.c', 'ann', '') "
                "returning id), titles as (insert into contents (content_key, title, short_title, search_title, "
                "search_fields, search_path, search_players) select n, n, n, '', '', '', '{}' from "
                "(values ('a'), ('b')) as name (n) returning id, title) "
                "insert into watch_progress (user_id, content_id, progress_seconds, completed, updated_at) "
                "select person.id, titles.id, 5, title = 'a', '2026-03-02T20:00:00Z' from person, titles"
            )
        )
    upgrade(engine)
    with engine.connect() as connection:
        rows = connection.execute(
            text("select completed, watched_at = updated_at as same, dismissed_at from watch_progress")
        )
        assert sorted((row.completed, row.same, row.dismissed_at) for row in rows) == [
            (False, None, None),
            (True, True, None),
        ]


def test_pictures_of_the_first_version_stay_and_are_known_as_older(engine: Engine) -> None:
    migrate_to(engine, "0001")
    with engine.begin() as connection:
        connection.execute(
            text(
                "with root as (insert into roots (path, path_text) values ('/a', '/a') returning id), "
                "file as (insert into media_files (root_id, path, path_text, size, mtime_ns, thumbnails_at) "
                "select id, 'x.mp4', 'x.mp4', 1, 1, now() from root returning id), "
                "title as (insert into contents (content_key, title, short_title, best_file_id) "
                "select 'k', 't', 't', id from file) "
                "insert into thumbnails (media_file_id, kind, generator, path, width, height, size) "
                "select id, kind, 2, 'ab/x', 640, 360, 9 from file, "
                "unnest(array['poster', 'storyboard', 'storyboard_index']) as kind"
            )
        )
    upgrade(engine)
    with Session(engine) as session:
        rows = session.query(Thumbnail).all()
        assert sorted(row.kind for row in rows) == ["poster", "storyboard", "storyboard_index"]
        assert {(row.path, row.version, row.widths, row.thumbhash, row.parts) for row in rows} == {
            ("ab/x", None, None, None, None)
        }
        assert session.scalars(text("select thumbnails_at from media_files")).one() is not None
        assert count_older_pictures(session, None, 3) == 1
        session.add(
            Thumbnail(
                media_file_id=rows[0].media_file_id,
                kind="preview",
                generator=3,
                path="ab/x.preview.webp",
                width=1,
                height=1,
                size=1,
            )
        )
        session.commit()


def test_files_that_passed_the_gate_are_approved_with_their_present_facts(engine: Engine) -> None:
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


def test_titles_of_the_first_version_are_found_without_an_ingest(
    engine: Engine, empty_database_url: str
) -> None:
    migrate_to(engine, "0001")
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into contents (content_key, title, short_title, is_visible, status, year, buy_in, day, players, "
                "event_number, file_path) values ('k', 'WSOP 2031 Ômaha – Day 1A: Kings O''Holt', 'x', true, 'ready', 2031, "
                "10000, '1A', '{Ann Ashbrook}', 7, 'masters/ES0042.mxf')"
            )
        )
        connection.execute(
            text("insert into contents (content_key, title, short_title) values ('l', '', '')")
        )
    upgrade(engine)
    settings = Settings().model_copy(update={"database_url": SecretStr(empty_database_url)})

    def ask(q: str) -> Found:
        return asyncio.run(ask_once(settings, SearchQuery(q=q)))

    for q in ("omaha 2031", "day 1", "day 1a ashb", "10k", "event 7 o'holt", "ES0042", "ashborok"):
        assert ask(q).total == 1, q
    assert ask("day 11").total == ask("2032").total == 0
    with engine.connect() as connection:
        assert connection.scalar(text("select count(*) from search_words where word = 'ashbrook'")) == 1
        players = connection.scalars(text("select search_players from contents order by content_key"))
        assert list(players) == [["ann", "ann ashbrook", "ashbrook"], []]


def test_korean_titles_of_the_first_version_are_found_with_other_spaces(
    engine: Engine, empty_database_url: str
) -> None:
    migrate_to(engine, "0001")
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into contents (content_key, title, short_title, is_visible, status, file_path) values "
                "('k', 'WSOP한국 결승전 2031년', 'x', true, 'ready', '원본 자료/a.mxf'), "
                "('l', 'Main Event', 'Main Event', true, 'ready', 'b.mxf')"
            )
        )
    migrate_to(engine, "0015")
    with engine.begin() as connection:
        connection.exec_driver_sql("update contents set indexed_at = updated_at")
    upgrade(engine)
    settings = Settings().model_copy(update={"database_url": SecretStr(empty_database_url)})
    for q in ("한국결승전", "결승전 wsop", "wsop 2031", "원본자료"):
        found = asyncio.run(ask_once(settings, SearchQuery(q=q)))
        assert (found.total, found.dropped, found.corrected) == (1, [], None), q
    with engine.connect() as connection:
        due = connection.scalars(text("select title from contents where indexed_at is null"))
        assert list(due) == ["WSOP한국 결승전 2031년"], "only changed documents are due"
