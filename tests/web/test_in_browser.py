"""The web app in a real Chromium, in front of the real API and PostgreSQL, by the name of a host."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, Response, expect

from serving.kernel.viewer import ACCESS_COOKIE
from tests.plugins.databases import Databases
from tests.plugins.servers import flush, settings_of
from tests.serving.browser import HOST, NEEDS_CHROMIUM, browser
from tests.serving.conftest import shelf_in
from tests.stack.conftest import until
from tests.web.app_build import SOURCES, AppBuild
from tests.web.live_site import PASSWORD, LiveSite, live_site

__all__ = ["browser"]

pytestmark = NEEDS_CHROMIUM

# The budgets of web/README.md, in bytes of gzip.
SCRIPTS, SIGN_IN_SCRIPTS, STYLES, HOME = 170_000, 145_000, 15_000, 30_000
# Milliseconds for a page on a busy machine.
_PATIENCE = 20_000
# Seconds until Node has ended or is started again, after pauses.
_LONG = 60.0
_AXE = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations.map(
  ({id, nodes}) => id + ': ' + nodes.map(({target}) => target.join(' ')).join(', '))"""

# Chromium ignores two headers on a host without TLS, and logs that as errors.
_WITHOUT_TLS = ("Cross-Origin-Opener-Policy header has been ignored", "Clear-Site-Data header on")

Open = Callable[..., Page]


