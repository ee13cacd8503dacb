"""Administration of accounts: changes apply at once, are audited, and never remove the last admin."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from orchestration.settings import Settings
from tests.serving.conftest import Person, Shelf, set_password, sign_in
from tests.serving.test_accounts import ANN, bearer, code_of, login

pytestmark = pytest.mark.shared_servers


@pytest.fixture
def ann(settings: Settings) -> Person:
    return sign_in(settings)


def change(admin: httpx.Client, person: Person, **fields: Any) -> httpx.Response:
    return admin.patch(f"/api/admin/users/{person.user_id}", json=fields)


def me(client: httpx.Client, person: Person) -> httpx.Response:
    return bearer(client, "/api/users/me", person.token)


def test_a_registration_is_found_and_approved(admin: httpx.Client, anonymous: httpx.Client) -> None:
    anonymous.post("/api/auth/register", json=ANN)
    (waiting,) = admin.get("/api/admin/users?status=pending").json()["items"]
    assert (waiting["email"], waiting["role"]) == (ANN["email"], "user")
    assert login(anonymous).status_code == 403
    approved = admin.patch(f"/api/admin/users/{waiting['id']}", json={"status": "active"})
    assert approved.json()["status"] == "active"
    assert login(anonymous).status_code == 200
    for query, count in (
        ("q=ANN", 1),
        ("q=nobody", 0),
        ("role=admin", 1),
        ("limit=0", 0),
        ("sort=username&limit=1", 1),
    ):
        assert len(admin.get(f"/api/admin/users?{query}").json()["items"]) == count, query


def test_a_role_applies_from_the_next_request_on(
    admin: httpx.Client, anonymous: httpx.Client, ann: Person
) -> None:
    assert bearer(anonymous, "/api/admin/contents", ann.token).status_code == 403
    assert change(admin, ann, role="moderator").json()["role"] == "moderator"
    assert bearer(anonymous, "/api/admin/contents", ann.token).status_code == 200
    assert bearer(anonymous, "/api/admin/users", ann.token).status_code == 403
    change(admin, ann, role="user")
    assert bearer(anonymous, "/api/admin/contents", ann.token).status_code == 403


def test_deactivating_an_account_signs_it_out_and_ends_its_playback(
    admin: httpx.Client, anonymous: httpx.Client, ann: Person, shelf: Shelf
) -> None:
    url = f"/api/stream/{shelf.add()}/start"
    playing = anonymous.post(url, json={"device": "tv"}, headers=ann.headers).json()
    assert anonymous.get(playing["playback_url"]).status_code == 200
    (stream,) = admin.get(f"/api/admin/users/{ann.user_id}").json()["streams"]
    assert (stream["device"], stream["playback_id"]) == ("tv", playing["playback_id"])
    assert change(admin, ann, status="deactivated").json()["status"] == "deactivated"
    assert code_of(me(anonymous, ann)) == (401, "AUTH_TOKEN_REVOKED")
    assert anonymous.get(playing["playback_url"]).status_code in (403, 410)
    change(admin, ann, status="active")
    assert code_of(me(anonymous, ann)) == (401, "AUTH_TOKEN_REVOKED"), "what was ended stays ended"


def test_sign_ins_and_streams_of_an_account_are_ended(
    admin: httpx.Client, anonymous: httpx.Client, ann: Person, shelf: Shelf
) -> None:
    started = anonymous.post(f"/api/stream/{shelf.add()}/start", json={}, headers=ann.headers).json()
    assert admin.delete(f"/api/admin/users/{ann.user_id}/streams").json() == {"ended": 1}
    assert anonymous.get(started["playback_url"]).status_code in (403, 410)
    assert me(anonymous, ann).status_code == 200
    assert admin.delete(f"/api/admin/users/{ann.user_id}/sessions").json() == {"ended": 1}
    assert me(anonymous, ann).status_code == 401


def test_setting_a_password_ends_all_sign_ins(
    admin: httpx.Client, anonymous: httpx.Client, ann: Person, settings: Settings
) -> None:
    email, _ = set_password(settings, ann, "Aces2Kings")
    url = f"/api/admin/users/{ann.user_id}/password"
    weak = admin.post(url, json={"password": "weak"})
    assert (code_of(weak), "weak" in weak.json()["error"]["message"]) == ((422, "REQUEST_INVALID"), False)
    assert admin.post(url, json={"password": "Kings2Aces"}).status_code == 204
    assert me(anonymous, ann).status_code == 401
    assert login(anonymous, email, "Kings2Aces").status_code == 200


def test_accounts_are_created_and_deleted(admin: httpx.Client, anonymous: httpx.Client, ann: Person) -> None:
    added = admin.post("/api/admin/users", json=ANN | {"role": "moderator"})
    assert (added.status_code, added.json()["role"], added.json()["status"]) == (201, "moderator", "active")
    assert login(anonymous).status_code == 200
    again = admin.post("/api/admin/users", json=ANN | {"username": "other"})
    assert (code_of(again), again.json()["error"]["details"]) == (
        (409, "AUTH_ACCOUNT_TAKEN"),
        {"field": "email"},
    )
    assert code_of(change(admin, ann, username="ANN")) == (409, "AUTH_ACCOUNT_TAKEN")
    assert admin.delete(f"/api/admin/users/{ann.user_id}").status_code == 204
    assert code_of(me(anonymous, ann)) == (401, "AUTH_TOKEN_REVOKED")
    for answer in (admin.get(f"/api/admin/users/{ann.user_id}"), change(admin, ann, role="user")):
        assert code_of(answer) == (404, "USER_NOT_FOUND")


def test_the_last_admin_cannot_be_demoted_or_removed(
    admin: httpx.Client, anonymous: httpx.Client, settings: Settings
) -> None:
    own = admin.get("/api/users/me").json()["id"]
    url = f"/api/admin/users/{own}"
    for answer in (
        admin.patch(url, json={"role": "user"}),
        admin.patch(url, json={"status": "deactivated"}),
        admin.delete(url),
    ):
        assert code_of(answer) == (409, "LAST_ADMIN")
    assert admin.get("/api/admin/users").status_code == 200
    other = sign_in(settings, "admin")
    with ThreadPoolExecutor(2) as pool:
        demotions = [
            pool.submit(admin.patch, f"/api/admin/users/{key}", json={"role": "user"})
            for key in (own, other.user_id)
        ]
    assert sorted(one.result().status_code for one in demotions) in ([200, 403], [200, 409])
    left = {
        key: bearer(anonymous, "/api/admin/users", token).status_code for key, token in _tokens(admin, other)
    }
    assert sorted(left.values()) == [200, 403]


def _tokens(admin: httpx.Client, other: Person) -> list[tuple[str, str]]:
    return [("own", admin.headers["authorization"].removeprefix("Bearer ")), ("other", other.token)]


def test_every_change_is_in_the_audit_log(admin: httpx.Client, ann: Person) -> None:
    change(admin, ann, role="moderator", status="active")
    admin.post(f"/api/admin/users/{ann.user_id}/password", json={"password": "Kings2Aces"})
    admin.delete(f"/api/admin/users/{ann.user_id}/sessions")
    admin.delete(f"/api/admin/users/{ann.user_id}")
    log = admin.get(f"/api/admin/audit?target_kind=user&target_id={ann.user_id}")
    actions = [entry["action"] for entry in log.json()["items"]]
    assert actions == ["user.removed", "user.signed_out", "user.password_reset", "user.changed"]
    assert log.json()["items"][-1]["details"] == {"role": "moderator", "status": "active"}
    assert "Kings2Aces" not in log.text
    assert admin.get("/api/admin/audit?action=user.changed&limit=0").json()["total"] == 1


@pytest.mark.parametrize("path", ["/users", "/audit", f"/users/{uuid.UUID(int=1)}"])
def test_accounts_require_an_admin(anonymous: httpx.Client, settings: Settings, path: str) -> None:
    moderator = sign_in(settings, "moderator")
    assert code_of(bearer(anonymous, f"/api/admin{path}", moderator.token)) == (403, "AUTH_NOT_ALLOWED")
