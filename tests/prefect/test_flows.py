"""The smaller flows, in this process: their results and final states."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from catalog_models.tables import (
    Content,
    ContentView,
    LoginSession,
    MediaFile,
    PlaybackSession,
    Thumbnail,
    User,
)
from flows.ingest import titles as titling
from flows.job.context import JobContext
from flows.renditions import render
from orchestration.settings import Settings
from orchestration.transactions import Transactions
from tasks.renditions import encoder
from tasks.titles import Title, read_title
from tests.flows.file_leases import held
from tests.plugins.ingest import Archive, Ingest
from tests.prefect.api import Api, Graph
from tests.search.fake_server import imitation
from tests.stack.conftest import until

Run = Callable[..., Any]


@pytest.fixture
def run(prefect_connection: None, ingest: Ingest, api: Api) -> Run:
    """Return a function that runs the flow of this name on the ingest's home and returns the final state."""
    from importlib import import_module

    from flows.prefect_runs.run import of_command

    def run(name: str, flow_run: str | None = None, **parameters: Any) -> Any:
        transactions = Transactions(ingest.engine, ingest.events.append)
        with of_command(JobContext(ingest.settings, transactions, ingest.pool)):
            flow = getattr(import_module(f"flows.{name}"), name)
            if flow_run is not None:
                return _run_now(api, flow, flow_run)
            return flow(**parameters, return_state=True)

    return run


def _run_now(api: Api, flow: Any, key: str) -> Any:
    """Run a scheduled flow run, as a worker would at its time."""
    from prefect.client.orchestration import get_client
    from prefect.flow_engine import run_flow

    api.post(f"flow_runs/{key}/set_state", state={"type": "PENDING"}, force=True)
    with get_client(sync_client=True) as client:
        scheduled = client.read_flow_run(UUID(key))
    return run_flow(flow, flow_run=scheduled, parameters=scheduled.parameters, return_type="state")


def _seen(state: Any) -> tuple[str, str]:
    return state.name, state.message


def graph_of(api: Api, state: Any, least: int) -> Graph:
    """Return the graph of a run; it must have one root, and its last task run must depend on all others."""
    graph = api.graph({"id": str(state.state_details.flow_run_id)}, least)
    assert len(graph.labels) == least
    assert len(graph.roots) == 1
    parents = set().union(*graph.parents.values())
    (last,) = set(graph.labels) - parents
    assert graph.before(last) == set(graph.labels) - {last}
    return graph


def test_dead_letters_are_tried_again(run: Run, archive: Archive, ingest: Ingest) -> None:
    path = archive.put("a.mp4")
    with held(path):
        assert ingest(archive.root).failed == 1
        still = run("retry_failures")
        assert _seen(still) == ("Completed, 1 failed", "1 failure tried again, 1 file failed")
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


def test_missing_or_all_pictures_are_made(run: Run, archive: Archive, ingest: Ingest) -> None:
    archive.put("one/a.mp4")
    archive.put("two/b.mp4")
    ingest(archive.root)
    assert run("make_thumbnails").name == "Nothing missing"
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
    assert len(ingest.rows(Thumbnail)) == 8
    refused = run("make_thumbnails", root="/nowhere")
    assert (refused.type.value, refused.name) == ("FAILED", "Refused")


