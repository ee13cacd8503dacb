"""The resources of a command: the settings, the running servers, the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic import SecretStr
from sqlalchemy import Engine

from catalog_models.engine import make_engine
from catalog_models.errors import RefusedError
from catalog_models.migrate import current_revision, head_revision, upgrade
from deployments.process_log import start_logging
from deployments.stack import use_stack
from deployments.terminal.notices import notice_if_slow
from deployments.token_secret import with_token_secret
from flows.job.context import JobContext, Progress
from orchestration.redis_publisher import redis_publisher
from orchestration.settings import Settings
from orchestration.transactions import Transactions
from tasks.export.unfinished_folders import remove_abandoned
from tasks.media.pool import MediaPool
from tasks.quality import Judge, PlainJudge


class NotMigratedError(RefusedError):
    """The schema of the configured database does not fit this version."""

    code = "not_migrated"


@dataclass(frozen=True)
class Runtime:
    """The open resources of a command.

    `settings` holds the addresses of the database and the Redis in use, embedded or not.
    """

    settings: Settings
    engine: Engine
    transactions: Transactions

    def context(
        self, progress: Progress, pool: MediaPool | None = None, gate: Judge | None = None
    ) -> JobContext:
        """Return the context of a job; a job that opens no files needs no pool."""
        pool, gate = pool or MediaPool(1), gate or PlainJudge()
        return JobContext(self.settings, self.transactions, pool, progress, gate=gate)


@contextmanager
def open_runtime(purpose: str, migrated: bool = True, serving: bool = False) -> Iterator[Runtime]:
    """Use the home for a purpose: start the servers that do not run, stop them after the last user.

    `migrated` requires the current schema: the embedded database is migrated, an external one only checked
    (`NotMigratedError`). `serving` requires a secret for signing tokens: raises `SecretRequiredError` if it
    has to be configured.
    """
    configured = with_token_secret(Settings()) if serving else Settings()
    remove_abandoned(configured.home)
    with use_stack(configured, purpose) as stack:
        start_logging(configured)
        settings = configured.model_copy(
            update={"database_url": SecretStr(stack.database_url), "redis_url": SecretStr(stack.redis_url)}
        )
        engine = make_engine(stack.database_url)
        try:
            if migrated:
                _require_schema(engine, own=configured.database_url is not None)
            yield Runtime(settings, engine, Transactions(engine, redis_publisher(stack.redis_url)))
        finally:
            engine.dispose()


def _require_schema(engine: Engine, own: bool) -> None:
    if not own:
        with notice_if_slow("migrating the database"):
            upgrade(engine)
        return
    current, head = current_revision(engine), head_revision()
    if current != head:
        raise NotMigratedError(
            f"the database at DATABASE_URL is at revision {current or 'none'}, this version requires {head}: "
            "run `wsoptv migrate`"
        )
