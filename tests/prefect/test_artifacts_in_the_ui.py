"""Artifacts about hostile file names, in Prefect's own UI in a real browser."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.prefect.api import Api
from tests.serving.browser import ARGUMENTS, CHROMIUM

pytestmark = [
    pytest.mark.usefixtures("observed"),
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium on the PATH (chromium, chromium-browser or google-chrome)"
    ),
]

NAMES = (
    "![x](http://foreign.invalid/a.png) after",
    "[click](javascript:alert(1)) after",
    "<img src=http://foreign.invalid/b.png> after",
    "<a href=http://foreign.invalid>a</a> after",
    "https://foreign.invalid/x after",
    "WWW.foreign.invalid after",
    "ann@foreign.invalid after",
    "<https://foreign.invalid> after",
    "[x]: http://foreign.invalid after",
    "# heading after",
    "- item after",
    "1. one after",
    "a|b `code` **bold** _i_ ~~s~~ &amp; \\[x] after",
    "`https://foreign.invalid` after",
)


@contextmanager
def tab(address: str, requested: list[str]) -> Iterator[Page]:
    """A tab at Prefect's UI; `requested` gets the addresses that it asks for. Those of others go nowhere.

    Playwright keeps an event loop in this thread, in which Prefect's client cannot be called as usual.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(base_url=address)
        page.on("request", lambda request: requested.append(request.url))
        page.route(lambda url: not url.startswith((address, "blob:", "data:")), lambda route: route.abort())
        yield page
        browser.close()


def sign_in(page: Page, api: Api) -> None:
    page.goto("/")
    field = page.get_by_placeholder("admin:pass")
    field.fill(api.auth)
    field.press("Enter")
    page.wait_for_url("**/dashboard")


def make_table(key: str) -> None:
    from flows.observed.artifacts import _show_table

    _show_table(key, [{"file": name, "count": 1} for name in NAMES], " ".join(NAMES))


def make_page(key: str) -> None:
    from flows.observed.artifacts import _show_page
    from orchestration.markdown import table

    _show_page(key, table(("file",), [(name,) for name in NAMES]), " ".join(NAMES))


def in_a_run(make: Callable[[str], None]) -> str:
    """Create an artifact in a flow run, and return its key."""
    from prefect import flow

    key = f"names-{uuid.uuid4()}"
    flow(name="show-names")(make)(key)
    return key


@pytest.mark.parametrize("make", [make_table, make_page])
def test_names_are_shown_as_they_are(prefect: str, api: Api, make: Callable[[str], None]) -> None:
    (artifact,) = api.post("artifacts/filter", artifacts={"key": {"any_": [in_a_run(make)]}}, limit=1)
    requested: list[str] = []
    with tab(prefect.removesuffix("/api"), requested) as page:
        sign_in(page, api)
        page.goto(f"/artifacts/artifact/{artifact['id']}")
        for name in NAMES:
            expect(page.locator("td").get_by_text(name, exact=True).first).to_be_visible(timeout=30_000)
        links = [link.get_attribute("href") or "" for link in page.locator("a").all()]
        assert [link for link in links if not link.startswith("/")] == []
        assert page.locator("img").count() == 0
    assert [url for url in requested if "foreign.invalid" in url] == []
