"""Parameters of runs: Prefect never gets values that it cannot read; responses are as documented."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from schemathesis import Case
from schemathesis.core.result import Ok

from orchestration.settings import Settings
from serving.worker.parameters import Parameters, invalid_ids, unknown_names
from tests.serving.conftest import Shelf, sign_in
from tests.serving.shared_streams import anonymous, database_url, settings, shelf, site
from tests.serving.test_accounts import code_of
from tests.serving.test_openapi import CHECKS, EXAMPLES
from tests.serving.test_worker import deployment, idle_deployment, site_settings, start

__all__ = [
    "anonymous",
    "database_url",
    "deployment",
    "idle_deployment",
    "settings",
    "shelf",
    "site",
    "site_settings",
]

PARAMETERS = TypeAdapter[dict[str, Any]](Parameters)
# With unpaired surrogates.
TEXT = st.text(st.characters(exclude_categories=()))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    # Larger values take ten times as long to generate and cover nothing more.
    max_leaves=8,
)


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_accepted_parameters_can_be_stored_and_refusals_can_be_sent(parameters: dict[str, Any]) -> None:
    try:
        taken = PARAMETERS.validate_python(parameters)
    except ValidationError as error:
        assert error.errors()[0]["msg"].encode()
    else:
        sent = json.dumps(taken, ensure_ascii=False, allow_nan=False)
        assert json.loads(sent.encode()) == parameters
        assert "\\u0000" not in sent


UNREADABLE = [
    "9223372036854775808",
    "-12345678901234567890123",
    "1e999",
    "NaN",
    r'"\ud800"',
    r'{"\ud800": 1}',
    r'"a\u0000b"',
    "[" * 200 + "]" * 200,
    '{"__prefect_kind": ["json"]}',
    '{"__prefect_kind": "jinja", "template": "{{ 1 }}"}',
]


@pytest.mark.parametrize("value", UNREADABLE)
def test_values_that_prefect_cannot_read_are_not_sent(
    admin: httpx.Client, idle_deployment: str, value: str
) -> None:
    body = f'{{"parameters": {{"settle": {value}}}}}'
    headers = {"Content-Type": "application/json"}
    refused = admin.post(f"/api/admin/runs/{idle_deployment}", content=body, headers=headers)
    assert code_of(refused) == (422, "REQUEST_INVALID")
    found = admin.get("/api/admin/runs", params={"deployment": idle_deployment})
    assert (found.status_code, found.json()["total"]) == (200, 0)


@pytest.mark.parametrize("shape", [{"format": "uuid"}, {"anyOf": [{"format": "uuid"}, {"type": "null"}]}])
def test_id_parameters_must_be_ids(shape: dict[str, Any]) -> None:
    schema = {"properties": {"content_id": shape, "root": {"type": "string"}}}
    assert invalid_ids({"content_id": "foo", "root": "foo"}, schema) == ["content_id"]
    assert invalid_ids({"content_id": str(uuid.uuid4())}, schema) == []
    assert invalid_ids({"content_id": None}, schema) == []
    assert invalid_ids({"content_id": "foo"}, {}) == []


def test_open_schemas_have_no_unknown_names() -> None:
    known: dict[str, object] = {"properties": {"root": {}}}
    assert unknown_names({"root": 1, "folder": 2}, known) == ["folder"]
    assert unknown_names({"folder": 2}, {**known, "additionalProperties": True}) == []
    assert unknown_names({"folder": 2}, {}) == []


def test_our_flows_describe_their_parameters(admin: httpx.Client, deployed: None) -> None:
    for bad in ({"root": 7}, {"workers": 0}, {"folder": "/nas"}, {"settle": "soon"}):
        assert code_of(start(admin, "ingest-archive", **bad)) == (422, "WORKER_PARAMETERS_REFUSED")
    run = start(admin, "ingest-archive", "once", root="/nas/archive").json()
    assert run["parameters"]["root"] == "/nas/archive"
    # Workers of other tests would take the run.
    assert admin.post(f"/api/admin/runs/{run['id']}/cancel").json()["state_type"] == "CANCELLED"


def test_start_requests_conform_to_the_document(
    anonymous: httpx.Client, settings: Settings, shelf: Shelf, deployment: str
) -> None:
    admin = sign_in(settings, "admin")
    whole = schemathesis.openapi.from_url(f"{anonymous.base_url}/api/openapi.json")
    operations = list(whole.include(path_regex="^/api/admin/(runs|deployments)").get_all_operations())
    assert len(operations) == 5
    for result in operations:
        assert isinstance(result, Ok)

        @hypothesis_settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=result.ok().as_strategy(), aimed=st.booleans())
        def answers(case: Case[Any], aimed: bool) -> None:
            if aimed and "deployment" in (case.path_parameters or {}):
                case.path_parameters["deployment"] = deployment
            case.call_and_validate(headers=admin.headers, checks=CHECKS)

        answers()
