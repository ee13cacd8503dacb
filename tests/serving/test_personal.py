"""The data of a viewer: progress in every list, the list, the history, and "continue watching"."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from catalog_models.tables import Content, ContentView, Series, WatchlistEntry, WatchProgress
from catalog_models.writes import users
from orchestration.settings import Settings
from serving.flat_catalog.history import history_of
from serving.titles.viewing import viewing_of
from tests.serving.conftest import Person, Shelf, eventually, sign_in, signed_in
from tests.serving.test_accounts import code_of

pytestmark = pytest.mark.shared_servers

ME = "/api/users/me"


@pytest.fixture
def ann(settings: Settings) -> Person:
    return sign_in(settings)


@pytest.fixture
def hers(anonymous: httpx.Client, ann: Person) -> Iterator[httpx.Client]:
    """Return a client of Ann, whose requests the tests follow."""
    with signed_in(anonymous, ann) as client:
        yield client


@pytest.fixture
def his(anonymous: httpx.Client, settings: Settings) -> Iterator[httpx.Client]:
    """Return a client of another viewer, who must see nothing of it."""
    with signed_in(anonymous, sign_in(settings)) as client:
        yield client


def play(client: httpx.Client, content_id: uuid.UUID, seconds: float) -> bool:
    """Save a position, as players do. Return whether the title is completed."""
    saved = client.post(f"/api/stream/{content_id}/progress", json={"position_seconds": seconds})
    assert saved.status_code == 200
    return bool(saved.json()["completed"])


def view(shelf: Shelf, person: Person, content_id: uuid.UUID, *at: str) -> None:
    """Add counted views."""
    with Session(shelf.engine) as session:
        for moment in at:
            viewed_at = dt.datetime.fromisoformat(moment)
            session.add(ContentView(user_id=person.user_id, content_id=content_id, viewed_at=viewed_at))
        session.commit()


def done(response: httpx.Response) -> None:
    assert (response.status_code, response.content) == (204, b""), response.text


def title(client: httpx.Client, content_id: uuid.UUID) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/contents/{content_id}").json()
    return found


def row(client: httpx.Client, row_id: str) -> list[str]:
    """Return the titles of a row of the home page, which is the first page of the row."""
    home = {one["id"]: one["items"] for one in client.get("/api/home").json()["rows"]}
    page = client.get(f"/api/home/rows/{row_id}").json()["items"]
    assert [one["id"] for one in page] == [one["id"] for one in home.get(row_id, [])]
    return [one["title"] for one in page]


def names(client: httpx.Client, path: str) -> list[str]:
    return [item["title"] for item in client.get(f"{ME}/{path}").json()["items"]]


def test_every_list_has_the_progress_of_its_viewer(
    hers: httpx.Client, his: httpx.Client, shelf: Shelf
) -> None:
    with Session(shelf.engine) as session:
        series = Series(title="WSOP 2024", brand="WSOP", year=2024)
        session.add(series)
        session.commit()
        key = series.id
    fields: dict[str, Any] = {"series_id": key, "brand": "WSOP", "content_type": "stream", "year": 2024}
    first, second = (
        shelf.add(f"Event 1 Day {day}", event_number=1, day=day, duration_seconds=200.0, **fields)
        for day in "12"
    )
    unknown = shelf.add("Without a duration", content_type="clip")
    play(hers, first, 25)
    play(hers, second, 190)
    play(hers, unknown, 25)
    done(hers.put(f"{ME}/list/{second}"))
    lists = (
        "/api/contents?series_id=" + str(key),
        "/api/search?q=event",
        f"/api/series/{key}",
        "/api/home/rows/recently_added",
        f"/api/home/rows/series:{key}",
    )
    for path in lists:
        found = {item["id"]: item for item in hers.get(path).json()["items"]}
        one, other = found[str(first)]["progress"], found[str(second)]["progress"]
        assert (one["progress_seconds"], one["percent"], one["completed"]) == (25, 12.5, False), path
        assert (one["is_watched"], one["watched_at"]) == (False, None)
        assert (other["percent"], other["completed"], other["is_watched"]) == (100, True, True)
        assert other["watched_at"] is not None
        assert (found[str(first)]["in_list"], found[str(second)]["in_list"]) == (False, True)
        for item in his.get(path).json()["items"]:
            assert (item["progress"], item["in_list"]) == (None, False), path
    assert title(hers, unknown)["progress"]["percent"] is None
    page = title(hers, first)
    assert (page["progress"], page["in_list"]) == (one, False)
    assert (page["next"]["progress"], page["next"]["in_list"]) == (other, True)
    assert title(his, first)["next"]["progress"] is None


def test_a_title_leaves_continue_watching_and_comes_back(
    hers: httpx.Client, his: httpx.Client, shelf: Shelf, ann: Person
) -> None:
    first, second = (shelf.add(name, duration_seconds=1_000.0) for name in ("First", "Second"))
    for client in (his, hers):
        play(client, first, 100)
        play(client, second, 200)
    view(shelf, ann, first, "2026-03-02T20:00:00Z")
    before = title(hers, first)["progress"]
    assert row(hers, "continue_watching") == ["Second", "First"]
    for _ in range(2):
        done(hers.delete(f"{ME}/continue-watching/{first}"))
        assert row(hers, "continue_watching") == ["Second"]
    assert row(his, "continue_watching") == ["Second", "First"]
    assert (title(hers, first)["progress"], names(hers, "history")) == (before, ["First"])
    for _ in range(2):
        done(hers.put(f"{ME}/continue-watching/{first}"))
        assert row(hers, "continue_watching") == ["Second", "First"], "at its old place"
    done(hers.delete(f"{ME}/continue-watching/{first}"))
    play(hers, first, 300)
    assert title(hers, first)["progress"]["progress_seconds"] == 300
    assert names(hers, "history") == ["First"]
    page = hers.get("/api/home/rows/continue_watching").json()["items"]
    assert [item["title"] for item in page] == ["First", "Second"], "it was played again"


def test_a_title_is_marked_as_watched_and_unwatched(
    hers: httpx.Client, his: httpx.Client, shelf: Shelf
) -> None:
    begun, new, ended = (shelf.add(name, duration_seconds=1_000.0) for name in ("Begun", "New", "Ended"))
    play(hers, begun, 600)
    play(hers, ended, 950)
    before = title(hers, begun)["progress"]
    for content_id in (begun, new):
        done(hers.put(f"{ME}/watched/{content_id}"))
        first = title(hers, content_id)["progress"]
        done(hers.put(f"{ME}/watched/{content_id}"))
        assert title(hers, content_id)["progress"] == first
        assert (first["percent"], first["completed"], first["is_watched"]) == (100, True, True)
    assert row(hers, "continue_watching") == []
    assert title(his, begun)["progress"] is None
    for content_id in (begun, new, ended):
        done(hers.delete(f"{ME}/watched/{content_id}"))
        done(hers.delete(f"{ME}/watched/{content_id}"))
    assert title(hers, begun)["progress"] == before
    for content_id in (new, ended):
        progress = title(hers, content_id)["progress"]
        assert (progress["progress_seconds"], progress["is_watched"]) == (0, False)
    assert row(hers, "continue_watching") == ["Begun"]


def test_a_watched_title_stays_watched_while_it_is_played_again(hers: httpx.Client, shelf: Shelf) -> None:
    content_id = shelf.add("Again", duration_seconds=1_000.0)
    play(hers, content_id, 950)
    watched_at = title(hers, content_id)["progress"]["watched_at"]
    play(hers, content_id, 960)
    assert title(hers, content_id)["progress"]["watched_at"] == watched_at
    play(hers, content_id, 100)
    progress = title(hers, content_id)["progress"]
    assert (progress["percent"], progress["completed"], progress["is_watched"]) == (10, False, True)
    assert (progress["watched_at"], row(hers, "continue_watching")) == (watched_at, ["Again"])
    play(hers, content_id, 1_000)
    assert title(hers, content_id)["progress"]["watched_at"] > watched_at
    done(hers.delete(f"{ME}/progress/{content_id}"))
    done(hers.delete(f"{ME}/progress/{content_id}"))
    assert title(hers, content_id)["progress"] is None


def test_a_paused_player_brings_nothing_back(hers: httpx.Client, shelf: Shelf) -> None:
    dismissed, marked = (shelf.add(name, duration_seconds=1_000.0) for name in ("Dismissed", "Marked"))
    for content_id in (dismissed, marked):
        play(hers, content_id, 123.456)
    done(hers.delete(f"{ME}/continue-watching/{dismissed}"))
    done(hers.put(f"{ME}/watched/{marked}"))
    for content_id, completed in ((dismissed, False), (marked, True)):
        assert play(hers, content_id, 123.456) is completed
    assert hers.get("/api/home/rows/continue_watching").json()["items"] == []
    for content_id in (dismissed, marked):
        assert play(hers, content_id, 124) is False
    assert len(hers.get("/api/home/rows/continue_watching").json()["items"]) == 2


def test_the_list_is_added_to_once_and_read_newest_first(
    hers: httpx.Client, his: httpx.Client, shelf: Shelf
) -> None:
    ids = [shelf.add(f"Title {number}") for number in range(3)]
    coming = shelf.add("Coming", status="preparing")
    for content_id in (*ids, coming, ids[0]):
        done(hers.put(f"{ME}/list/{content_id}"))
    page = hers.get(f"{ME}/list?limit=2&offset=1").json()
    assert ([item["title"] for item in page["items"]], page["total"]) == (["Title 2", "Title 1"], 4)
    assert all(item["in_list"] and item["added_at"] for item in page["items"])
    assert row(hers, "watchlist") == ["Title 2", "Title 1", "Title 0"], "only titles that play"
    assert (names(his, "list"), row(his, "watchlist")) == ([], [])
    done(his.delete(f"{ME}/list/{ids[0]}"))
    for _ in range(2):
        done(hers.delete(f"{ME}/list/{ids[1]}"))
    assert names(hers, "list") == ["Coming", "Title 2", "Title 0"]
    assert title(hers, ids[1])["in_list"] is False


def test_unknown_and_hidden_titles_are_refused(hers: httpx.Client, shelf: Shelf) -> None:
    hidden, missing = shelf.add(is_visible=False), uuid.uuid4()
    for content_id in (hidden, missing, "no id"):
        for path in ("list", "watched", "continue-watching"):
            assert code_of(hers.put(f"{ME}/{path}/{content_id}")) == (404, "CONTENT_NOT_FOUND"), path
    for path in ("list", "continue-watching", "progress", "history"):
        done(hers.delete(f"{ME}/{path}/{missing}"))
        assert code_of(hers.delete(f"{ME}/{path}/no id")) == (404, "CONTENT_NOT_FOUND")
    assert code_of(hers.delete(f"{ME}/watched/{missing}")) == (404, "CONTENT_NOT_FOUND")
    assert hers.get(f"{ME}/list").json()["total"] == 0


def test_a_hidden_title_leaves_the_list_and_the_history(
    hers: httpx.Client, shelf: Shelf, ann: Person
) -> None:
    content_id = shelf.add("Hidden later")
    view(shelf, ann, content_id, "2026-03-02T20:00:00Z")
    done(hers.put(f"{ME}/list/{content_id}"))
    with Session(shelf.engine) as session:
        session.get_one(Content, content_id).is_visible = False
        session.commit()
    for path in ("list", "history"):
        page = hers.get(f"{ME}/{path}").json()
        assert (page["items"], page["total"]) == ([], 0)


def test_the_history_has_each_title_once_a_day(
    hers: httpx.Client, his: httpx.Client, shelf: Shelf, ann: Person
) -> None:
    one, two = shelf.add("One"), shelf.add("Two")
    view(shelf, ann, one, "2026-03-01T10:00:00Z", "2026-03-02T11:00:00Z", "2026-03-02T20:00:00Z")
    view(shelf, ann, two, "2026-03-02T15:30:00Z")

    def history(query: str = "") -> list[tuple[str, str]]:
        items = hers.get(f"{ME}/history?{query}").json()["items"]
        return [(item["title"], item["viewed_on"]) for item in items]

    assert history() == [("One", "2026-03-02"), ("Two", "2026-03-02"), ("One", "2026-03-01")]
    assert history("timezone=Asia/Seoul") == [
        ("One", "2026-03-03"),
        ("Two", "2026-03-03"),
        ("One", "2026-03-02"),
        ("One", "2026-03-01"),
    ]
    page = hers.get(f"{ME}/history?limit=1&offset=1").json()
    assert ([item["title"] for item in page["items"]], page["total"]) == (["Two"], 3)
    assert page["items"][0]["viewed_at"] == "2026-03-02T15:30:00Z"
    for zone in ("Europe/Atlantis", "%00", "x" * 65, "'"):
        assert code_of(hers.get(f"{ME}/history?timezone={zone}"))[0] == 422, zone
    done(his.delete(f"{ME}/history"))
    done(hers.delete(f"{ME}/history/{one}"))
    assert history() == [("Two", "2026-03-02")]
    done(hers.delete(f"{ME}/history"))
    assert history() == []
    with Session(shelf.engine) as session:
        assert session.scalar(select(func.count()).select_from(ContentView)) == 4, "the views still count"


def test_simultaneous_changes_of_a_title_end_in_one_of_their_states(hers: httpx.Client, shelf: Shelf) -> None:
    content_id = shelf.add("Busy", duration_seconds=1_000.0)
    play(hers, content_id, 100)
    calls = [
        (method, f"{ME}/{path}/{content_id}")
        for path in ("list", "watched", "continue-watching")
        for method in ("PUT", "DELETE")
    ] * 4
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda call: hers.request(*call), calls))
    assert {answer.status_code for answer in answers} == {204}
    for method, expected in (("PUT", True), ("DELETE", False)):
        done(hers.request(method, f"{ME}/list/{content_id}"))
        done(hers.request(method, f"{ME}/watched/{content_id}"))
        page = title(hers, content_id)
        assert (page["in_list"], page["progress"]["is_watched"]) == (expected, expected)
    with Session(shelf.engine) as session:
        assert session.scalar(select(func.count()).select_from(WatchProgress)) == 1


def test_other_sites_and_strangers_change_nothing(
    anonymous: httpx.Client, hers: httpx.Client, ann: Person, shelf: Shelf
) -> None:
    content_id = shelf.add()
    paths = [f"{ME}/{path}/{content_id}" for path in ("list", "watched", "continue-watching")]
    for path in paths:
        assert anonymous.put(path).status_code == anonymous.delete(path).status_code == 401
        foreign = {"Origin": "https://elsewhere.example", "Cookie": f"wsoptv_access={ann.token}"}
        assert code_of(anonymous.put(path, headers=foreign)) == (403, "AUTH_ORIGIN_REFUSED")
    assert title(hers, content_id)["in_list"] is False
    assert anonymous.get(f"{ME}/list").status_code == anonymous.get(f"{ME}/history").status_code == 401
    assert hers.head(f"{ME}/list").status_code == hers.head("/api/home/rows/trending").status_code == 200


def test_a_deleted_account_leaves_nothing_but_its_views(
    hers: httpx.Client, shelf: Shelf, ann: Person
) -> None:
    content_id = shelf.add(duration_seconds=1_000.0)
    play(hers, content_id, 100)
    view(shelf, ann, content_id, "2026-03-02T20:00:00Z")
    done(hers.put(f"{ME}/list/{content_id}"))
    assert hers.patch(f"{ME}/preferences", json={"speed": 2}).status_code == 200
    with Session(shelf.engine) as session, session.begin():
        users.remove(session, ann.user_id)
        for table in ("watchlist", "watch_progress", "user_preferences"):
            count = session.connection().exec_driver_sql(f"select count(*) from {table}").scalar()  # noqa: S608
            assert count == 0, table
        assert session.scalars(select(ContentView.user_id)).all() == [None]


def test_the_lists_of_a_viewer_are_read_from_indexes(shelf: Shelf, ann: Person) -> None:
    expected = {
        "ix_content_views_user_id_viewed_at_content_id": history_of(ann.user_id, "UTC"),
        "ix_watchlist_user_id_added_at": select(WatchlistEntry.content_id)
        .where(WatchlistEntry.user_id == ann.user_id)
        .order_by(WatchlistEntry.added_at.desc()),
    }
    with Session(shelf.engine) as session:
        # The tables are small, of which PostgreSQL would rather read all rows.
        session.connection().exec_driver_sql("set local enable_seqscan = off")
        session.connection().exec_driver_sql("set local enable_bitmapscan = off")
        for index, statement in expected.items():
            text = statement.compile(session.connection(), compile_kwargs={"literal_binds": True})
            lines = session.connection().exec_driver_sql(f"explain {text}").scalars()
            assert index in "\n".join(lines), index
        # Which of its indexes PostgreSQL prefers depends on the few rows of the test.
        viewing = viewing_of(ann.user_id, [uuid.uuid4()])
        text = viewing.compile(session.connection(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(session.connection().exec_driver_sql(f"explain {text}").scalars())
        assert "Seq Scan" not in plan


def test_writes_of_an_account_that_is_just_being_deleted_are_refused(
    hers: httpx.Client, shelf: Shelf, ann: Person
) -> None:
    content_id = shelf.add("Duel", content=None)
    # The sign-in is cached until the deletion has ended.
    assert hers.get(f"{ME}/list").status_code == 200
    with Session(shelf.engine) as session:
        users.remove(session, ann.user_id)
        session.commit()
    for method, path, body in (
        ("PUT", f"list/{content_id}", None),
        ("PUT", f"watched/{content_id}", None),
        ("PATCH", "preferences", {"speed": 1.5}),
    ):
        refused = hers.request(method, f"{ME}/{path}", json=body)
        assert code_of(refused) == (401, "AUTH_TOKEN_REVOKED"), path


def test_a_title_that_is_deleted_while_it_is_added_is_not_found(hers: httpx.Client, shelf: Shelf) -> None:
    content_id = shelf.add("Duel", content=None)
    with Session(shelf.engine) as session, ThreadPoolExecutor(1) as pool:
        session.execute(delete(Content).where(Content.id == content_id))
        added = pool.submit(hers.put, f"{ME}/list/{content_id}")
        waiting = text("select count(*) from pg_locks where not granted")
        eventually(lambda: bool(session.scalar(waiting)))
        session.commit()
        assert code_of(added.result()) == (404, "NOT_FOUND")
