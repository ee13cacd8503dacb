"""Titles and review lists for moderators. For the effect on later ingests, see tests/flows."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest
from jsonschema_rs import is_valid
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from catalog_models.tables import AuditEntry, Content, FindingRow, MediaFile, StageFailure
from catalog_models.writes import file_alerts
from tasks.catalogue.fields import EDITABLE, InvalidEditError, check_edit
from tests.serving.conftest import Shelf
from tests.serving.test_accounts import code_of

pytestmark = pytest.mark.shared_servers


def actions(shelf: Shelf) -> list[str]:
    with Session(shelf.engine) as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_an_edit_is_visible_at_once_and_can_be_undone(
    admin: httpx.Client, shelf: Shelf, twins: tuple[uuid.UUID, uuid.UUID]
) -> None:
    url = f"/api/admin/contents/{twins[0]}"
    edited = admin.patch(url, json={"title": "Renamed", "year": 1999, "players": ["Ann"]}).json()
    assert (edited["title"], edited["edits"]["year"]) == ("Renamed", 1999)
    shown = admin.get(f"/api/contents/{twins[0]}").json()
    assert (shown["title"], shown["year"], shown["players"]) == ("Renamed", 1999, ["Ann"])
    assert admin.get("/api/search?q=renamed").json()["total"] == 1
    undone = admin.patch(url, json={"undo": ["title", "year"]}).json()
    assert (undone["title"], undone["year"]) == ("One", None)
    assert actions(shelf) == ["content.edited", "content.edited"]


@pytest.mark.parametrize(
    "edit",
    [
        {"year": "soon"},
        {"year": 2**40},
        {"year": -1},
        {"title": None},
        {"title": "  "},
        {"title": "x" * 1_000},
        {"title": "a\0b"},
        {"brand": "NOBODY"},
        {"game": "x" * 51},
        {"date": "yesterday"},
        {"players": "Ann"},
        {"players": [1]},
        {"colour": "red"},
        {"undo": ["colour"]},
        {"is_visible": "maybe"},
        [],
    ],
)
def test_an_invalid_edit_is_refused_and_changes_nothing(
    admin: httpx.Client, shelf: Shelf, twins: tuple[uuid.UUID, uuid.UUID], edit: Any
) -> None:
    body = edit if isinstance(edit, list) else {"short_title": "Changed", **edit}
    answer = admin.patch(f"/api/admin/contents/{twins[0]}", json=body)
    assert answer.status_code == 422, answer.text
    assert admin.get(f"/api/contents/{twins[0]}").json()["short_title"] == "One"
    assert actions(shelf) == []


def test_the_longest_texts_are_stored(admin: httpx.Client, twins: tuple[uuid.UUID, uuid.UUID]) -> None:
    longest = {"title": "\U0001f0a1" * 500, "game": "\U0001f0a1" * 50, "description": "d" * 2_000}
    answer = admin.patch(f"/api/admin/contents/{twins[0]}", json=longest)
    assert (answer.status_code, answer.json()["title"]) == (200, longest["title"])


def test_a_title_can_be_hidden_and_shown(
    admin: httpx.Client, shelf: Shelf, twins: tuple[uuid.UUID, uuid.UUID]
) -> None:
    url = f"/api/admin/contents/{twins[0]}"
    assert admin.patch(url, json={"is_visible": False}).json()["hidden"] is True
    assert code_of(admin.get(f"/api/contents/{twins[0]}")) == (404, "CONTENT_NOT_FOUND")
    assert code_of(admin.get(f"/api/stream/{twins[0]}")) == (404, "CONTENT_NOT_FOUND")
    (hidden,) = admin.get("/api/admin/contents?visible=false").json()["items"]
    assert (hidden["title"], hidden["hidden"]) == ("One", True)
    assert admin.patch(url, json={"is_visible": True}).json()["hidden"] is False
    assert admin.get(f"/api/contents/{twins[0]}").status_code == 200


def test_a_title_with_an_unread_path_can_be_edited_but_not_split(admin: httpx.Client, shelf: Shelf) -> None:
    content_id = shelf.add("As it was", brand="WSOP")
    url = f"/api/admin/contents/{content_id}"
    for edit in ({"year": 2024, "is_visible": True}, {"title": "Renamed"}, {"undo": ["year"]}, {}):
        answer = admin.patch(url, json=edit)
        assert answer.status_code == 200, answer.text
    assert [answer.json()[name] for name in ("title", "brand", "year")] == ["Renamed", "WSOP", 2024]
    with Session(shelf.engine) as session:
        (file_id,) = session.scalars(select(MediaFile.id))
        session.add(MediaFile(**_another(session.get_one(MediaFile, file_id))))
        session.commit()
    split = admin.post(f"{url}/split", json={"file_ids": [str(file_id)]})
    assert code_of(split) == (409, "TITLE_PLACING_INVALID")


def _another(file: MediaFile) -> dict[str, Any]:
    kept = ("root_id", "size", "mtime_ns", "content_id")
    return {name: getattr(file, name) for name in kept} | {"path": b"other.mp4", "path_text": "other.mp4"}


def test_titles_are_merged_and_split_again(
    admin: httpx.Client, shelf: Shelf, twins: tuple[uuid.UUID, uuid.UUID]
) -> None:
    one, two = twins
    merged = admin.post(f"/api/admin/contents/{one}/merge", json={"others": [str(two)]}).json()
    assert (merged["title"], merged["files"]) == ("One", 2)
    assert code_of(admin.get(f"/api/contents/{two}")) == (404, "CONTENT_NOT_FOUND")
    assert code_of(admin.patch(f"/api/admin/contents/{two}", json={"year": 1})) == (404, "CONTENT_NOT_FOUND")
    files = admin.get(f"/api/contents/{one}").json()["files"]
    (other,) = [file["id"] for file in files if file["path"] == "Two.mp4"]
    split = admin.post(f"/api/admin/contents/{one}/split", json={"file_ids": [other]})
    assert (split.status_code, split.json()["title"], split.json()["files"]) == (201, "Two", 1)
    for ids, status in (([str(uuid.uuid4())], 409), ([files[0]["id"]], 409), ([], 422), (["x"], 422)):
        answer = admin.post(f"/api/admin/contents/{one}/split", json={"file_ids": ids})
        assert answer.status_code == status, answer.text
    itself = admin.post(f"/api/admin/contents/{one}/merge", json={"others": [str(one)]})
    assert code_of(itself) == (409, "TITLE_PLACING_INVALID")
    assert actions(shelf) == ["content.merged", "content.split"]


def test_an_unsure_title_is_listed_until_it_is_confirmed(
    admin: httpx.Client, shelf: Shelf, twins: tuple[uuid.UUID, uuid.UUID]
) -> None:
    with Session(shelf.engine) as session:
        session.get_one(Content, twins[0]).title_confidence = 0.2
        session.commit()
    (review,) = admin.get("/api/admin/reviews").json()["items"]
    assert (review["title"], review["root"]) == ("One", str(shelf.archive))
    assert admin.post(f"/api/admin/contents/{twins[0]}/confirm").status_code == 200
    assert admin.get("/api/admin/reviews").json()["total"] == 0


def test_quarantined_and_failed_files_are_listed_and_retried(
    admin: httpx.Client, shelf: Shelf, twins: tuple[uuid.UUID, uuid.UUID]
) -> None:
    with Session(shelf.engine) as session:
        first, second = session.scalars(select(MediaFile).order_by(MediaFile.path_text))
        first.quarantined_at = first.metadata_at
        session.add(FindingRow(media_file_id=first.id, rule="r", severity="quarantine", message="too short"))
        session.add(StageFailure(media_file_id=second.id, stage="thumbnails", tries=2, error="no picture"))
        session.commit()
        ids = str(first.id), str(second.id)
    (bad,) = admin.get("/api/admin/quarantine").json()["items"]
    assert (bad["file_id"], bad["message"], bad["root"]) == (ids[0], "too short", str(shelf.archive))
    (letter,) = admin.get("/api/admin/failures").json()["items"]
    assert (letter["stage"], letter["tries"], letter["error"]) == ("thumbnails", 2, "no picture")
    again = admin.post("/api/admin/failures/retry", json={"ids": [letter["id"], str(uuid.uuid4())]})
    assert again.json() == {"file_ids": [ids[1]]}
    assert admin.get("/api/admin/failures").json()["total"] == 0
    judged = admin.post("/api/admin/quarantine/retry", json={"file_ids": list(ids), "accept": True})
    assert judged.json() == {"file_ids": [ids[0]]}
    with Session(shelf.engine) as session:
        assert session.get_one(MediaFile, uuid.UUID(ids[0])).metadata_at is None
    assert actions(shelf) == ["failures.retried", "quarantine.accepted"]


def test_missing_files_are_listed_and_forgotten(
    admin: httpx.Client, shelf: Shelf, twins: tuple[uuid.UUID, uuid.UUID]
) -> None:
    for number in range(3):
        shelf.add(f"Gone {number}", name=f"2009/Show 11/{number}.mp4".encode())
    with Session(shelf.engine) as session, session.begin():
        inside = MediaFile.path_text.startswith("2009/Show 11/")
        session.execute(update(MediaFile).where(inside).values(missing_since=func.now()))
        file_alerts.settle(session)
        present = str(session.scalars(select(MediaFile.id).where(~inside)).first())
    root = str(shelf.archive)
    page = admin.get("/api/admin/missing", params={"limit": 2}).json()
    assert ([row["path"] for row in page["items"]], page["total"]) == (
        ["2009/Show 11/0.mp4", "2009/Show 11/1.mp4"],
        3,
    )
    (folder,) = admin.get("/api/admin/missing/folders").json()["items"]
    assert (folder["root"], folder["path"], folder["files"], folder["known"]) == (root, "2009/Show 11/", 3, 3)
    assert [alert["kind"] for alert in admin.get("/api/admin/alerts").json()["items"]] == ["missing_files"]
    assert admin.get("/api/admin/dashboard").json()["archive"]["missing_files"] == 3

    def forget(**named: list[str]) -> httpx.Response:
        return admin.post("/api/admin/missing/forget", json=named)

    first = page["items"][0]["file_id"]
    assert code_of(forget(file_ids=[first, present])) == (409, "FILE_PRESENT")
    assert code_of(forget(paths=[f"{root}/2009/Show 1"])) == (404, "MISSING_FILE_NOT_FOUND")
    assert code_of(forget()) == (422, "REQUEST_INVALID")
    assert forget(file_ids=[first, str(uuid.uuid4())]).json() == {"files": 1}
    assert forget(paths=[f"{root}/2009/Show 11/"]).json() == {"files": 2}
    assert admin.get("/api/admin/missing").json()["total"] == 0
    assert admin.get("/api/admin/alerts").json()["items"] == []
    assert admin.get("/api/admin/dashboard").json()["archive"]["missing_files"] == 0
    assert actions(shelf) == ["missing.forgotten", "missing.forgotten"]


def test_retrying_files_resolves_their_alert(admin: httpx.Client, shelf: Shelf) -> None:
    shelf.add("One")
    with Session(shelf.engine) as session, session.begin():
        file = session.scalars(select(MediaFile)).one()
        letter = StageFailure(media_file_id=file.id, stage="thumbnails", tries=2, error="no picture")
        session.add(letter)
        session.flush()
        assert [alert.kind for alert in file_alerts.settle(session)] == ["failed_files"]
        key = str(letter.id)
    admin.post("/api/admin/failures/retry", json={"ids": [key]})
    assert admin.get("/api/admin/alerts").json()["items"] == []


def test_the_reading_ignores_edits(admin: httpx.Client, shelf: Shelf) -> None:
    path = "WSOP 2024/2024 WSOP Main Event Day 1A.mp4"
    content_id = shelf.add("Something else", file_path=path)
    reading = admin.get(f"/api/admin/contents/{content_id}/reading").json()
    assert (reading["path"], reading["fields"]["year"], reading["fields"]["day"]) == (path, 2024, "1A")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/admin/contents"),
        ("GET", "/api/admin/reviews"),
        ("GET", "/api/admin/quarantine"),
        ("GET", "/api/admin/failures"),
        ("GET", "/api/admin/missing"),
        ("GET", "/api/admin/missing/folders"),
        ("POST", "/api/admin/missing/forget"),
        ("PATCH", f"/api/admin/contents/{uuid.UUID(int=1)}"),
        ("POST", f"/api/admin/contents/{uuid.UUID(int=1)}/confirm"),
        ("POST", "/api/admin/failures/retry"),
    ],
)
def test_viewers_cannot_administer_titles(client: httpx.Client, method: str, path: str) -> None:
    assert code_of(client.request(method, path, json={})) == (403, "AUTH_NOT_ALLOWED")


def test_the_openapi_document_describes_edits(anonymous: httpx.Client) -> None:
    edit = anonymous.get("/api/openapi.json").json()["components"]["schemas"]["TitleEdit"]["properties"]
    known = {field: schema["anyOf"][0] for field, schema in edit.items() if field in EDITABLE}
    assert known.keys() == EDITABLE
    for field, schema in known.items():
        for value in (
            2**31,
            -1,
            2**31 - 1,
            "2024-12-17",
            "20241217",
            "WSOP",
            "x" * 501,
            ["Ivey"],
            ["x"] * 101,
        ):
            try:
                taken = check_edit(field, value) is not None
            except InvalidEditError:
                taken = False
            assert is_valid(schema, value) == taken, (field, value)
