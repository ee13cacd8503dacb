"""Pages in a real Chromium without JavaScript: forms, links from another site, and prefetches at expiry.

Other sites are other host names of this machine, because Chromium treats all its ports as one site.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from catalog_models.tables import LoginSession
from orchestration.settings import Settings
from serving.app import create_app
from serving.http.local_paths import see_other
from serving.kernel.page_guard import decide
from serving.kernel.viewer import ACCESS_COOKIE, REFRESH_COOKIE
from tests.serving.browser import HOST, NEEDS_CHROMIUM, OTHER_HOST, browser
from tests.serving.conftest import serving, set_password, sign_in

__all__ = ["browser"]

pytestmark = NEEDS_CHROMIUM

_FORM = """
<form action="/api/auth/login" method="post">
<input name="email" aria-label="E-mail" value="{email}"><input name="password" aria-label="Password" type="password">
<input name="next" type="hidden" value="{next}"><button>Sign in</button></form><p role="alert">{error}</p>
"""
_PAGE = """
<h1>{path}</h1><p id="viewer">{viewer}</p><a href="/title/2">Next</a>
<form action="/api/auth/logout" method="post"><button>Sign out</button></form>
"""
_CHAT = """
<a href="http://{site}/title/1?t=9">This hand</a>
<form action="http://{site}/api/auth/logout" method="post"><button>Win</button></form>
"""


def _with_pages(settings: Settings) -> FastAPI:
    """Return the application with small pages behind the guard, and with a page of another site."""
    app = create_app(settings)

    async def page(request: Request) -> Response:
        decision = await decide(request, public=request.url.path == "/sign-in")
        if decision.location is not None:
            return see_other(decision.location)
        shown = {name: request.query_params.get(name, "") for name in ("email", "next", "error")}
        if request.url.path == "/sign-in":
            return HTMLResponse(_FORM.format(**shown))
        viewer = decision.viewer and decision.viewer.username
        body = _PAGE.format(path=request.url.path, viewer=viewer)
        if "prefetch" not in request.query_params:
            return HTMLResponse(body)
        response = HTMLResponse(f'<link rel="prefetch" href="/title/2">{body}')
        # As if it had expired before the prefetch.
        response.delete_cookie(ACCESS_COOKIE)
        return response

    async def chat(request: Request) -> Response:
        # Our own policy would forbid its form.
        headers = {"content-security-policy": "default-src 'self'"}
        return HTMLResponse(_CHAT.format(site=f"{HOST}:{request.url.port}"), headers=headers)

    for path in ("/sign-in", "/title/{id}"):
        app.add_route(path, page)
    app.add_route("/chat", chat)
    return app


@pytest.fixture(params=[HOST])
def context(request: pytest.FixtureRequest, settings: Settings, browser: Browser) -> Iterator[BrowserContext]:
    with serving(_with_pages(settings)) as client:
        address = f"http://{request.param}:{urlsplit(str(client.base_url)).port}"
        context = browser.new_context(base_url=address, java_script_enabled=False)
        yield context
        context.close()


@pytest.fixture
def tab(context: BrowserContext, settings: Settings) -> Page:
    """Return a tab in which a user has signed in by the form, after a wrong password."""
    email, password = set_password(settings, sign_in(settings), "Aces2Kings")
    tab = context.new_page()
    tab.goto("/title/1?t=9")
    tab.get_by_label("E-mail").fill(email)
    tab.get_by_label("Password").fill("Wrong2Word")
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("alert")).to_have_text("AUTH_WRONG_CREDENTIALS")
    expect(tab.get_by_label("E-mail")).to_have_value(email)
    tab.get_by_label("Password").fill(password)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("heading", name="/title/1")).to_be_visible()
    assert tab.url.endswith("/title/1?t=9")
    return tab


def _cookie(context: BrowserContext, name: str) -> str | None:
    return next((one["value"] for one in context.cookies() if one["name"] == name), None)


def _follow_link(tab: Page) -> None:
    """Open the page of another site, and click its link to a moment of a title."""
    tab.goto(f"http://{OTHER_HOST}:{urlsplit(tab.url).port}/chat")
    tab.get_by_role("link", name="This hand").click()


@pytest.mark.parametrize("expired", [False, True])
def test_a_link_on_another_site_opens_with_the_sign_in(
    context: BrowserContext, tab: Page, expired: bool
) -> None:
    if expired:
        context.clear_cookies(name=ACCESS_COOKIE)
    before = _cookie(context, REFRESH_COOKIE)
    _follow_link(tab)
    expect(tab.get_by_role("heading", name="/title/1")).to_be_visible()
    assert urlsplit(tab.url).hostname == HOST
    assert tab.url.endswith("/title/1?t=9")
    assert (_cookie(context, REFRESH_COOKIE) != before) is expired


def test_a_form_on_another_site_signs_nobody_out(context: BrowserContext, tab: Page) -> None:
    page = tab.url
    tab.goto(f"http://{OTHER_HOST}:{urlsplit(tab.url).port}/chat")
    tab.get_by_role("button", name="Win").click()
    expect(tab.get_by_text("AUTH_ORIGIN_REFUSED")).to_be_visible()
    tab.goto(page)
    expect(tab.get_by_role("heading", name="/title/1")).to_be_visible()


def test_a_prefetch_at_expiry_renews_nothing_and_the_visit_does(context: BrowserContext, tab: Page) -> None:
    before = _cookie(context, REFRESH_COOKIE)
    with tab.expect_response("**/title/2") as prefetched:
        tab.goto("/title/1?prefetch")
    assert prefetched.value.request.all_headers()["sec-purpose"] == "prefetch"
    assert prefetched.value.status == 401
    assert _cookie(context, REFRESH_COOKIE) == before
    tab.get_by_role("link", name="Next").click()
    expect(tab.get_by_role("heading", name="/title/2")).to_be_visible()
    assert _cookie(context, REFRESH_COOKIE) != before


def test_three_tabs_that_open_after_expiry_stay_signed_in(
    context: BrowserContext, tab: Page, engine: Engine
) -> None:
    tabs = [tab, context.new_page(), context.new_page()]
    for _ in range(3):
        context.clear_cookies(name=ACCESS_COOKIE)
        for one in tabs:
            one.goto("/title/3", wait_until="commit")
        for one in tabs:
            expect(one.get_by_role("heading", name="/title/3")).to_be_visible()
    with Session(engine) as session:
        assert set(session.scalars(select(LoginSession.end_reason))) == {None}


# Chromium clears its cache only in a secure context.
@pytest.mark.parametrize("context", ["127.0.0.1"], indirect=True)
def test_a_sign_out_leaves_no_page_behind(context: BrowserContext, tab: Page) -> None:
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_role("button", name="Sign in")).to_be_visible()
    tab.go_back()
    expect(tab.get_by_role("button", name="Sign in")).to_be_visible()
    assert _cookie(context, REFRESH_COOKIE) is None
