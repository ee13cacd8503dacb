"""The smaller flows, in this process: what they answer, and in which state they end."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from catalog_models.archive import MediaFile
from catalog_models.catalogue import Content, Thumbnail
from catalog_models.people import LoginSession, User
from catalog_models.watching import ContentView, PlaybackSession
from flows.ingest import titles as titling
from flows.job.context import JobContext
from orchestration.transactions import Transactions
from tasks.titles import Title, read_title
from tests.flows.holding import held
from tests.plugins.ingest import Archive, Ingest
from tests.prefect.api import Api

Run = Callable[..., Any]


@pytest.fixture
def run(observed: None, ingest: Ingest) -> Run:
    """Runs a flow of this name where the ingest works; answers its last state."""
    from importlib import import_module

    from flows.prefect_runs.context import handed_over

    def run(name: str, **parameters: Any) -> Any:
        transactions = Transactions(ingest.engine, ingest.events.append)
        with handed_over(JobContext(ingest.settings, transactions, ingest.pool)):
            flow = getattr(import_module(f"flows.{name}"), name)
            return flow(**parameters, return_state=True)

    return run


def _seen(state: Any) -> tuple[str, str]:
    return state.name, state.message


def test_what_was_given_up_on_is_tried_again(run: Run, archive: Archive, ingest: Ingest) -> None:
    path = archive.put("a.mp4")
    with held(path):
        assert ingest(archive.root).failed == 1
        still = run("retry_failures")
        assert _seen(still) == ("Completed with failures", "1 failure tried again, 1 file failed")
    again = run("retry_failures")
    assert _seen(again) == ("Completed", "1 failure tried again, 0 files failed")
    retried = dataclasses.asdict(again.result())
    assert retried == {
        "tried": 1,
        "failed": 0,
        "waiting": 0,
        "down": None,
        "missing": 0,
        "quarantined": 0,
    }
    assert set(ingest.titles()) == {"a"}
    assert run("retry_failures").name == "Nothing to retry"


def test_pictures_are_made_where_they_lack_or_all_anew(run: Run, archive: Archive, ingest: Ingest) -> None:
    archive.put("one/a.mp4")
    archive.put("two/b.mp4")
    ingest(archive.root)
    assert run("make_thumbnails").name == "Nothing lacking"
    poster = ingest.settings.thumbnails / ingest.rows(Thumbnail, Thumbnail.kind == "poster")[0].path
    poster.unlink()
    assert _seen(run("make_thumbnails")) == ("Completed", "pictures of 1 file made")
    assert poster.exists()
    before = {row.path_text: row.thumbnails_at for row in ingest.rows(MediaFile)}
    anew = run("make_thumbnails", root=str(archive.root / "one"), again=True)
    assert _seen(anew) == ("Completed", "pictures of 1 file made")
    after = {row.path_text: row.thumbnails_at for row in ingest.rows(MediaFile)}
    assert [path for path in after if after[path] != before[path]] == ["one/a.mp4"]
    assert run("make_thumbnails", again=True).result().made == 2
    assert len(ingest.rows(Thumbnail)) == 6
    refused = run("make_thumbnails", root="/nowhere")
    assert (refused.type.value, refused.name) == ("FAILED", "Refused")


def test_titles_are_compared_first_and_stored_when_that_is_asked_for(
    run: Run, archive: Archive, ingest: Ingest, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.put("WSOP 2031 Main Event Day 3.mp4")
    archive.put("WSOP 2031 Main Event Day 4.mp4")
    ingest(archive.root)
    assert run("generate_titles").name == "Nothing new"

    def later(path: str) -> Title:
        return read_title(path.replace("Day 3", "Day 9"))

    monkeypatch.setattr(titling, "read_title", later)
    before = {row.id: row.title for row in ingest.rows(Content)}
    compared = run("generate_titles")
    assert _seen(compared) == ("To be looked at", "1 of 2 files read otherwise, 1 by another name")
    assert {row.id: row.title for row in ingest.rows(Content)} == before
    table = api.artifacts({"id": str(compared.state_details.flow_run_id)})["title-diff"]
    assert "Day 9" in table["data"]
    assert "run it again with `apply`" in table["description"]
    assert run("generate_titles", apply=True).name == "Stored"
    titles = [row.title for row in ingest.rows(Content, Content.is_visible)]
    assert sorted(titles) == ["WSOP 2031 Main Event – Day 4", "WSOP 2031 Main Event – Day 9"]
    assert run("generate_titles").name == "Nothing new"


def test_without_a_search_server_unused_words_are_forgotten(
    run: Run, archive: Archive, ingest: Ingest
) -> None:
    path = archive.put("quizzical walrus.mp4")
    ingest(archive.root)
    path.rename(path.with_name("walrus.mp4"))
    ingest(archive.root)
    made = run("reindex_search")
    assert _seen(made) == ("Nothing to build", "PostgreSQL searches: 1 unused word forgotten")
    assert (made.result().configured, made.result().words) == (False, 1)


def test_hot_titles_are_promoted_and_every_decision_is_reported(
    run: Run, archive: Archive, ingest: Ingest, api: Api
) -> None:
    archive.put("WSOP 2031 Main Event Day 3.mp4")
    ingest(archive.root)
    assert run("promote_hot").name == "Nothing to promote"
    (title,) = ingest.titles().values()
    with ingest.session() as session, session.begin():
        session.add_all(ContentView(content_id=title.id) for _ in range(5))
    dry = run("promote_hot", dry_run=True)
    assert dry.message == "1 title would be copied, 0 would leave; nothing was changed"
    done = run("warm_cache")
    assert _seen(done) == ("Completed", "1 title copied, 0 left, 0 failed")
    flow_run = {"id": str(done.state_details.flow_run_id)}
    steps = [step["name"] for step in api.steps(flow_run, least=6)]
    assert {name.partition(" ")[0] for name in steps} == {
        "look",
        "compare",
        "plan",
        "reserve",
        "copy",
        "play",
    }
    assert "5 views in 7 days" in api.artifacts(flow_run)["promotion"]["data"]
    (copy,) = ingest.settings.cache_folder.iterdir()
    assert copy.read_bytes() == (archive.root / "WSOP 2031 Main Event Day 3.mp4").read_bytes()


def test_renditions_are_made_step_by_step_and_what_they_cost_is_said_before(
    run: Run, archive: Archive, ingest: Ingest, api: Api
) -> None:
    archive.put("WSOP 2031 Main Event Day 3.mkv")
    ingest(archive.root)
    dry = run("make_renditions", dry_run=True)
    assert str(dry.message).startswith("1 rendition would be made: ")
    done = run("make_renditions")
    assert _seen(done) == ("Completed", "1 rendition made, 0 failed")
    flow_run = {"id": str(done.state_details.flow_run_id)}
    steps = [step["name"].partition(" ")[0] for step in api.steps(flow_run, least=6)]
    assert set(steps) == {"look", "compare", "what", "claim", "remux", "play"}
    assert "remux" in api.artifacts(flow_run)["renditions"]["data"]
    assert {title.status for title in ingest.titles().values()} == {"ready"}
    assert run("make_renditions").name == "Nothing to make"


def test_the_nightly_flows_say_what_they_did(run: Run, archive: Archive, ingest: Ingest, api: Api) -> None:
    path = archive.put("WSOP 2031 Main Event Day 3.mp4")
    ingest(archive.root)
    assert run("aggregate_statistics").name == "Nothing to sum up"
    done = run("export_catalogue")
    (folder,) = (ingest.settings.home / "exports").iterdir()
    assert str(done.message).startswith(f"{folder}: 1 roots, 1 series, 1 titles, 1 files")
    assert run("verify_fixity", budget=0).name == "Nothing read"
    assert run("verify_fixity").name == "Completed"
    seen = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    found = run("verify_fixity")
    assert found.name == "Damage found"
    assert "Day 3.mp4" in api.artifacts({"id": str(found.state_details.flow_run_id)})["fixity"]["data"]


def test_what_has_been_over_for_long_is_forgotten_and_views_stay(
    run: Run, archive: Archive, ingest: Ingest
) -> None:
    archive.put("a.mp4")
    ingest(archive.root)
    assert run("expire_sessions").name == "Nothing to forget"
    (title,) = ingest.titles().values()
    now, month = dt.datetime.now(dt.UTC), dt.timedelta(days=31)
    with ingest.session() as session, session.begin():
        session.add(user := User(email="ann@example.com", username="ann", password_hash="x"))
        session.flush()
        ends = ((None, now), (now - month, now + month), (None, now - month), (now, now))
        for ended, expires in ends:
            fields = {"refresh_id": uuid4(), "device": "x", "address": "x", "expires_at": expires}
            session.add(LoginSession(user_id=user.id, ended_at=ended, **fields))
        for ended in (None, now, now - month):
            session.add(
                played := PlaybackSession(user_id=user.id, content_id=title.id, device="x", ended_at=ended)
            )
        session.flush()
        session.add(ContentView(content_id=title.id, playback_session_id=played.id))
    done = run("expire_sessions")
    assert _seen(done) == ("Completed", "2 sign-ins, 1 playback session forgotten")
    assert (len(ingest.rows(LoginSession)), len(ingest.rows(PlaybackSession))) == (2, 2)
    assert len(ingest.rows(ContentView)) == 1
