"""Ingested archives, and the jobs that follow an ingest."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from flows.jobs.context import Workplace
from flows.jobs.promoting import Promoted, promote
from flows.jobs.renditions import Asked, Rendered, make_renditions
from orchestration.transactions import Transactions
from tests.plugins.ingest import Archive, Ingest

MKV, MXF = "WSOP 2031 Main Event Day 1.mkv", "WSOP 2031 Main Event Day 2.mxf"

Promote = Callable[..., Promoted]
Render = Callable[..., Rendered]


@pytest.fixture
def shop(archive: Archive, ingest: Ingest) -> Ingest:
    """Four titles."""
    for number in range(1, 5):
        archive.put(f"WSOP 2031 Main Event Day {number}.mp4")
    ingest(archive.root)
    return ingest


@pytest.fixture
def promotion(shop: Ingest) -> Promote:
    """Promotes what is hot and these titles, with these settings."""

    def run(*ids: uuid.UUID, dry: bool = False, accept_missing: bool = False, **settings: Any) -> Promoted:
        chosen = shop.settings.model_copy(update={"cache_bytes": 1 << 30, **settings})
        place = Workplace(chosen, Transactions(shop.engine, shop.events.append), shop.pool)
        return promote(place, ids, dry=dry, accept_missing=accept_missing)

    return run


@pytest.fixture
def render(ingest: Ingest) -> Render:
    """Makes renditions, with these settings and questions."""

    def run(
        dry: bool = False, settings: dict[str, Any] | None = None, accept_missing: bool = False, **asked: Any
    ) -> Rendered:
        chosen = ingest.settings.model_copy(update=settings or {})
        place = Workplace(chosen, Transactions(ingest.engine, ingest.events.append), ingest.pool)
        return make_renditions(place, Asked(**asked), dry=dry, accept_missing=accept_missing)

    return run


@pytest.fixture
def masters(archive: Archive, ingest: Ingest) -> Archive:
    """One that needs another container, and one that has to be encoded anew."""
    archive.put(MKV)
    archive.put(MXF)
    ingest(archive.root)
    return archive


@pytest.fixture
def unheard_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL goes away after it took a commit, and before it said so: everything is run once more.

    To be asked for last: what others lay out is laid out once."""
    real = Transactions._once

    def twice(self: Transactions, work: Any) -> Any:
        real(self, work)
        return real(self, work)

    monkeypatch.setattr(Transactions, "_once", twice)
