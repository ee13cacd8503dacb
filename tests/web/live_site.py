"""The whole web app for a browser: `wsoptv serve` with the built app, and a catalogue of 120 titles."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from PIL import Image
from sqlalchemy.orm import Session

from catalog_models.picture_files import poster_path
from catalog_models.tables import ContentView, WatchProgress
from orchestration.settings import Settings
from tests.serving.browser import HOST
from tests.serving.conftest import Person, Shelf, set_password, sign_in
from tests.serving.test_home import add_series
from tests.stack.conftest import until
from tests.web.app_build import AppBuild
from tests.web.serve_process import Serving, serve

PASSWORD = "Aces2Kings"
_YEARS = range(2015, 2025)
_WIDTHS = [320, 640]
_START_SECONDS = 60.0


@dataclass
class LiveSite:
    """A running site, its catalogue, and a viewer who has begun a title."""

    url: str
    served: Serving
    settings: Settings
    viewer: Person
    email: str
    begun: uuid.UUID
    """The title that the viewer has begun."""

    def approve(self, email: str) -> None:
        """Approve a registration as an admin does."""
        headers = sign_in(self.settings, "admin").headers
        found = httpx.get(f"{self._api}/users", params={"q": email, "status": "pending"}, headers=headers)
        person = found.raise_for_status().json()["items"][0]["id"]
        changed = httpx.patch(f"{self._api}/users/{person}", json={"status": "active"}, headers=headers)
        changed.raise_for_status()

    @property
    def _api(self) -> str:
        return str(self.served.client.base_url.join("/api/admin"))


@contextmanager
def live_site(settings: Settings, shelf: Shelf, app: AppBuild) -> Iterator[LiveSite]:
    """Fill the catalogue, and run the site on it until its pages are rendered."""
    assert app.node is not None
    begun = _fill(shelf)
    viewer = sign_in(settings)
    email, _ = set_password(settings, viewer, PASSWORD)
    with Session(shelf.engine) as session:
        session.add(WatchProgress(user_id=viewer.user_id, content_id=begun, progress_seconds=600))
        session.commit()
    with serve(settings, app=app.folder, node=str(app.node.program)) as served:
        until(served.renders, _START_SECONDS)
        url = f"http://{HOST}:{served.client.base_url.port}"
        yield LiveSite(url, served, settings, viewer, email, begun)


def _fill(shelf: Shelf) -> uuid.UUID:
    """Add titles for every row of the home page; return one of them."""
    for year in _YEARS:
        series = add_series(shelf, f"WSOP {year}", year)
        for day in range(1, 10):
            event: dict[str, Any] = {"brand": "WSOP", "event_type": "main_event", "series_id": series}
            title = _add(shelf, f"WSOP {year} Main Event – Day {day}", year=year, day=str(day), **event)
            _view(shelf, title, year - 2014)
    clips = [_add(shelf, f"Hustler Casino Live {number}", brand="HCL", year=2023) for number in range(1, 21)]
    for number in range(1, 11):
        _add(shelf, f"WSOP 2024 Hand {number}", brand="WSOP", year=2024, content_type="hand_clip")
    return clips[0]


def _add(shelf: Shelf, title: str, **fields: Any) -> uuid.UUID:
    known: dict[str, Any] = {"content_type": "stream", "duration_seconds": 7_200.0, "quality": "hd"}
    added = shelf.add(title, **(known | fields))
    poster = {"version": "1", "widths": _WIDTHS, "width": 640, "height": 360, "generator": 4}
    path = shelf.add_picture(added, "poster", f"{added}.poster.jpg", _picture("jpeg", 640), **poster)
    for width in _WIDTHS:
        (path.parent / poster_path(path.name, width)).write_bytes(_picture("webp", width))
    return added


def _picture(kind: str, width: int) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (width, width * 9 // 16), "darkgreen").save(drawn, kind)
    return drawn.getvalue()


def _view(shelf: Shelf, title: uuid.UUID, times: int) -> None:
    with Session(shelf.engine) as session:
        session.add_all(ContentView(content_id=title) for _ in range(times))
        session.commit()
