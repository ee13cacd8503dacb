"""HTML forms for `/api/auth/login`, `/register`, `/logout` and `/preferences`, for pages without JavaScript.

A browser posts them as `application/x-www-form-urlencoded`. The response redirects to a page, also after an
error, except if another site sent the form.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar
from urllib.parse import parse_qsl

from fastapi import Request, Response
from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers
from starlette.routing import Match, Route
from starlette.types import Scope

from orchestration.registry import BlockDownError
from serving.auth.block import auth_of
from serving.auth.cookies import set_cookies, set_device, sign_out_cookies
from serving.auth.options import Preferences, set_preferences
from serving.auth.registration import create_account
from serving.auth.routes import end_sign_in, start_sign_in
from serving.auth.schemas import Login, Registration
from serving.http.error_responses import is_database_outage
from serving.http.errors import (
    ApiError,
    AuthRequiredError,
    BlockDownApiError,
    DatabaseUnavailableError,
    OriginRefusedError,
    RequestInvalidError,
)
from serving.http.local_paths import REGISTER_PAGE, SIGN_IN_PAGE, destination, see_other, sign_in_path
from serving.http.origin import from_our_own_page
from serving.kernel.transaction import transaction
from serving.kernel.viewer import ACCESS_COOKIE

Form = dict[str, str]
Fields = TypeVar("Fields", bound=BaseModel)

_KIND = "application/x-www-form-urlencoded"
_MOST_FIELDS = 20
# The most characters of a field that a redirect sends back to the form.
_LONGEST_SHOWN = 254


class FormRoute(Route):
    """A route for forms only. Requests with another content type match the routes after it."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a POST of a form."""
        found, child = super().matches(scope)
        if found is not Match.FULL:
            return Match.NONE, {}
        kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
        # The metrics count requests by route.
        return (found, {**child, "route": self}) if kind == _KIND else (Match.NONE, {})


async def _login(request: Request, form: Form) -> Response:
    login = _fields(Login, form)
    async with transaction(request.state.resources, request.state.bus) as work:
        signed = await start_sign_in(request, login, work)
    response, tokens = see_other(destination(form.get("next"))), auth_of(request).sign_ins.tokens
    set_cookies(request, response, signed, tokens)
    set_device(request, response, signed, tokens)
    return response


async def _register(request: Request, form: Form) -> Response:
    wanted = _fields(Registration, form)
    async with transaction(request.state.resources, request.state.bus) as work:
        created = await create_account(request, wanted, work)
    path = destination(form.get("next"))
    return see_other(sign_in_path(path, registered=created.status, email=created.email))


async def _logout(request: Request, form: Form) -> Response:
    # A browser without a sign-in is already in the requested state.
    with suppress(AuthRequiredError):
        await end_sign_in(request, None, request.cookies.get(ACCESS_COOKIE))
    response = see_other(sign_in_path(destination(form.get("next"))))
    sign_out_cookies(response)
    return response


async def _preferences(request: Request, form: Form) -> Response:
    wanted = _fields(Preferences, form)
    response = see_other(destination(form.get("next")))
    set_preferences(request, response, wanted)
    return response


FormHandler = Callable[[Request, Form], Awaitable[Response]]


async def _handle(handler: FormHandler, page: str | None, request: Request) -> Response:
    """Handle a form, or send the browser back to its page with the code of the error.

    Without a `page`, errors get the response of the API: only forged forms cause them.
    """
    if not from_our_own_page(request):
        raise OriginRefusedError
    form = await _form_of(request)
    try:
        return await handler(request, form)
    except OriginRefusedError:
        raise
    except Exception as error:
        known = _known(error)
        if known is None or page is None:
            raise
        return _back(page, form, known)


def _known(error: Exception) -> ApiError | None:
    """Return the error of the API for an exception that is not a bug."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, BlockDownError):
        return BlockDownApiError()
    return DatabaseUnavailableError() if is_database_outage(error) else None


def _back(page: str, form: Form, error: ApiError) -> Response:
    shown = {"error": error.code}
    if field := _field_of(error):
        shown["field"] = field
    if wait := error.headers.get("retry-after"):
        shown["wait"] = wait
    for name in ("email", "username"):
        if form.get(name):
            shown[name] = form[name][:_LONGEST_SHOWN]
    return see_other(sign_in_path(destination(form.get("next")), page, **shown))


def _field_of(error: ApiError) -> str:
    """Return the name of the field that caused an error, or an empty text."""
    problems = error.details.get("problems") or [{"where": error.details.get("field", "")}]
    return str(problems[0]["where"]).rpartition(".")[2]


async def _form_of(request: Request) -> Form:
    """Return the fields of a form. Raises `RequestInvalidError`."""
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode("ascii"), True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise RequestInvalidError("body: not a valid form") from None
    return dict(pairs)


def _fields(model: type[Fields], form: Form) -> Fields:
    """Return the fields of a form that the model has. Raises `RequestInvalidError` with the first problem."""
    try:
        return model.model_validate({name: form[name] for name in model.model_fields if name in form})
    except ValidationError as error:
        problems = [
            {"where": ".".join(["body", *map(str, problem["loc"])]), "problem": problem["msg"]}
            for problem in error.errors()
        ]
        raise RequestInvalidError(str(problems[0]["problem"]), details={"problems": problems}) from None


ROUTES = tuple(
    FormRoute(f"/api/auth/{name}", partial(_handle, handler, page), methods=["POST"])
    for name, handler, page in (
        ("login", _login, SIGN_IN_PAGE),
        ("register", _register, REGISTER_PAGE),
        ("logout", _logout, SIGN_IN_PAGE),
        ("preferences", _preferences, None),
    )
)
