"""Several browser tabs refresh their sign-in, on plain http also without Web Locks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.tables import LoginSession
from orchestration.settings import Settings
from serving.kernel.viewer import ACCESS_COOKIE, UNTIL_COOKIE
from tests.serving.browser import HOST, NEEDS_CHROMIUM, browser
from tests.serving.conftest import Shelf, eventually, set_password, sign_in
from tests.serving.shared_streams import anonymous, database_url, settings, shelf, site, site_settings

__all__ = ["anonymous", "browser", "database_url", "settings", "shelf", "site", "site_settings"]

pytestmark = NEEDS_CHROMIUM

TITLE = "WSOP 2024 Main Event"
REFRESH = "**/api/auth/refresh"


@pytest.fixture(params=[HOST])
def context(
    request: pytest.FixtureRequest, anonymous: httpx.Client, shelf: Shelf, browser: Browser
) -> Iterator[BrowserContext]:
    """Yield a browser context that is not secure, or one of the host that a test names."""
    shelf.add(TITLE)
    context = browser.new_context(base_url=f"http://{request.param}:{urlsplit(str(anonymous.base_url)).port}")
    yield context
    context.close()


SECURE = pytest.mark.parametrize("context", ["127.0.0.1"], indirect=True)
"""Loopback addresses are secure contexts, in which Web Locks exist."""


@pytest.fixture
def first(context: BrowserContext, settings: Settings) -> Page:
    """Return a tab in which a user has signed in."""
    email, password = set_password(settings, sign_in(settings), "Aces2Kings")
    tab = context.new_page()
    tab.goto("/")
    assert tab.evaluate("navigator.locks !== undefined") is (urlsplit(tab.url).hostname != HOST)
    tab.get_by_label("E-mail").fill(email)
    tab.get_by_label("Password").fill(password)
    tab.get_by_role("button", name="Sign in").click()
    tab.get_by_role("link", name=TITLE).wait_for()
    return tab


def _held(place: BrowserContext | Page, address: str) -> list[Route]:
    """Return a list that collects the requests to the address, which are not sent."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    place.route(address, hold)
    return held


def _wait(tab: Page, held: list[Route], count: int) -> None:
    """Wait for this number of held requests. The tab may be loading, so no script is run in it."""

    def has_all() -> bool:
        # Lets Playwright process the requests.
        tab.wait_for_timeout(1)
        return len(held) == count

    eventually(has_all)


def _expire(context: BrowserContext) -> None:
    """Drop the access token, as the browser does after 15 minutes."""
    context.clear_cookies(name=ACCESS_COOKIE)
    _end_in(context, -60)


def _end_in(context: BrowserContext, seconds: int) -> None:
    """Let the pages read that the access token ends in this many seconds."""
    (until,) = [cookie for cookie in context.cookies() if cookie["name"] == UNTIL_COOKIE]
    changed = {name: until[name] for name in ("name", "domain", "path")}
    context.add_cookies([{**changed, "value": str(int(time.time()) + seconds)}])  # type: ignore[typeddict-item]


def _signed_in(tabs: list[Page], shelf: Shelf) -> None:
    for tab in tabs:
        tab.get_by_role("link", name=TITLE).wait_for()
        assert not tab.get_by_role("heading", name="Sign in").is_visible()
    with Session(shelf.engine) as session:
        assert session.scalars(select(LoginSession.end_reason)).all() == [None, None]


def test_tabs_that_renew_at_the_same_time_stay_signed_in(
    context: BrowserContext, first: Page, shelf: Shelf
) -> None:
    tabs = [first, context.new_page(), context.new_page()]
    held = _held(context, REFRESH)
    for count in (2, 3):
        _expire(context)
        for tab in tabs[:count]:
            tab.goto("about:blank")
            tab.goto("/", wait_until="commit")
        _wait(first, held, count)
        while held:
            held.pop().continue_()
        _signed_in(tabs[:count], shelf)


def test_tabs_that_renew_one_after_another_stay_signed_in(
    context: BrowserContext, first: Page, shelf: Shelf
) -> None:
    tabs = [first, context.new_page(), context.new_page()]
    for _ in range(3):
        _expire(context)
        for tab in tabs:
            tab.goto("/", wait_until="commit")
        _signed_in(tabs, shelf)


def test_a_waiting_tab_does_not_repeat_the_renewal_of_another(
    context: BrowserContext, first: Page, shelf: Shelf
) -> None:
    """After the refreshes of the other tabs, its own refresh token would be too old."""
    second, asked = context.new_page(), list[str]()
    context.on("request", lambda request: asked.append(request.url))
    late = _held(second, "**/api/contents*")
    _expire(context)
    second.goto("/", wait_until="commit")
    _wait(first, late, 1)
    first.reload()
    _signed_in([first], shelf)
    late.pop().fulfill(status=401, json={"error": {"code": "AUTH_REQUIRED", "message": "Sign in first."}})
    _wait(first, late, 1)
    late.pop().continue_()
    _signed_in([second], shelf)
    assert len([url for url in asked if url.endswith("/api/auth/refresh")]) == 1


@pytest.mark.parametrize("exchanged", [False, True])
def test_a_page_reloaded_during_a_refresh_stays_signed_in(
    context: BrowserContext, first: Page, shelf: Shelf, anonymous: httpx.Client, exchanged: bool
) -> None:
    """The page is reloaded before the server receives the request, or before the response arrives."""
    held = _held(context, REFRESH)
    _expire(context)
    first.goto("/", wait_until="commit")
    for _ in range(3):
        _wait(first, held, 1)
        if exchanged:
            headers = held[0].request.all_headers()
            shown = {name: headers[name] for name in ("origin", "cookie")}
            host = urlsplit(shown["origin"]).netloc
            assert anonymous.post("/api/auth/refresh", headers={**shown, "host": host}).status_code == 200
        held.pop().abort()
        first.reload(wait_until="commit")
    _wait(first, held, 1)
    held.pop().continue_()
    _signed_in([first], shelf)


@SECURE
def test_with_web_locks_one_tab_renews_for_all(context: BrowserContext, first: Page, shelf: Shelf) -> None:
    tabs, asked = [first, context.new_page(), context.new_page()], list[str]()
    context.on("request", lambda request: asked.append(request.url))
    held, passed = list[Route](), list[Route]()

    def hold_first(route: Route) -> None:
        passed.append(route)
        if len(passed) <= len(tabs):
            held.append(route)
        else:
            route.continue_()

    context.route("**/api/contents*", hold_first)
    _expire(context)
    for tab in tabs:
        tab.goto("/", wait_until="commit")
    _wait(first, held, 3)
    while held:
        held.pop().continue_()
    _signed_in(tabs, shelf)
    assert len([url for url in asked if url.endswith("/api/auth/refresh")]) == 1


@SECURE
@pytest.mark.parametrize("event", ["window: online", "document: visibilitychange"])
def test_a_tab_renews_shortly_before_the_end(
    context: BrowserContext, first: Page, shelf: Shelf, event: str
) -> None:
    target, name = event.split(": ")
    asked = list[str]()
    context.on("request", lambda request: asked.append(request.url))
    first.evaluate(f"{target}.dispatchEvent(new Event('{name}'))")
    _end_in(context, 100)
    with first.expect_response(REFRESH) as response:
        first.evaluate(f"{target}.dispatchEvent(new Event('{name}'))")
    assert response.value.status == 200
    first.evaluate(f"{target}.dispatchEvent(new Event('{name}'))")
    first.reload()
    _signed_in([first], shelf)
    assert len([url for url in asked if url.endswith("/api/auth/refresh")]) == 1
