"""Leaving the bytes to nginx (`X-Accel-Redirect`), where it answers as we would: docs/decisions/0013-behind-nginx.md.

nginx looks at the file itself and reads the request's Range and conditions again. So it is left what it surely reads as
we do; and what it then cannot send, it asks for again without the offer.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

from starlette.requests import Request

from serving.http.conditional import Conditions
from serving.stream.plan import Asked, Plan, Resource

# Bytes that nginx sends unseen: no more than the system's buffers take from us as well (the end of Linux' tcp_wmem), and
# than plays in the two seconds that a session is held after its last answer. Of more, a session could be over, and its
# bytes would flow on.
MOST = 2 * 1024 * 1024
LOCATION = "/_files"

# By this header (Rack's convention) our nginx offers to send files; it sets it whatever the client sent.
OFFER = (b"x-sendfile-type", b"X-Accel-Redirect")

# nginx takes blanks beside numbers, too, sends parts unjoined, and answers 416 to what is malformed.
PLAIN_RANGE = re.compile(r"bytes=(?:[0-9]{1,15}-[0-9]{0,15}|-[0-9]{1,15})")


def is_offered(request: Request) -> bool:
    """Whether an nginx that we were told of offers to send the file."""
    return request.state.context.settings.accel and OFFER in request.headers.raw


def left_to_nginx(plan: Plan, asked: Asked, resource: Resource, path: bytes) -> Plan:
    """The plan with its bytes left to nginx, which has the file at this absolute path; or as it was."""
    if plan.length > MOST or not _read_alike(plan, asked, resource):
        return plan
    headers = {
        "x-accel-redirect": LOCATION + quote(path),
        "content-type": resource.media_type,
        "cache-control": plan.headers["cache-control"],
        "content-length": "0",
    }
    return replace(plan, headers=headers, body=(), left=plan.length)


def _read_alike(plan: Plan, asked: Asked, resource: Resource) -> bool:
    """Settled validators alone: nginx dates a file as it is, though that be in the future or before 1970."""
    if asked.method != "GET" or len(plan.body) != 1 or not resource.validators.settled:
        return False
    if asked.conditions not in (Conditions(), Conditions(if_range=resource.validators.etag)):
        return False
    if asked.range is None:
        return plan.status == 200
    return plan.status == 206 and PLAIN_RANGE.fullmatch(asked.range) is not None