@dataclass
class Watch:
    """What a browser's pages must not do: fail in scripts, violate their policy, contact another host."""

    problems: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("console", lambda line: self._read(line.type, line.text))
        page.on("request", self._check)
        page.on("response", self._keep)

    def _read(self, kind: str, text: str) -> None:
        wrong = kind == "error" or "Content Security Policy" in text
        if wrong and not any(known in text for known in _WITHOUT_TLS):
            self.problems.append(f"{kind}: {text}")

    def _check(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname != HOST:
            self.problems.append(f"another host: {request.url}")

    def _keep(self, response: Response) -> None:
        self.responses.append(response)

    def bytes_of(self, kind: str) -> int:
        """Return the compressed bytes of the scripts, style sheets or documents that were loaded."""
        loaded = [response for response in self.responses if response.request.resource_type == kind]
        # The smallest files are not compressed.
        assert {response.header_value("content-encoding") for response in loaded} <= {"gzip", None}
        return sum(response.request.sizes()["responseBodySize"] for response in loaded)


@pytest.fixture(scope="module")
def site(
    databases: Databases, redis_url: str, web_app: AppBuild, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveSite]:
    folder = tmp_path_factory.mktemp("live")
    flush(redis_url)
    expect.set_options(timeout=_PATIENCE)
    with ExitStack() as closing:
        url = closing.enter_context(databases.lend())
        shelf = closing.enter_context(shelf_in(folder, url))
        yield closing.enter_context(live_site(settings_of(folder, url, redis_url), shelf, web_app))


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Yield a watch over all pages of the test; what it has seen fails the test."""
    watch = Watch()
    yield watch
    assert watch.problems == []


@pytest.fixture
def visit(site: LiveSite, browser: Browser, watch: Watch) -> Iterator[Open]:
    """Return a function that opens a tab in a new browser context, as a visitor or signed in."""
    with ExitStack() as closing:

        def opened(
            *, signed_in: bool = True, locale: str = "en", theme: str = "dark", **options: Any
        ) -> Page:
            context = closing.enter_context(browser.new_context(base_url=site.url, **options))
            context.set_default_timeout(_PATIENCE)
            cookies = {"wsoptv_locale": locale, "wsoptv_theme": theme}
            if signed_in:
                cookies[ACCESS_COOKIE] = site.viewer.token
            _add_cookies(context, site.url, cookies)
            page = context.new_page()
            watch.follow(page)
            return page

        yield opened


def _add_cookies(context: BrowserContext, url: str, cookies: dict[str, str]) -> None:
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])


def send(page: Page, **fields: str) -> None:
    """Fill the form with a password, and send it."""
    form = page.locator("form:has(input[name=password])")
    for name, value in fields.items():
        form.locator(f"input[name={name}]").fill(value)
    form.locator("button[type=submit]").click()


def alert(page: Page) -> Locator:
    """Return the alert of the form; Next announces routes in another one."""
    return page.locator("form").get_by_role("alert")


def title_links(page: Page) -> Locator:
    return page.locator("main a[href^='/title/']")


def is_at(page: Page, path: str) -> bool:
    return urlsplit(page.url).path == path


def test_a_person_registers_is_approved_and_looks_around(site: LiveSite, visit: Open) -> None:
    page = visit(signed_in=False)
    page.goto("/")
    assert is_at(page, "/sign-in")
    page.get_by_role("link", name=re.compile("register", re.IGNORECASE)).click()
    page.wait_for_url("**/register*")
    send(page, email="bob@example.com", username="bob.of.vegas", password=PASSWORD)
    page.wait_for_url(lambda url: urlsplit(url).path != "/register")
    page.goto("/sign-in?next=/browse")
    send(page, email="bob@example.com", password=PASSWORD)
    expect(alert(page)).to_contain_text("approve")
    site.approve("bob@example.com")
    send(page, email="bob@example.com", password=PASSWORD)
    page.wait_for_url("**/browse")
    page.get_by_role("link", name=re.compile("home", re.IGNORECASE)).first.click()
    page.wait_for_url(f"{site.url}/")
    expect(
        page.get_by_role("heading", name=re.compile("recently added", re.IGNORECASE)).first
    ).to_be_visible()
    page.get_by_role("button", name=re.compile("bob.of.vegas")).click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in*")
    page.goto("/browse")
    assert is_at(page, "/sign-in")


def test_a_filter_narrows_the_list_and_is_removed(visit: Open) -> None:
    page = visit()
    page.goto("/browse")
    expect(title_links(page)).to_have_count(48)
    filters = page.get_by_role("navigation", name="Filters")
    filters.get_by_role("link", name=re.compile("^2019")).click()
    page.wait_for_url("**/browse?*year=2019*")
    expect(title_links(page)).to_have_count(9)
    expect(title_links(page).first).to_contain_text("2019 Main Event")
    page.get_by_role("link", name=re.compile("remove.*2019", re.IGNORECASE)).click()
    page.wait_for_url("**/browse")
    expect(title_links(page)).to_have_count(48)


def test_a_title_is_found_by_its_words(visit: Open) -> None:
    page = visit()
    page.goto("/")
    box = page.get_by_role("combobox", name=re.compile("search", re.IGNORECASE)).first
    box.fill("main event 2019 day 7")
    box.press("Enter")
    page.wait_for_url("**/search?q=*")
    page.locator("main").get_by_role("link", name=re.compile("2019 Main Event.*Day 7")).first.click()
    page.wait_for_url("**/title/*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Day 7")
    expect(page).to_have_title(re.compile("WSOP 2019 Main Event"))
    assert page.get_by_role("link", name=re.compile("^Play")).count() > 0


def test_without_javascript_one_signs_in_and_reads(site: LiveSite, visit: Open) -> None:
    page = visit(signed_in=False, java_script_enabled=False)
    page.goto("/browse")
    send(page, email=site.email, password="Wrong2Word")
    expect(alert(page)).to_contain_text("wrong")
    send(page, email=site.email, password=PASSWORD)
    page.wait_for_url("**/browse")
    expect(title_links(page)).to_have_count(48)
    title_links(page).first.click()
    page.wait_for_url("**/title/*")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("route", ["sign-in", "home", "browse", "title"])
def test_a_route_loads_no_more_than_its_budget(site: LiveSite, visit: Open, watch: Watch, route: str) -> None:
    paths = {"sign-in": "/sign-in", "home": "/", "browse": "/browse", "title": f"/title/{site.begun}"}
    page = visit(signed_in=route != "sign-in")
    page.goto(paths[route], wait_until="networkidle")
    assert is_at(page, paths[route])
    loaded = {kind: watch.bytes_of(kind) for kind in ("script", "stylesheet", "document")}
    assert 0 < loaded["script"] <= (SIGN_IN_SCRIPTS if route == "sign-in" else SCRIPTS), loaded
    assert 0 < loaded["stylesheet"] <= STYLES, loaded
    assert 0 < loaded["document"] <= HOME or route != "home", loaded


@pytest.mark.parametrize(("locale", "theme"), [("en", "dark"), ("ko", "light")])
def test_pages_are_accessible(site: LiveSite, visit: Open, locale: str, theme: str) -> None:
    axe = (SOURCES / "node_modules" / "axe-core" / "axe.min.js").read_text()
    found: dict[str, list[str]] = {}
    visitor, page = (visit(signed_in=known, locale=locale, theme=theme) for known in (False, True))
    for path in ("/sign-in", "/", "/browse", "/search?q=main+event", f"/title/{site.begun}"):
        tab = visitor if path == "/sign-in" else page
        tab.goto(path, wait_until="load")
        assert tab.locator("html").get_attribute("lang") == locale
        assert tab.locator("html").get_attribute("data-theme") == theme
        assert re.search("[가-힣]", tab.locator("body").inner_text()) or locale == "en"
        tab.evaluate(axe)
        found[path] = tab.evaluate(_AXE)
    assert {path: violations for path, violations in found.items() if violations} == {}


def test_language_and_theme_are_chosen_in_the_menu(site: LiveSite, visit: Open) -> None:
    page = visit()
    page.goto("/")
    menu = page.get_by_role("button", name=re.compile(site.viewer.username))
    menu.click()
    page.get_by_role("button", name="Light").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="한국어").click()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_back_returns_to_the_place_in_the_list(visit: Open) -> None:
    page = visit()
    page.goto("/browse")
    link = title_links(page).nth(40)
    link.scroll_into_view_if_needed()
    before = float(page.evaluate("scrollY"))
    assert before > 400
    link.click()
    page.wait_for_url("**/title/*")
    page.go_back()
    page.wait_for_url("**/browse")
    page.wait_for_function("before => Math.abs(scrollY - before) < 60", arg=before)


@contextmanager
def killed_again_and_again(site: LiveSite) -> Iterator[None]:
    """Kill each Node as soon as it appears, so that the pauses between its starts become longer."""
    done = threading.Event()

    def kill() -> None:
        while not done.wait(0.05):
            for node in site.served.nodes():
                try:
                    node.kill()
                except psutil.NoSuchProcess:
                    continue

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_without_node_the_plain_page_says_why_until_it_is_back(
    site: LiveSite, visit: Open, watch: Watch
) -> None:
    page = visit()
    page.goto("/")
    page.get_by_role("heading").first.wait_for()
    assert watch.problems == []
    with killed_again_and_again(site):
        until(lambda: not site.served.renders(), _LONG)
        response = page.goto("/browse")
        assert response is not None
        assert response.status == 503
        page.get_by_text(re.compile("the program that makes the others")).wait_for()
    # The browser logs the status.
    watch.problems.clear()
    until(site.served.renders, _LONG)
    page.goto("/browse")
    expect(title_links(page)).to_have_count(48)
