"""What clients of a Prefect server get as their environment."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from deployments.stack.prefect_environment import client_environment

_CERTIFICATES = "PREFECT_API_SSL_CERT_FILE"


def test_clients_of_a_server_on_loopback_load_one_certificate(tmp_path: Path) -> None:
    environments = [client_environment(tmp_path, "http://127.0.0.1:4200/api", None) for _twice in range(2)]
    assert environments[0] == environments[1]
    certificates = ssl.create_default_context(cafile=environments[0][_CERTIFICATES]).get_ca_certs()
    assert len(certificates) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["certificate.pem"]


@pytest.mark.parametrize("url", ["https://127.0.0.1:4200/api", "http://prefect.example/api"])
def test_clients_of_other_servers_load_all_certificates(tmp_path: Path, url: str) -> None:
    assert _CERTIFICATES not in client_environment(tmp_path, url, None)


def test_a_file_that_the_user_names_is_used(tmp_path: Path) -> None:
    named = {_CERTIFICATES: "/etc/own.pem"}
    environment = client_environment(tmp_path, "http://localhost:4200/api", None, named)
    assert environment[_CERTIFICATES] == "/etc/own.pem"


def test_a_home_without_prefect_gets_no_file(tmp_path: Path) -> None:
    environment = client_environment(tmp_path / "none", "http://localhost:4200/api", None)
    assert _CERTIFICATES not in environment
