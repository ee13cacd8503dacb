"""Leaving the bytes to nginx (`X-Accel-Redirect`), where it answers as we would: docs/decisions/0013-behind-nginx.md.

nginx looks at the file itself and reads the request's Range and conditions again. So it is left what it surely reads as
we do; and what it then cannot send, it asks for again without the offer.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

from starlette.requests import Request

from serving.conditional import Conditions
from serving.stream.plan import Asked, Plan, Resource

# Bytes that nginx sends without anybody seeing them leave: about what the system's buffers take from us as well (the
# end of Linux' tcp_wmem).
MOST = 4 * 1024 * 1024
LOCATION = "/_files"

# nginx takes blanks beside numbers, too, sends parts unjoined, and answers 416 to what is malformed.
_RANGE = re.compile(r"bytes=(?:[0-9]{1,15}-[0-9]{0,15}|-[0-9]{1,15})")


def accelerated(
    request: Request, plan: Plan, asked: Asked, resource: Resource, path: bytes, *, watched: bool = False
) -> Plan:
    """The plan without its bytes where nginx is to send the file at this absolute path, as it was where we are.

    `watched`: the player sends heartbeats, so that nobody needs to see its bytes to know that it plays.
    """
    short = int(plan.headers["content-length"]) <= MOST if plan.body else False
    if not (_offered(request) and _read_alike(plan, asked, resource) and (watched or short)):
        return plan
    headers = {
        "x-accel-redirect": LOCATION + quote(path),
        "content-type": resource.media_type,
        "cache-control": plan.headers["cache-control"],
        "content-length": "0",
    }
    return replace(plan, headers=headers, body=())


def _offered(request: Request) -> bool:
    """Our nginx sets the header (Rack's convention) whatever the client sent, and takes it away where it has failed."""
    return (
        request.state.commons.settings.accel and request.headers.get("x-sendfile-type") == "X-Accel-Redirect"
    )


def _read_alike(plan: Plan, asked: Asked, resource: Resource) -> bool:
    """`settled`: nginx gives a change in the future, or before 1970, as it is."""
    if asked.method != "GET" or len(plan.body) != 1 or not resource.validators.settled:
        return False
    if asked.conditions not in (Conditions(), Conditions(if_range=resource.validators.etag)):
        return False
    if asked.range is None:
        return plan.status == 200
    return plan.status == 206 and _RANGE.fullmatch(asked.range) is not None
