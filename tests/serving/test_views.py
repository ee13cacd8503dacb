"""A view is counted once per session, whichever process ends it, and never lost."""

from __future__ import annotations

import httpx
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog_models.tables import ContentView, PlaybackSession
from orchestration.settings import Settings
from serving.app import create_app
from tests.serving.conftest import Shelf, eventually, serving, sign_in, signed_in
from tests.serving.shared_streams import Site, anonymous, database_url, settings, shelf, site, site_settings
from tests.serving.test_playback import LIMITS, end, house, start
from tests.serving.test_stream import BYTES

__all__ = ["anonymous", "database_url", "settings", "shelf", "site", "site_settings"]


def test_a_view_is_counted_once_per_session(client: httpx.Client, shelf: Shelf) -> None:
    title = shelf.add(content=BYTES)
    session = start(client, title)
    assert client.get(session["playback_url"]).content == BYTES
    end(client, title, session)
    end(client, title, session)
    with Session(shelf.engine) as found:
        assert found.scalar(select(func.count()).select_from(ContentView)) == 1
        assert found.scalar(select(PlaybackSession.bytes_sent)) == len(BYTES)


def test_views_count_after_a_take_over_or_a_shutdown(settings: Settings, shelf: Shelf) -> None:
    title, person = shelf.add(content=BYTES), sign_in(settings)
    with (
        serving(create_app(settings.model_copy(update=LIMITS))) as anonymous,
        signed_in(anonymous, person) as client,
    ):
        old, other = start(client, title), start(client, title)
        assert client.get(old["playback_url"]).content == BYTES
        start(client, title, take_over=old["playback_id"])
        eventually(lambda: views(shelf) == 1)
        assert client.get(other["playback_url"]).content == BYTES
    assert views(shelf) == 2


def test_views_count_if_another_process_ends_the_session(site: Site, shelf: Shelf) -> None:
    title = shelf.add(content=BYTES)
    with house(site, **LIMITS) as (one,), house(site) as (two,):
        two.headers.update(one.headers)
        old, other = start(one, title), start(one, title)
        for session in (old, other):
            assert one.get(session["playback_url"]).content == BYTES
        start(two, title, take_over=old["playback_id"])
        assert end(two, title, other).status_code == 204
        eventually(lambda: views(shelf) == 2)
    with Session(shelf.engine) as found:
        assert found.scalars(
            select(PlaybackSession.bytes_sent).order_by(PlaybackSession.bytes_sent)
        ).all() == [
            0,
            len(BYTES),
            len(BYTES),
        ]


def test_views_count_after_a_sign_out(site: Site, shelf: Shelf) -> None:
    title = shelf.add(content=BYTES)
    with house(site, **LIMITS) as (client,):
        session = start(client, title)
        assert client.get(session["playback_url"]).content == BYTES
        client.post("/api/auth/logout")
        eventually(lambda: views(shelf) == 1)


def views(shelf: Shelf) -> int:
    with Session(shelf.engine) as found:
        return found.scalar(select(func.count()).select_from(ContentView)) or 0
