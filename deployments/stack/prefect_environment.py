"""What Prefect's processes see of the environment: its state in the home, no telemetry, little kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

POOL = "wsoptv"
_HEARTBEAT_SECONDS = 60
_PLAIN = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH")
# The guard in front of the server accepts requests for its host.
_UI_URL = "PREFECT_UI_URL"
_WEEK = str(7 * 24 * 3600)

_SILENT = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", "PREFECT_CLI_PROMPT": "false"}

_SERVER = {
    # SQLite has one writer at a time. Without batches each event of a task run is a transaction of its own.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "20",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "100",
    # Flow runs are kept for ever unless they are named here; an hourly ingest makes 168 of them a week.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": _WEEK,
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P7D",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    # The second UI starts a counter of visits in the browser, whatever the server says of analytics; and all addresses
    # that Prefect prints open the first.
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}

_CLIENT = {
    # Between looks for runs that are due. It also ends no sooner than the next look: with 15 it would be killed.
    "PREFECT_WORKER_QUERY_SECONDS": "3",
    # Tries again after 2, 4 and 8 seconds: a server that was killed is back by then, and one that is gone for good is not
    # waited for by the minute, at every word that a run has for it.
    "PREFECT_CLIENT_MAX_RETRIES": "3",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(_HEARTBEAT_SECONDS),
    # Our own loggers speak in a flow run's log, too; the console is the command line's.
    "PREFECT_LOGGING_EXTRA_LOGGERS": "flows,tasks,orchestration",
    # They speak beside a flow run as well (who renews claims; what goes on without Prefect), which is nothing to warn of.
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}


def server_environment(base: Path, host: str, port: int) -> dict[str, str]:
    """For the server. It sees none of our variables, which hold secrets; what the user says to Prefect itself wins."""
    address = f"http://{host}:{port}"
    own = {
        name: value
        for name, value in os.environ.items()
        if name in (*_PLAIN, _UI_URL) or name.startswith("PREFECT_SERVER_")
    }
    forced = {
        "PREFECT_HOME": str(base),
        # Relative to its pages, so that it works at any name and port.
        "PREFECT_SERVER_UI_API_URL": "/api",
        # Pages of other origins may not read responses, not even those whose requests the guard accepts.
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"{address},http://localhost:{port}",
    }
    return {**_SILENT, **_SERVER, **own, **forced}


def client_environment(
    base: Path, api_url: str, auth: str | None, own: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return what a process that runs flows, or calls the server, needs besides its own variables."""
    # Imported here because it loads pydantic for a third of a second, and the keeper does not need it.
    from orchestration.secret_files import SUFFIX

    defaults = {**_SILENT, **_CLIENT}
    said = {name: own[name] for name in defaults if name in own}
    access = {"PREFECT_API_URL": api_url}
    if auth:
        # Prefect reads no secret from a file, and our settings refuse a secret that is set both ways.
        access |= {"PREFECT_API_AUTH_STRING": auth, f"PREFECT_API_AUTH_STRING{SUFFIX}": ""}
    return {**defaults, **said, "PREFECT_HOME": str(base), **access}
