"""A temporary home for one benchmark, with real servers and an empty database."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from catalog_models.engine import make_engine
from catalog_models.migrate import upgrade
from deployments.stack import use_stack
from orchestration.redis_publisher import redis_publisher
from orchestration.settings import Settings
from orchestration.transactions import Transactions


@dataclass(frozen=True)
class BenchHome:
    """A home with running servers and a migrated database."""

    settings: Settings
    transactions: Transactions


@contextmanager
def bench_home(name: str) -> Iterator[BenchHome]:
    """Create a home below the temporary folder; stop its servers and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix=f"wsoptv-bench-{name}-") as folder:
        configured = Settings(WSOPTV_HOME=Path(folder))
        with use_stack(configured, "benchmark") as stack:
            settings = configured.model_copy(
                update={
                    "database_url": SecretStr(stack.database_url),
                    "redis_url": SecretStr(stack.redis_url),
                }
            )
            engine = make_engine(stack.database_url)
            try:
                upgrade(engine)
                yield BenchHome(settings, Transactions(engine, redis_publisher(stack.redis_url)))
            finally:
                engine.dispose()
