"""Ingested archives, and the jobs that follow an ingest."""

from __future__ import annotations

import functools
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog_models.engine import make_engine
from deployments.stack import Stack
from flows.job.context import JobContext
from flows.job.executor import run_in_threads
from flows.promotion.plan import PromotionRequest
from flows.promotion.summary import Promoted
from flows.renditions.plan import RenditionRequest
from flows.renditions.selection import RenditionOptions
from flows.renditions.summary import Rendered
from orchestration.transactions import Transactions
from tasks.media.pool import MediaPool
from tests.flows.ingested_archives import Prepared
from tests.plugins.ingest import Archive, Ingest
from tests.plugins.servers import Administer, fresh_database, settings_of

MKV, MXF = "WSOP 2031 Main Event Day 1.mkv", "WSOP 2031 Main Event Day 2.mxf"

Promote = Callable[..., Any]
Render = Callable[..., Any]
Fill = Callable[..., list[Path]]


@pytest.fixture(scope="session")
def prepared(
    stack: Stack,
    administer: Administer,
    template: str,
    clips: dict[str, bytes],
    pool: MediaPool,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Prepared]:
    """Return a function that ingests an archive of files of these names, once a session."""

    @functools.cache
    def prepare(*names: str | bytes) -> Prepared:
        folder = tmp_path_factory.mktemp("prepared")
        archive = Archive(folder / "archive", clips)
        for name in names:
            archive.put(name)
        with fresh_database(stack, administer, template) as url:
            engine = make_engine(url)
            made = Prepared.ingested(archive, Ingest(settings_of(folder, url, stack.redis_url), engine, pool))
            engine.dispose()
        return made

    return prepare


@pytest.fixture
def filled(prepared: Callable[..., Prepared], archive: Archive, ingest: Ingest) -> Fill:
    """Return a function that fills archive and catalogue with videos of these names, and returns paths."""

    def fill(*names: str | bytes) -> list[Path]:
        prepared(*names).copy_to(archive, ingest)
        return [archive.root / os.fsdecode(name) for name in names]

    return fill


@pytest.fixture
def shop(filled: Fill, ingest: Ingest) -> Ingest:
    """Return an ingest with four titles."""
    filled(*(f"WSOP 2031 Main Event Day {number}.mp4" for number in range(1, 5)))
    return ingest


@pytest.fixture
def promotion(shop: Ingest) -> Promote:
    """Return a function that promotes hot titles and these titles, with these settings."""

    def run(*ids: uuid.UUID, dry: bool = False, accept_missing: bool = False, **settings: Any) -> Promoted:
        chosen = shop.settings.model_copy(update={"cache_bytes": 1 << 30, **settings})
        context = JobContext(chosen, Transactions(shop.engine, shop.events.append), shop.pool)
        return promoted(context, PromotionRequest(ids, dry, accept_missing))

    return run


def promoted(context: JobContext, wanted: PromotionRequest) -> Promoted:
    """Promote without Prefect, whose settings are read when it is first imported."""
    from flows.promote_hot import promote

    return run_in_threads(context, lambda steps: promote(steps, wanted))


def rendered(context: JobContext, wanted: RenditionRequest) -> Rendered:
    """Make renditions without Prefect."""
    from flows.make_renditions import make

    return run_in_threads(context, lambda steps: make(steps, wanted))


@pytest.fixture
def render(ingest: Ingest) -> Render:
    """Return a function that makes renditions, with these settings and kinds."""

    def run(
        dry: bool = False, settings: dict[str, Any] | None = None, accept_missing: bool = False, **asked: Any
    ) -> Rendered:
        chosen = ingest.settings.model_copy(update=settings or {})
        context = JobContext(chosen, Transactions(ingest.engine, ingest.events.append), ingest.pool)
        return rendered(context, RenditionRequest(RenditionOptions(**asked), dry, accept_missing))

    return run


@pytest.fixture
def masters(filled: Fill, archive: Archive) -> Archive:
    """Add a file that needs another container, and one that has to be encoded again."""
    filled(MKV, MXF)
    return archive


@pytest.fixture
def unacknowledged_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL fails after it has committed, and before it responds: each transaction is run twice.

    Request this fixture last, so that the other fixtures run only once.
    """
    real = Transactions._once

    def twice(self: Transactions, work: Any, *args: Any, **options: Any) -> Any:
        real(self, work, *args, **options)
        return real(self, work, *args, **options)

    monkeypatch.setattr(Transactions, "_once", twice)
