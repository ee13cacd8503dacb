"""The OpenAPI document describes every operation, and every response conforms to it, whatever the request."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from catalog_models.values import FIELD_VALUES
from orchestration.settings import Settings
from serving.document import text_of
from tests.serving.conftest import Shelf, sign_in

pytestmark = pytest.mark.shared_servers

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
# These operations end the sign-in of the test, need a Prefect server, or rightly return 503 on a busy
# machine.
LEFT_OUT = (
    "/api/health",
    "/api/auth/logout",
    "/api/users/me/sessions",
    "/api/admin/runs",
    "/api/admin/deployments",
)
# The number of requests per operation, in addition to the documented examples.
EXAMPLES = 6


def _media(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each JSON body of a request or a successful response, with its operation."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            bodies = [operation.get("requestBody", {})]
            bodies += [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            for body in bodies:
                for kind, media in body.get("content", {}).items():
                    if kind == "application/json":
                        yield where, media


def test_every_body_has_an_example(anonymous: httpx.Client) -> None:
    document = anonymous.get("/api/openapi.json").json()
    schemas = document["components"]["schemas"]
    for where, media in _media(document):
        choices = [media["schema"], *media["schema"].get("anyOf", ())]
        named = [schemas[choice["$ref"].rpartition("/")[2]] for choice in choices if "$ref" in choice]
        assert any("example" in shown for shown in (media, media["schema"], *named)), where


def _references(node: object) -> Iterator[str]:
    """Yield each `$ref` below this node."""
    if isinstance(node, dict):
        if isinstance(found := node.get("$ref"), str):
            yield found
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def test_every_reference_names_an_existing_schema(anonymous: httpx.Client) -> None:
    document = anonymous.get("/api/openapi.json").json()
    references = set(_references(document))
    assert "#/components/schemas/ErrorAnswer" in references
    assert references == {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}


def test_every_error_has_the_schema_of_errors(anonymous: httpx.Client) -> None:
    document = anonymous.get("/api/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                if status.startswith("4"):
                    media = response["content"]["application/json"]
                    assert media["schema"] == {"$ref": "#/components/schemas/ErrorAnswer"}, (method, path)


def test_every_response_conforms_to_the_document(
    anonymous: httpx.Client, shelf: Shelf, settings: Settings
) -> None:
    admin, content_id = sign_in(settings, "admin"), shelf.add()
    schema = schemathesis.openapi.from_url(f"{anonymous.base_url}/api/openapi.json")
    tried, session = 0, requests.Session()
    session.trust_env = False
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if operation.path.startswith(LEFT_OUT):
            continue
        tried += 1

        @hypothesis_settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def answers(case: Case[Any]) -> None:
            _aim(case, content_id)
            case.call_and_validate(headers=admin.headers, checks=CHECKS, session=session)

        answers()
    assert tried > 35


def _aim(case: Case[Any], content_id: uuid.UUID) -> None:
    """Replace half of the generated ids by an existing one, so that more code than the lookup is tested."""
    made_up = (case.path_parameters or {}).get("content_id")
    if made_up is not None and len(str(made_up)) % 2:
        case.path_parameters["content_id"] = str(content_id)


@pytest.mark.parametrize("content_id", ["%00", "..%2f..", "a" * 3_000, "{}", "%EF%BC%95f0c7a52", "%ff", "%"])
def test_invalid_ids_are_not_found(client: httpx.Client, content_id: str) -> None:
    for path in ("/api/contents/{}", "/api/stream/{}", "/api/contents/{}/poster.jpg", "/api/stream/{}/info"):
        url = client.base_url.copy_with(raw_path=path.format(content_id).encode())
        assert client.get(url).status_code == 404, path


def test_operations_with_input_document_422(anonymous: httpx.Client) -> None:
    document = anonymous.get("/api/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            takes = "requestBody" in operation or any(
                parameter["in"] == "query" and parameter["name"] != "playback"
                for parameter in operation.get("parameters", ())
            )
            assert not takes or "422" in operation["responses"], f"{method} {path}"


def test_the_kept_document_is_current(anonymous: httpx.Client) -> None:
    kept = Path("web/openapi.json").read_text(encoding="utf-8")
    current = text_of(anonymous.get("/api/openapi.json").json())
    if kept != current:
        pytest.fail("the API has changed: run `make document`, and review the changes of web/openapi.json")


def test_names_are_free_of_modules_and_unique(anonymous: httpx.Client) -> None:
    document = anonymous.get("/api/openapi.json").json()
    operations = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(operations) == len(set(operations))
    assert {"get_home", "stream_title", "stream_title_headers"} <= set(operations)
    assert not [name for name in (*operations, *document["components"]["schemas"]) if "__" in name]


def test_closed_sets_are_named_enums(anonymous: httpx.Client) -> None:
    schemas = anonymous.get("/api/openapi.json").json()["components"]["schemas"]
    assert schemas["Region"]["enum"] == list(FIELD_VALUES["region"])
    assert {"CONTENT_NOT_FOUND", "NOT_FOUND", "STREAM_NOT_PLAYABLE"} <= set(schemas["ErrorCode"]["enum"])
    assert "continue_watching" in schemas["FixedRowId"]["enum"]
    assert "file:truncated" in schemas["FixedReason"]["enum"]
    for name, field in (("Listed", "region"), ("Listed", "content_type"), ("File", "playability")):
        assert "$ref" in schemas[name]["properties"][field]["anyOf"][0], (name, field)


def test_lists_in_responses_are_never_null(anonymous: httpx.Client) -> None:
    schemas = anonymous.get("/api/openapi.json").json()["components"]["schemas"]
    nullable = {
        (name, field)
        for name, schema in schemas.items()
        for field, kind in schema.get("properties", {}).items()
        if {"array", "null"} <= {choice.get("type") for choice in kind.get("anyOf", ())}
    }
    # In a request, null clears the list.
    assert nullable == {
        ("TitleEdit", "players"),
        ("TitleEdit", "hands"),
        ("MyPreferenceChanges", "filters"),
    }
