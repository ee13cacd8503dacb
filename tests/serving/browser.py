"""One Chromium for all tests of a module that imports `browser`. Each test has its own browser context.

It does not live for the whole session: while it runs, the event loop of Playwright keeps other tests from
running theirs.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NEEDS_CHROMIUM = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on the PATH (chromium, chromium-browser or google-chrome)"
)
HOST = "tv.test"
"""A name of this machine that only the browser knows. Unlike `localhost`, it is not a secure context."""
OTHER_HOST = "chat.example"
"""Another such name, which is another site."""

ARGUMENTS = [
    # A sandbox does not work in a container.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {HOST} 127.0.0.1, MAP {OTHER_HOST} 127.0.0.1",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
