"""A catalogue of titles as the flows write them, and a fake search server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.orm import Session

from catalog_models.engine import make_engine
from catalog_models.tables import Content
from catalog_models.writes import contents
from flows.job.context import JobContext
from flows.job.executor import run_in_threads
from orchestration.events import Event
from orchestration.settings import Settings
from orchestration.transactions import Transactions
from tasks.media.pool import MediaPool
from tests.search.fake_server import Imitation, imitation

if TYPE_CHECKING:
    from flows.reindex_search import Reindexed


@dataclass
class Catalogue:
    """Titles, and the ways to write them."""

    transactions: Transactions
    events: list[Event] = field(default_factory=list)

    def add(self, *titles: str, **fields: Any) -> list[uuid.UUID]:
        """Add titles that play and are shown."""
        common = {"is_visible": True, "status": "ready", **fields}
        rows = [
            {"title": title, "short_title": title[:50], "content_key": str(uuid.uuid4()), **common}
            for title in titles
        ]
        made = self.transactions.in_session(contents.create, rows)
        return [made[row["content_key"]] for row in rows]

    def change(self, key: uuid.UUID, **columns: Any) -> bool:
        return self.transactions.run(
            lambda work: contents.change(work.session.get_one(Content, key), columns)
        )

    def row(self, key: uuid.UUID) -> Content:
        with Session(self.transactions.engine) as session:
            content = session.get_one(Content, key)
            # This loads the searched columns.
            assert content.search_title is not None
            session.expunge(content)
            return content

    def reindex(self, settings: Settings) -> Reindexed:
        """Run the job of the flow `reindex-search` without Prefect."""
        from flows.reindex_search import reindex

        return run_in_threads(JobContext(settings, self.transactions, MediaPool(1)), reindex)


@pytest.fixture
def catalogue(settings: Settings) -> Iterator[Catalogue]:
    assert settings.database_url is not None
    engine = make_engine(settings.database_url.get_secret_value())
    events: list[Event] = []
    yield Catalogue(Transactions(engine, events.append), events)
    engine.dispose()


@pytest.fixture
def server() -> Iterator[Imitation]:
    with imitation() as server:
        yield server


@pytest.fixture
def with_server(settings: Settings, server: Imitation) -> Settings:
    return settings.model_copy(update={"meilisearch_url": server.url})
