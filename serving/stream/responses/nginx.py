"""Redirects that leave the bytes of a file to nginx (`X-Accel-Redirect`):
docs/decisions/0013-behind-nginx.md.

nginx opens the file itself and evaluates the request's Range and conditions again. So only those requests are
left to it that it evaluates as we do. If it then cannot send the file, it repeats the request without the
offer.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

from starlette.requests import Request

from serving.http.conditional import Conditions
from serving.stream.responses.plan import BytesRequest, ResponsePlan, ServedFile

# The most bytes that nginx sends in one response. The system's buffers take as many from us (the end of
# Linux' tcp_wmem), and a player needs them within the two seconds that a session is held after its last
# response. With more, bytes would flow on after the session has ended.
MOST = 2 * 1024 * 1024
LOCATION = "/_files"

# Our nginx sets this header (Rack's convention) to offer to send files, whatever the client sent.
OFFER = (b"x-sendfile-type", b"X-Accel-Redirect")

# nginx also accepts blanks beside numbers, sends parts unjoined, and responds 416 to malformed ranges.
PLAIN_RANGE = re.compile(r"bytes=(?:[0-9]{1,15}-[0-9]{0,15}|-[0-9]{1,15})")


def is_offered(request: Request) -> bool:
    """Return whether an nginx that the settings allow offers to send the file."""
    return request.state.context.settings.accel and OFFER in request.headers.raw


def left_to_nginx(plan: ResponsePlan, asked: BytesRequest, resource: ServedFile, path: bytes) -> ResponsePlan:
    """Return the plan with its bytes left to nginx, for the file at this absolute path; else the plan
    itself."""
    if plan.length > MOST or not _evaluates_alike(plan, asked, resource):
        return plan
    headers = {
        "x-accel-redirect": LOCATION + quote(path),
        "content-type": resource.media_type,
        "cache-control": plan.headers["cache-control"],
        "content-length": "0",
    }
    return replace(plan, headers=headers, body=(), left=plan.length)


def _evaluates_alike(plan: ResponsePlan, asked: BytesRequest, resource: ServedFile) -> bool:
    """Return whether nginx evaluates the request as we do; with settled validators only, since nginx sends
    any date."""
    if asked.method != "GET" or len(plan.body) != 1 or not resource.validators.settled:
        return False
    if asked.conditions not in (Conditions(), Conditions(if_range=resource.validators.etag)):
        return False
    if asked.range is None:
        return plan.status == 200
    return plan.status == 206 and PLAIN_RANGE.fullmatch(asked.range) is not None
