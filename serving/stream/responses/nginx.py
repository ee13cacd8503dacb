"""Redirects that let nginx send the bytes of a file (`X-Accel-Redirect`).

See docs/decisions/0013-behind-nginx.md.

nginx opens the file itself and evaluates Range and the preconditions of the request again. So a request is
redirected only if nginx evaluates it as we do. If nginx cannot send the file, it repeats the request without
the offer.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

from starlette.requests import Request

from serving.http.conditional import Conditions
from serving.stream.responses.plan import BytesRequest, ResponsePlan, ServedFile

# The most bytes that nginx sends in one response. Socket buffers hold about as many (the maximum of tcp_wmem
# on Linux), and a player needs them within the two seconds that a session is held after its last response.
# With more, bytes would still be sent after the session has ended.
MOST = 2 * 1024 * 1024
LOCATION = "/_files"

# Our nginx sets this header (a convention of Rack) to offer to send files. It overwrites values of clients.
OFFER = (b"x-sendfile-type", b"X-Accel-Redirect")

# nginx also accepts blanks beside numbers, does not join ranges, and responds 416 to malformed ones.
PLAIN_RANGE = re.compile(r"bytes=(?:[0-9]{1,15}-[0-9]{0,15}|-[0-9]{1,15})")


def nginx_offers(request: Request) -> bool:
    """Return whether nginx offers to send the file, and the settings permit it."""
    return request.state.context.settings.accel and OFFER in request.headers.raw


def redirect_to_nginx(
    plan: ResponsePlan, asked: BytesRequest, resource: ServedFile, path: bytes
) -> ResponsePlan:
    """Return the plan as a redirect to nginx for the file at this path, or unchanged if not possible."""
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
    """Return whether nginx evaluates the request as we do.

    The validators must be settled, because nginx treats every date as a strong validator.
    """
    if asked.method != "GET" or len(plan.body) != 1 or not resource.validators.settled:
        return False
    if asked.conditions not in (Conditions(), Conditions(if_range=resource.validators.etag)):
        return False
    if asked.range is None:
        return plan.status == 200
    return plan.status == 206 and PLAIN_RANGE.fullmatch(asked.range) is not None
