"""The environment of Prefect's processes: state in the home, no telemetry, a week of history."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

POOL = "wsoptv"
_HEARTBEAT_SECONDS = 60
_PLAIN = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH")
# The host guard accepts requests for the host of this address.
_UI_URL = "PREFECT_UI_URL"
_WEEK = str(7 * 24 * 3600)

_SILENT = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", "PREFECT_CLI_PROMPT": "false"}

_SERVER = {
    # SQLite has one writer at a time. Without batches, each event of a task run is a separate transaction.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "20",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "100",
    # By default flow runs are kept forever; an hourly ingest creates 168 of them in a week.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": _WEEK,
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P7D",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    # The second UI tracks visits in the browser even if analytics are disabled, and the addresses that
    # Prefect prints open the first UI.
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}

_CLIENT = {
    # Seconds between two polls. A worker ends only at the next poll: with 15, it would be killed first.
    "PREFECT_WORKER_QUERY_SECONDS": "3",
    # Retries after 2, 4 and 8 seconds: a killed server runs again by then. More retries would delay each
    # request of a run by minutes if the server does not return.
    "PREFECT_CLIENT_MAX_RETRIES": "3",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(_HEARTBEAT_SECONDS),
    # The log of a flow run includes these loggers.
    "PREFECT_LOGGING_EXTRA_LOGGERS": "flows,tasks,orchestration",
    # They also log outside of flow runs (threads that renew claims, jobs without Prefect): no warning for
    # that.
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}


def server_environment(base: Path, host: str, port: int) -> dict[str, str]:
    """Return the environment of the server.

    It inherits few variables, because the others hold secrets. `PREFECT_SERVER_…` of the user take
    precedence.
    """
    address = f"http://{host}:{port}"
    own = {
        name: value
        for name, value in os.environ.items()
        if name in (*_PLAIN, _UI_URL) or name.startswith("PREFECT_SERVER_")
    }
    forced = {
        "PREFECT_HOME": str(base),
        # Relative to its pages, so that it works for any host and port.
        "PREFECT_SERVER_UI_API_URL": "/api",
        # Pages of other origins may not read responses, not even if the guard accepts their requests.
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"{address},http://localhost:{port}",
    }
    return {**_SILENT, **_SERVER, **own, **forced}


def client_environment(
    base: Path, api_url: str, auth: str | None, own: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the variables that a client of the server or a flow run needs besides its own."""
    # Imported here because it loads pydantic in a third of a second, which the keeper does not need.
    from orchestration.secret_files import SUFFIX

    defaults = {**_SILENT, **_CLIENT}
    configured = {name: own[name] for name in defaults if name in own}
    access = {"PREFECT_API_URL": api_url}
    if auth:
        # Prefect cannot read a secret from a file, and our settings refuse a secret that is set twice.
        access |= {"PREFECT_API_AUTH_STRING": auth, f"PREFECT_API_AUTH_STRING{SUFFIX}": ""}
    return {**defaults, **configured, "PREFECT_HOME": str(base), **access}
