"""The dashboard counts what happened."""

from __future__ import annotations

import datetime as dt

import httpx
import pytest
from sqlalchemy.orm import Session

from catalog_models.tables import Alert, ContentView, DailyStatistics, PlaybackSession
from orchestration.settings import Settings
from tests.serving.conftest import Shelf, sign_in
from tests.serving.test_accounts import code_of

pytestmark = pytest.mark.shared_servers


def test_the_dashboard_counts_current_and_recent_activity(
    admin: httpx.Client, shelf: Shelf, settings: Settings
) -> None:
    watched, other = shelf.add("Watched"), shelf.add("Other", status="preparing")
    ann, bob = sign_in(settings), sign_in(settings)
    now = dt.datetime.now(dt.UTC)
    with Session(shelf.engine) as session:
        for person, content, hours, ended in (
            (ann, watched, 0, False),
            (bob, watched, 0, True),
            (bob, watched, 3, True),
            (bob, other, 100, True),
            (bob, other, 400, True),
        ):
            began = now - dt.timedelta(hours=hours)
            session.add(
                PlaybackSession(
                    user_id=person.user_id,
                    content_id=content,
                    device="tests",
                    started_at=began,
                    ended_at=now if ended else None,
                    bytes_sent=1_000,
                )
            )
            session.add(ContentView(content_id=content, user_id=person.user_id, viewed_at=began))
        session.add(PlaybackSession(user_id=ann.user_id, content_id=other, device="waits"))
        session.commit()
    board = admin.get("/api/admin/dashboard").json()
    assert board["now"] == {"active_streams": 1, "waiting": 1, "people_online": 3}
    assert board["today"]["plays"] in (2, 3), "the one of three hours ago may have been yesterday"
    assert board["today"]["bytes_sent"] == 1_000 * board["today"]["plays"]
    assert (len(board["last_24_hours"]), len(board["last_7_days"])) == (24, 7)
    assert sum(hour["plays"] for hour in board["last_24_hours"]) == 3
    assert (board["last_24_hours"][-1]["plays"], board["last_24_hours"][-1]["people"]) == (2, 2)
    assert sum(day["views"] for day in board["last_7_days"]) == 4
    assert [(title["title"], title["views"], title["people"]) for title in board["top_titles"]] == [
        ("Watched", 3, 2),
        ("Other", 1, 1),
    ]
    assert (board["archive"]["ready_titles"], board["archive"]["preparing_titles"]) == (1, 1)
    assert board["archive"]["bytes"] == 20
    assert 0 < board["system"]["disk_free_bytes"] <= board["system"]["disk_bytes"]
    assert board["alerts"] == []


def test_the_dashboard_shows_open_alerts(admin: httpx.Client, shelf: Shelf) -> None:
    with Session(shelf.engine) as session, session.begin():
        over = dt.datetime.now(dt.UTC)
        session.add(
            Alert(kind="ssd_full", subject="/ssd", message="the disk of /ssd is full", resolved_at=over)
        )
        session.add(Alert(kind="flow_failed", subject="ingest-archive", message="the last run failed"))
    (alert,) = admin.get("/api/admin/dashboard").json()["alerts"]
    assert (alert["kind"], alert["message"]) == ("flow_failed", "the last run failed")


def test_statistics_of_past_days_are_listed(admin: httpx.Client, client: httpx.Client, shelf: Shelf) -> None:
    with Session(shelf.engine) as session, session.begin():
        for day in range(1, 5):
            counts = {"views": day, "viewers": 1, "players": day, "most_at_once": 1, "bytes_sent": 10 * day}
            session.add(DailyStatistics(day=dt.date(2031, 7, day), **counts))
    found = admin.get("/api/admin/statistics", params={"since": "2031-07-02", "until": "2031-07-03"}).json()
    assert [(day["day"], day["views"]) for day in found["items"]] == [("2031-07-03", 3), ("2031-07-02", 2)]
    assert admin.get("/api/admin/statistics", params={"limit": 1}).json()["total"] == 4
    assert admin.get("/api/admin/statistics", params={"since": "soon"}).status_code == 422
    assert client.get("/api/admin/statistics").status_code == 403


def test_the_dashboard_requires_an_admin(client: httpx.Client, anonymous: httpx.Client) -> None:
    assert code_of(client.get("/api/admin/dashboard")) == (403, "AUTH_NOT_ALLOWED")
    assert code_of(anonymous.get("/api/admin/dashboard")) == (401, "AUTH_REQUIRED")
