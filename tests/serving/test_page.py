"""The page in a real Chromium."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.tables import PlaybackSession
from orchestration.settings import Settings
from serving.kernel.viewer import ACCESS_COOKIE
from tests.serving.browser import NEEDS_CHROMIUM, browser
from tests.serving.conftest import Shelf, eventually, set_password, sign_in
from tests.serving.nginx import NEEDS_NGINX, behind_nginx
from tests.serving.shared_streams import anonymous, database_url, settings, shelf, site

__all__ = ["anonymous", "browser", "database_url", "settings", "shelf", "site"]

pytestmark = NEEDS_CHROMIUM

VTT = "WEBVTT\n\n00:00.000 --> 00:06.000\nstoryboard.jpg#xywh=0,0,320,180\n\n00:06.000 --> 00:12.000\nstoryboard.jpg#xywh=320,0,320,180\n"


@pytest.fixture(scope="module")
def site_settings() -> dict[str, Any]:
    """Return settings for an application behind nginx. Without nginx, they have no effect."""
    return {"accel": True}


@pytest.fixture
def address(request: pytest.FixtureRequest, anonymous: httpx.Client, shelf: Shelf) -> Iterator[str]:
    """Return the address of the page: of the application, or of an nginx in front of it."""
    if getattr(request, "param", "direct") == "direct":
        yield str(anonymous.base_url)
    else:
        with behind_nginx(anonymous.base_url, roots=(shelf.archive,)) as url:
            yield str(url)


@pytest.fixture
def tab(address: str, browser: Browser) -> Iterator[Page]:
    """Yield a browser tab. Script errors and violations of the content policy fail the test."""
    page = browser.new_page(base_url=address)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    yield page
    page.close()
    # Browsers always log these. 410 is the response to a request just before the player was closed.
    refused = ("401 (Unauthorized)", "410 (Gone)", "429 (Too Many Requests)")
    assert [problem for problem in problems if not any(word in problem for word in refused)] == []


@pytest.fixture
def page(tab: Page, address: str, settings: Settings) -> Page:
    """Yield the tab of a signed-in account."""
    token = sign_in(settings).token
    tab.context.add_cookies([{"name": ACCESS_COOKIE, "value": token, "url": address}])
    return tab


def jpeg(width: int, height: int) -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (width, height), "green").save(picture, "jpeg")
    return picture.getvalue()


def position(page: Page) -> float:
    return float(page.evaluate("document.querySelector('video').currentTime"))


def becomes(page: Page, condition: Callable[[], bool]) -> None:
    """Wait until the condition holds, and let the page run meanwhile."""
    eventually(lambda: page.evaluate("true") and condition())


@pytest.mark.parametrize("address", ["direct", pytest.param("nginx", marks=NEEDS_NGINX)], indirect=True)
def test_a_title_plays_and_seeks(page: Page, shelf: Shelf, clip: bytes) -> None:
    content_id = shelf.add("WSOP 2024 Main Event – Day 1A", content=clip, year=2024, duration_seconds=12.0)
    shelf.add_picture(content_id, "storyboard_index", "s.vtt", VTT.encode())
    shelf.add_picture(content_id, "storyboard", "s.jpg", jpeg(640, 180))
    page.goto("/")
    page.get_by_role("link", name="WSOP 2024 Main Event – Day 1A").click()
    becomes(page, lambda: position(page) > 0.3)
    bar = page.get_by_role("slider", name="Position")
    box = bar.bounding_box()
    assert box
    becomes(page, lambda: bool(page.evaluate("document.querySelector('track')?.track.cues?.length")))
    with page.expect_request("**/storyboard.jpg"):
        page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    assert page.locator(".preview").inner_text() in ("0:08", "0:09")
    page.mouse.down()
    page.mouse.up()
    becomes(page, lambda: position(page) > 8.5)
    page.keyboard.press("ArrowLeft")
    becomes(page, lambda: position(page) < 8)
    page.keyboard.press("Escape")
    becomes(page, lambda: page.url.endswith("/"))
    assert not page.get_by_role("dialog").is_visible()
    page.get_by_role("link", name="WSOP 2024 Main Event – Day 1A").click()
    # The position where playback stopped.
    becomes(page, lambda: position(page) > 6)
    open_sessions = select(PlaybackSession).where(PlaybackSession.ended_at.is_(None))
    with Session(shelf.engine) as session:
        assert len(session.scalars(open_sessions).all()) == 1, "a player that is closed gives its place back"


def test_a_viewer_at_the_limit_can_take_over_a_slot(
    page: Page, shelf: Shelf, clip: bytes, anonymous: httpx.Client
) -> None:
    content_id = shelf.add("WSOP 2024 Main Event", content=clip, duration_seconds=12.0)
    token = page.context.cookies()[0]["value"]
    for _ in range(3):
        anonymous.post(
            f"/api/stream/{content_id}/start", json={}, headers={"Authorization": f"Bearer {token}"}
        )
    page.goto(f"/#{content_id}")
    page.get_by_text("You are already playing 3 titles").wait_for()
    assert page.get_by_role("button", name="Play here instead").count() == 3
    page.get_by_role("button", name="Play here instead").nth(1).click()
    becomes(page, lambda: position(page) > 0.3)


def test_the_page_requires_a_sign_in(tab: Page, shelf: Shelf, settings: Settings) -> None:
    shelf.add("WSOP 2024 Main Event")
    email, password = set_password(settings, sign_in(settings), "Aces2Kings")
    tab.goto("/")
    tab.get_by_label("E-mail").fill(email)
    tab.get_by_label("Password").fill("Kings2Aces")
    tab.get_by_role("button", name="Sign in").click()
    tab.get_by_text("The e-mail or the password is wrong.").wait_for()
    tab.get_by_label("Password").fill(password)
    tab.get_by_role("button", name="Sign in").click()
    tab.get_by_role("link", name="WSOP 2024 Main Event").wait_for()
    assert re.fullmatch(r"wsoptv_until=\d+", tab.evaluate("document.cookie")), "no script sees a token"
    tab.reload()
    tab.get_by_role("link", name="WSOP 2024 Main Event").wait_for()
    # As if the token had expired.
    tab.context.clear_cookies(name=ACCESS_COOKIE)
    tab.reload()
    tab.get_by_role("link", name="WSOP 2024 Main Event").wait_for()
    tab.get_by_role("button", name="Sign out").click()
    tab.get_by_role("heading", name="Sign in").wait_for()
    left = [cookie["name"] for cookie in tab.context.cookies()]
    assert [name.startswith("wsoptv_device_") for name in left] == [True], "the device stays known"


def test_only_titles_being_prepared_are_grey(page: Page, shelf: Shelf) -> None:
    for title, status in (("Ready", "ready"), ("Preparing", "preparing")):
        shelf.add_picture(shelf.add(title, status=status), "poster", f"{title}.jpg", jpeg(640, 360))
    page.goto("/")
    page.get_by_role("checkbox").check()
    filters = "e => getComputedStyle(e.closest('.card').querySelector('img')).filter"
    # The list with this title replaces the first one.
    assert "grayscale" in page.get_by_text("Preparing", exact=True).evaluate(filters)
    assert page.get_by_text("Ready", exact=True).evaluate(filters) == "none"


def test_titles_with_special_characters_are_shown_as_text(page: Page, shelf: Shelf) -> None:
    title = '<img src=x onerror="alert(1)"> & \u202e 🂡 </script>'
    shelf.add(title)
    page.goto("/")
    page.locator(".name").wait_for()
    assert page.locator(".name").text_content() == title
    assert page.locator("img[src=x]").count() == 0


def test_titles_load_while_scrolling_and_can_be_filtered(page: Page, shelf: Shelf) -> None:
    for number in range(60):
        shelf.add(f"Title {number}", content=None, year=2000 + number)
    shelf.add("Master", status="preparing", file={"playability_reasons": ["video_codec:prores"]})
    page.goto("/")
    page.get_by_role("link", name="Title 59", exact=False).wait_for()
    assert page.locator(".card").count() == 48
    assert page.get_by_role("status").inner_text() == "60 titles"
    page.mouse.wheel(0, 100_000)
    page.locator(".card").nth(59).wait_for()
    # With typing errors.
    page.get_by_role("searchbox").fill("titel 5")
    page.get_by_text("1 title for “title 5”").wait_for()
    assert page.locator(".card").count() == 1
    page.get_by_role("searchbox").fill("")
    page.get_by_label("Include titles that are being prepared").check()
    page.get_by_text("61 titles").wait_for()
    page.get_by_label("Order").select_option("title")
    page.get_by_text("video codec: prores").wait_for()
    assert page.locator(".card.preparing").get_attribute("href") is None


def test_a_title_that_does_not_play_shows_why_and_no_controls(page: Page, shelf: Shelf) -> None:
    master = shelf.add("Master", status="preparing", file={"playability_reasons": ["video_codec:prores"]})
    page.goto(f"/#{master}")
    page.get_by_text("video codec: prores").wait_for()
    assert not page.get_by_role("button", name="Play").is_visible()