def test_titles_are_compared_and_stored_only_with_apply(
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
    assert _seen(compared) == ("To be reviewed", "1 of 2 files read differently, 1 with another title")
    assert {row.id: row.title for row in ingest.rows(Content)} == before
    table = api.artifacts({"id": str(compared.state_details.flow_run_id)})["title-diff"]
    assert "Day 9" in table["data"]
    assert "run it again with `apply`" in table["description"]
    assert run("generate_titles", apply=True).name == "Stored"
    titles = [row.title for row in ingest.rows(Content, Content.is_visible)]
    assert sorted(titles) == ["WSOP 2031 Main Event – Day 4", "WSOP 2031 Main Event – Day 9"]
    assert run("generate_titles").name == "Nothing new"


def test_without_a_search_server_unused_words_are_deleted(
    run: Run, archive: Archive, ingest: Ingest, api: Api
) -> None:
    path = archive.put("quizzical walrus.mp4")
    ingest(archive.root)
    path.rename(path.with_name("walrus.mp4"))
    ingest(archive.root)
    made = run("reindex_search")
    assert _seen(made) == ("Nothing to build", "PostgreSQL searches: 1 unused word removed")
    assert (made.result().configured, made.result().words) == (False, 1)
    graph = graph_of(api, made, least=2)
    assert graph.stages() == ["search", "search"]


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
    assert dry.message == "1 title would be copied, 0 would be evicted; nothing was changed"
    assert api.graph({"id": str(dry.state_details.flow_run_id)}, 2).stages() == ["plan", "summary"]
    done = run("warm_cache")
    assert _seen(done) == ("Completed", "1 title copied, 0 evicted, 0 failed")
    flow_run = {"id": str(done.state_details.flow_run_id)}
    graph = api.graph(flow_run, least=5)
    assert graph.roots == ["plan: hot titles"]
    assert graph.stages() == ["plan", "reserve", "copy", "play", "summary"]
    report = api.artifacts(flow_run)["promotion"]["data"]
    assert "5 views in 7 days" in report
    assert "MB/s" in report
    (copy,) = ingest.settings.cache_folder.iterdir()
    assert copy.read_bytes() == (archive.root / "WSOP 2031 Main Event Day 3.mp4").read_bytes()


def test_copies_are_evicted_before_their_space_is_reserved(
    run: Run, archive: Archive, ingest: Ingest, api: Api
) -> None:
    """After a lower budget, copies are evicted first; then the titles follow, one after another."""
    for number in range(1, 7):
        archive.put(f"WSOP 2031 Main Event Day {number}.mp4")
    ingest(archive.root)
    days = [ingest.titles()[f"WSOP 2031 Main Event – Day {number}"] for number in range(1, 7)]
    assert run("promote_hot", content_ids=[day.id for day in days[:4]]).result().copied == 4
    with ingest.session() as session, session.begin():
        session.add_all(ContentView(content_id=day.id) for day in days[4:] for _ in range(6))
    size = max(file.size for file in ingest.rows(MediaFile))
    ingest.settings = ingest.settings.model_copy(update={"cache_bytes": int(size * 3.4)})
    done = run("promote_hot")
    assert (done.result().copied, done.result().left, done.result().failed) == (2, 3, [])
    graph = api.graph({"id": str(done.state_details.flow_run_id)}, least=11)
    assert graph.roots == ["plan: hot titles"]
    assert graph.stages() == ["plan", "evict", "reserve", "copy", "play", "summary"]
    keys = {label: key for key, label in graph.labels.items()}
    (end,) = (key for label, key in keys.items() if label.startswith("summary"))
    assert graph.before(end) == set(graph.labels) - {end}, "no task run is isolated"
    for label, key in keys.items():
        if label.startswith("reserve"):
            before = {graph.labels[one].partition(":")[0] for one in graph.before(key)}
            assert before == {"plan", "evict"}, label
    left = api.artifacts({"id": str(done.state_details.flow_run_id)})["promotion"]["data"]
    assert left.index("| copied |") < left.index("| evicted |")


def test_renditions_are_made_and_a_dry_run_estimates_their_cost(
    run: Run, archive: Archive, ingest: Ingest, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (3, 4):
        archive.put(f"WSOP 2031 Main Event Day {number}.mkv")
    ingest(archive.root)
    dry = run("make_renditions", dry_run=True)
    assert str(dry.message).startswith("2 renditions would be made: ")
    assert api.graph({"id": str(dry.state_details.flow_run_id)}, 2).stages() == ["plan", "summary"]

    def fails_once(original: encoder.Original, *arguments: Any) -> None:
        if b"Day 4" in original.path:
            raise encoder.RenditionFailedError("ffmpeg gave up")
        encoder.make_rendition(original, *arguments)

    monkeypatch.setattr(render, "make_rendition", fails_once)
    done = run("make_renditions")
    failure = "WSOP 2031 Main Event – Day 4: ffmpeg gave up"
    assert _seen(done) == ("Completed, 1 failed", f"1 rendition made, 1 failed: {failure}")
    flow_run = {"id": str(done.state_details.flow_run_id)}
    graph = api.graph(flow_run, least=4)
    assert graph.roots == ["plan: remux of all titles"]
    assert graph.stages() == ["plan", "render", "summary"]
    (end,) = (key for key, label in graph.labels.items() if label.startswith("summary"))
    assert graph.before(end) == set(graph.labels) - {end}, "no task run is isolated"
    failed, made = api.artifacts(flow_run)["renditions"]["data"].splitlines()[2:]
    assert failed == "| failed | WSOP 2031 Main Event – Day 4 |  |  |  | ffmpeg gave up |"
    assert made.startswith("| made | WSOP 2031 Main Event – Day 3 | ")
    assert " MB/s | remux of " in made
    assert sorted(title.status for title in ingest.titles().values()) == ["preparing", "ready"]
    assert run("make_renditions").name == "Nothing to make"


@pytest.mark.usefixtures("deployed")
def test_only_the_last_scheduled_run_without_work_stays(
    run: Run, archive: Archive, ingest: Ingest, api: Api
) -> None:
    def scheduled() -> list[dict[str, Any]]:
        named = {"deployments": {"name": {"any_": ["promote-hot"]}}, "sort": "EXPECTED_START_TIME_ASC"}
        runs: list[dict[str, Any]] = api.post("flow_runs/filter", **named)
        return [one for one in runs if one["auto_scheduled"]]

    def states(name: str) -> list[str]:
        return [one["id"] for one in scheduled() if one["state_name"] == name]

    archive.put("WSOP 2031 Main Event Day 3.mp4")
    ingest(archive.root)
    until(lambda: len(states("Scheduled")) >= 4)
    first, second, third, fourth = states("Scheduled")[:4]
    for key in (first, second):
        assert run("promote_hot", flow_run=key).name == "Nothing to promote"
    assert states("Nothing to promote") == [second]
    assert "promotion" not in api.artifacts({"id": second})
    (title,) = ingest.titles().values()
    with ingest.session() as session, session.begin():
        session.add_all(ContentView(content_id=title.id) for _ in range(5))
    assert run("promote_hot", flow_run=third).name == "Completed"
    asked_for = run("promote_hot")
    assert run("promote_hot", flow_run=fourth).name == "Nothing to promote"
    assert (states("Nothing to promote"), states("Completed")) == ([fourth], [third])
    assert api.get(f"flow_runs/{asked_for.state_details.flow_run_id}")["state_name"] == "Nothing to promote"


def test_the_nightly_flows_report_their_results(run: Run, archive: Archive, ingest: Ingest, api: Api) -> None:
    path = archive.put("WSOP 2031 Main Event Day 3.mp4")
    ingest(archive.root)
    summed = run("aggregate_statistics")
    assert summed.name == "Nothing to sum up"
    graph_of(api, summed, least=2)
    done = run("export_catalogue")
    (folder,) = (ingest.settings.home / "exports").iterdir()
    assert str(done.message).startswith(f"{folder}: 1 roots, 1 series, 1 titles, 1 files")
    graph_of(api, done, least=3)
    assert run("verify_fixity", budget=0).name == "Nothing read"
    assert run("verify_fixity").name == "Completed"
    seen = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    found = run("verify_fixity")
    assert found.name == "Completed, 1 damaged"
    assert "Day 3.mp4" in str(found.message)
    graph = graph_of(api, found, least=3)
    assert f"verify: 1 file from {path.name} on" in graph.labels.values()
    assert "Day 3.mp4" in api.artifacts({"id": str(found.state_details.flow_run_id)})["fixity"]["data"]


def test_files_are_read_in_a_chain_of_batches(
    run: Run, archive: Archive, ingest: Ingest, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.upkeep import fixity_plan

    monkeypatch.setattr(fixity_plan, "_BATCH_FILES", 2)
    for day in range(1, 6):
        archive.put(f"WSOP 2031 Main Event Day {day}.mp4")
    ingest(archive.root)
    done = run("verify_fixity")
    assert (done.result().files, done.result().left) == (5, 0)
    assert graph_of(api, done, least=5).stages() == ["verify"] * 5


def test_an_index_is_rebuilt_in_ranges_of_titles(
    run: Run, archive: Archive, ingest: Ingest, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.search import title_rows

    monkeypatch.setattr(title_rows, "ROWS", 2)
    for day in range(1, 6):
        archive.put(f"WSOP 2031 Main Event Day {day}.mp4")
    ingest(archive.root)
    with imitation() as server:
        monkeypatch.setitem(vars(ingest), "settings", _with(ingest, server.url))
        done = run("reindex_search")
        assert done.name == "Completed"
        assert (done.result().titles, len(server.indexes["titles"])) == (5, 5)
    graph = graph_of(api, done, least=9)
    assert graph.stages() == ["search", "search", *["index"] * 5]
    ranges = {f"index: titles {part}" for part in ("1 to 2", "3 to 4", "5 to 5")}
    assert ranges <= set(graph.labels.values())


def test_a_worker_does_not_write_an_export_to_a_given_folder(
    prefect_connection: None, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from flows.export_catalogue import export_catalogue

    assert settings.database_url is not None
    assert settings.redis_url is not None
    monkeypatch.setenv("WSOPTV_HOME", str(settings.home))
    monkeypatch.setenv("DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("REDIS_URL", settings.redis_url.get_secret_value())
    state = export_catalogue(folder=str(tmp_path / "elsewhere"), return_state=True)
    assert (state.type.value, state.name) == ("FAILED", "Refused")
    assert "leave `folder` empty" in str(state.message)
    assert not (tmp_path / "elsewhere").exists()


def _with(ingest: Ingest, url: str) -> Settings:
    return ingest.settings.model_copy(update={"meilisearch_url": url})


def test_old_sessions_are_deleted_and_views_stay(
    run: Run, archive: Archive, ingest: Ingest, api: Api
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
    graph_of(api, done, least=4)
    assert (len(ingest.rows(LoginSession)), len(ingest.rows(PlaybackSession))) == (2, 2)
    assert len(ingest.rows(ContentView)) == 1
