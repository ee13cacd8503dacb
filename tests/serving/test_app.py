"""The application as a whole: errors, health, headers, cost of imports, and faults of its dependencies."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, make_url, text

from catalog_models.engine import driver_url
from orchestration.settings import Settings
from serving.app import BLOCKS, create_app
from serving.auth.tokens import Tokens
from serving.kernel.keys import derived_key
from tests.serving.conftest import Shelf, eventually, serving, sign_in, unused_port
from tests.serving.shared_streams import anonymous, database_url, settings, shelf, site, site_settings

__all__ = ["anonymous", "database_url", "settings", "shelf", "site", "site_settings"]

SECRET = SecretStr("a secret of this module, longer than it has to be")


@pytest.fixture(scope="module")
def dead_client() -> Iterator[httpx.Client]:
    """Yield a client of a server whose database is down."""
    gone = SecretStr(f"postgresql://nobody@127.0.0.1:{unused_port()}/nothing")
    with serving(
        create_app(
            Settings(JWT_SECRET_KEY=SECRET).model_copy(update={"database_url": gone, "redis_url": None})
        )
    ) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "NOT_FOUND"),
        ("GET", "/api/nothing", 404, "NOT_FOUND"),
        ("GET", "/assets/nothing.js", 404, "NOT_FOUND"),
        ("GET", "/assets/..%2f__init__.py", 404, "NOT_FOUND"),
        ("POST", "/api/contents", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/api/stream/x", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/assets/app.js", 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_errors_have_one_shape(
    dead_client: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    response = dead_client.request(method, path)
    assert response.status_code == status
    error = response.json()["error"]
    assert (error["code"], error["details"]) == (code, {})
    assert error["message"]
    if status == 405:
        assert set(re.split(r", *", response.headers["allow"])) == {"GET", "HEAD"}


def test_every_get_path_supports_head(client: httpx.Client, shelf: Shelf) -> None:
    content_id = str(shelf.add())
    operations = client.get("/api/openapi.json").json()["paths"]
    paths = [path for path, methods in operations.items() if "get" in methods]
    for path in [*paths, "/", "/assets/app.js", "/api/openapi.json"]:
        url = path.replace("{content_id}", content_id)
        get, head = client.get(url), client.head(url)
        assert head.status_code == get.status_code, url
        # The server counts the first request before it responds to the second.
        if path != "/metrics":
            assert head.headers["content-length"] == get.headers["content-length"], url
        assert head.content == b""


def test_every_response_has_the_security_headers(client: httpx.Client, settings: Settings) -> None:
    app = create_app(settings)

    async def broken() -> None:
        raise RuntimeError("a fault of ours")

    app.add_api_route("/broken", broken)
    with serving(app) as other:
        other.headers["authorization"] = client.headers["authorization"]
        answers = [
            other.get(path) for path in ("/", "/api/contents", "/nothing", "/assets/app.js", "/broken")
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 200, 500]
    assert answers[-1].json()["error"]["code"] == "INTERNAL_ERROR"
    assert "a fault of ours" not in answers[-1].text
    for answer in answers:
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"]


def test_health_is_healthy_when_everything_responds(client: httpx.Client, settings: Settings) -> None:
    response = client.get("/api/health")
    assert response.status_code == 200
    assert response.json() == {
        "status": "healthy",
        "blocks": dict.fromkeys([block.name for block in BLOCKS], "healthy"),
        "dependencies": {
            "postgres": "connected",
            "redis": "connected",
            "meilisearch": "not configured",
            "prefect": "not configured",
        },
        "web": {"status": "not configured", "reason": None},
    }
    with serving(create_app(settings.model_copy(update={"redis_url": None}))) as other:
        health = other.get("/api/health").json()
    assert (health["status"], health["dependencies"]["redis"]) == ("healthy", "not configured")


def test_without_redis_health_is_degraded_and_titles_are_listed(settings: Settings) -> None:
    gone = SecretStr(f"redis://127.0.0.1:{unused_port()}")
    with serving(create_app(settings.model_copy(update={"redis_url": gone}))) as client:
        client.headers.update(sign_in(settings).headers)
        response = client.get("/api/health")
        assert (response.status_code, response.json()["status"]) == (200, "degraded")
        assert response.json()["dependencies"]["redis"] == "disconnected"
        assert client.get("/api/contents").status_code == 200


def test_without_the_database_errors_are_clear_and_the_page_loads(dead_client: httpx.Client) -> None:
    some_id = "5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11"
    tokens = Tokens(derived_key(Settings(JWT_SECRET_KEY=SECRET), "tokens"), dt.timedelta(1), dt.timedelta(1))
    token = tokens.make("access", uuid.uuid4(), uuid.uuid4(), uuid.uuid4())
    for path in ("/api/contents", "/api/search?q=x", f"/api/contents/{some_id}", f"/api/stream/{some_id}"):
        response = dead_client.get(path, headers={"Authorization": f"Bearer {token}"})
        assert (response.status_code, response.json()["error"]["code"]) == (503, "DATABASE_UNAVAILABLE")
        assert int(response.headers["retry-after"]) > 0
    health = dead_client.get("/api/health")
    assert (health.status_code, health.json()["status"]) == (503, "unhealthy")
    assert health.json()["dependencies"]["postgres"] == "disconnected"
    assert dead_client.get("/api/health/live").status_code == 200
    assert dead_client.get("/").status_code == 200


def administer(url: str, statement: str) -> None:
    name = make_url(url).database
    engine = create_engine(driver_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement.replace("DATABASE", str(name))))
    engine.dispose()


CUT = "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'DATABASE'"


def test_the_api_survives_a_restart_of_the_database(
    client: httpx.Client, shelf: Shelf, database_url: str
) -> None:
    content_id = shelf.add(content=bytes(1 << 25))
    with client.stream("GET", f"/api/stream/{content_id}") as stream:
        assert stream.status_code == 200
        administer(database_url, "alter database DATABASE allow_connections false")
        administer(database_url, CUT)
        away = client.get("/api/contents")
        assert (away.status_code, away.json()["error"]["code"]) == (503, "DATABASE_UNAVAILABLE")
        # The measurement of an earlier test may still be valid.
        eventually(lambda: client.get("/api/health").status_code == 503)
        assert sum(map(len, stream.iter_bytes())) == 1 << 25, "a running stream goes on"
    administer(database_url, "alter database DATABASE allow_connections true")
    assert client.get("/api/contents").json()["total"] == 1
    administer(database_url, CUT)
    assert client.get("/api/contents").status_code == 200, "a cut connection is replaced unseen"


def test_every_operation_is_documented(dead_client: httpx.Client) -> None:
    document = dead_client.get("/api/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert all(operation[field] for field in ("summary", "description", "tags")), where
            for status, answer in operation["responses"].items():
                assert answer["description"], f"{where} {status}"
                for example in (
                    answer.get("content", {}).get("application/json", {}).get("examples", {}).values()
                ):
                    assert set(example["value"]["error"]) == {"code", "message", "details"}
    statuses = set(document["paths"]["/api/stream/{content_id}"]["get"]["responses"])
    assert {
        "200",
        "206",
        "304",
        "401",
        "403",
        "404",
        "409",
        "410",
        "412",
        "416",
        "429",
        "503",
        "default",
    } == statuses


def test_the_api_process_imports_no_heavy_library() -> None:
    """Check the application alone, and together with its server."""
    heavy = {"av", "cv2", "PIL", "numpy", "prefect", "pebble", "imageio_ffmpeg", "alembic"}
    later = {"redis", "pydantic_settings"}
    code = f"""
import sys
import serving.app
print(sorted({heavy | later} & set(sys.modules)))
import deployments.api.server
print(sorted({heavy} & set(sys.modules)))
"""
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.split("\n") == ["[]", "[]", ""]


def test_the_application_requires_a_database_url() -> None:
    with pytest.raises(ValueError, match="DATABASE_URL"):
        create_app(Settings().model_copy(update={"database_url": None}))


@pytest.mark.parametrize("path", ["/", "/assets/app.js"])
@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=a", "items=1-2", "bytes=5-4"])
def test_the_page_ignores_ranges(client: httpx.Client, path: str, wanted: str) -> None:
    assert client.get(path, headers={"range": wanted}).status_code == 200
