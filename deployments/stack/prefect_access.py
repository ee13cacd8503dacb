"""Access to a Prefect server: whether it accepts our authentication string, and whether it requires one."""

from __future__ import annotations

import base64
import http.client
import json
import urllib.error
import urllib.request
from enum import Enum

_DENIED = (401, 403)


class Access(Enum):
    """The result of a request by this process to the API of a Prefect server."""

    UNREACHABLE = "it does not respond as Prefect does"
    OPEN = "it accepts requests without authentication"
    GRANTED = "it accepts our string"
    DENIED = "it refuses our string, or requires one"


def access(api_url: str, auth: str | None, seconds: float = 5.0) -> Access:
    """Return how a server responds. The string is sent only to a server that requires one."""
    status = _status(_request(api_url, None), seconds)
    if status == 200:
        return Access.OPEN
    if status not in _DENIED:
        return Access.UNREACHABLE
    if auth is None:
        return Access.DENIED
    status = _status(_request(api_url, auth), seconds)
    return Access.GRANTED if status == 200 else Access.DENIED if status in _DENIED else Access.UNREACHABLE


def authorized(request: urllib.request.Request, auth: str | None) -> urllib.request.Request:
    """Add the string to a request, but not to its redirects."""
    if auth is not None:
        token = base64.b64encode(auth.encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {token}")
    return request


def _request(api_url: str, auth: str | None) -> urllib.request.Request:
    # This endpoint reads no table and, unlike /health, requires the string.
    return authorized(urllib.request.Request(f"{api_url}/admin/version"), auth)  # noqa: S310 - http by settings


def _status(request: urllib.request.Request, seconds: float) -> int | None:
    """Return the status of a response; None without a response, or if it is not Prefect's (a JSON string)."""
    try:
        with urllib.request.urlopen(request, timeout=seconds) as response:  # noqa: S310 - http by settings
            return 200 if isinstance(json.loads(response.read(10_000)), str) else None
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError, http.client.HTTPException):
        return None
