"""Prefect's UI in a real browser: access from other pages, and artifacts about hostile file names.

All tests share the browser. Playwright keeps an event loop in this thread, in which Prefect's client cannot
be called as usual: the artifacts are created before the browser starts.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.prefect.api import Api
from tests.prefect.test_access import FOREIGN, Responds, count_flows, serving
from tests.serving.browser import ARGUMENTS, CHROMIUM, NEEDS_CHROMIUM

pytestmark = NEEDS_CHROMIUM

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


def make_table(key: str) -> None:
    from flows.prefect_runs.artifacts import _show_table

    _show_table(key, [{"file": name, "count": 1} for name in NAMES], " ".join(NAMES))


def make_page(key: str) -> None:
    from flows.prefect_runs.artifacts import _show_page
    from orchestration.markdown import table

    _show_page(key, table(("file",), [(name,) for name in NAMES]), " ".join(NAMES))


def in_a_run(make: Callable[[str], None]) -> str:
    """Create an artifact in a flow run; return its key."""
    from prefect import flow

    key = f"names-{uuid.uuid4()}"
    flow(name="show-names")(make)(key)
    return key


@pytest.fixture(scope="module")
def artifacts(prefect_connection: None, api: Api) -> list[str]:
    """Return the ids of a table artifact and a Markdown artifact with the names."""
    keys = [in_a_run(make_table), in_a_run(make_page)]
    return [
        api.post("artifacts/filter", artifacts={"key": {"any_": [key]}}, limit=1)[0]["id"] for key in keys
    ]


@pytest.fixture(scope="module")
def browser(artifacts: list[str]) -> Iterator[Browser]:
    """Yield a browser in which a foreign host name resolves to this machine."""
    rebound = f"--host-resolver-rules=MAP {FOREIGN} 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, rebound])
        yield browser
        browser.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """Yield a tab that shares no state with others."""
    with browser.new_context() as context:
        yield context.new_page()


def test_a_foreign_page_has_no_effect(tab: Page, api: Api) -> None:
    """A browser sends a request without a content type without a preflight, and Prefect reads it as JSON."""
    before = count_flows(api)
    send = """async ([url, name]) => {
        const body = new Blob([JSON.stringify({name})]);
        await fetch(url, {method: "POST", mode: "no-cors", body}).catch(() => {});
    }"""
    with serving(Responds) as port:
        tab.goto(f"http://{FOREIGN}:{port}/")
        with tab.expect_response("**/api/flows/") as response:
            tab.evaluate(send, [f"{api.url}/flows/", f"theirs-{uuid.uuid4()}"])
    assert response.value.status == 403
    assert count_flows(api) == before


def test_a_rebound_name_cannot_read(tab: Page, api: Api) -> None:
    port = urlsplit(api.url).port
    shown = tab.goto(f"http://{FOREIGN}:{port}/")
    assert shown is not None
    assert shown.status == 403
    read = "async () => (await fetch('/api/flows/filter', {method: 'POST'})).status"
    assert tab.evaluate(read) == 403
    assert tab.evaluate("async () => (await fetch('/api/health')).status") == 403


def test_a_user_signs_in_once_and_sees_a_run_and_unchanged_names(
    tab: Page, api: Api, artifacts: list[str]
) -> None:
    # Another name than the one that the server uses.
    name = "localhost"
    flow = api.post("flows/", name="seen")
    run = api.post("flow_runs/", flow_id=flow["id"], name=f"seen by {name}")
    base = f"http://{name}:{urlsplit(api.url).port}"
    requested: list[str] = []
    tab.on("request", lambda request: requested.append(request.url))
    # Requests to other addresses fail.
    tab.route(lambda url: not url.startswith((base, "blob:", "data:")), lambda route: route.abort())
    tab.goto(f"{base}/")
    field = tab.get_by_placeholder("admin:pass")
    field.fill(api.auth)
    field.press("Enter")
    tab.wait_for_url("**/dashboard")
    tab.goto(f"{base}/runs/flow-run/{run['id']}")
    expect(tab.get_by_text(f"seen by {name}").first).to_be_visible(timeout=30_000)
    for artifact in artifacts:
        tab.goto(f"{base}/artifacts/artifact/{artifact}")
        _expect_names_as_they_are(tab)
    assert [url for url in requested if "foreign.invalid" in url] == []


def _expect_names_as_they_are(tab: Page) -> None:
    for name in NAMES:
        expect(tab.locator("td").get_by_text(name, exact=True).first).to_be_visible(timeout=30_000)
    links = [link.get_attribute("href") or "" for link in tab.locator("a").all()]
    assert [link for link in links if not link.startswith("/")] == []
    assert tab.locator("img").count() == 0
