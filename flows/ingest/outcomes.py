"""Open the files of a batch in the pool, store the outcomes, and record failures as dead letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from catalog_models.values import ClaimedFile, Stage, format_count, path_as_text
from catalog_models.writes import file_claims, stage_failures
from flows.ingest.batch import names_of
from flows.job.context import JobContext
from flows.job.file_errors import LEFT_FOR_NEXT_RUN, OF_THE_ROOT, gave_up_on, words
from flows.job.outages import RootDownError
from orchestration.transactions import Transaction
from tasks.media.pool import CrashError, DeadlineError, Outcome

T = TypeVar("T")
Done = Outcome[ClaimedFile, T]
Store = Callable[[Transaction, Sequence[Done[T]]], None]


def open_files(
    context: JobContext,
    stage: Stage,
    calls: Sequence[tuple[ClaimedFile, tuple[Any, ...]]],
    store: Store[T],
) -> list[Done[T]]:
    """Make the calls `(file, (function, *arguments))` in the pool, and store the outcomes in one transaction.

    `store` may run again. Raise `CancelledRunError` if the run is to end; then nothing is stored.
    """
    of_pictures = stage is Stage.THUMBNAILS
    deadline = context.settings.frames_deadline if of_pictures else context.settings.probe_deadline
    done: list[Done[T]] = []
    for outcome in context.outages.open_files(context.pool, calls, deadline):
        context.cancellation.check()
        done.append(outcome)
    if done:
        context.advance(stage, _store(context, stage, done, store))
    return done


def _store(context: JobContext, stage: Stage, done: Sequence[Done[T]], store: Store[T]) -> int:
    """Store a batch and its dead letters, and release files that are to be read again.

    Return the number of files that the stage has finished.
    """
    apart = {
        outcome.item.id for outcome in done if stage is Stage.METADATA and _took_too_much(context, outcome)
    }
    changing = {outcome.item.id for outcome in done if isinstance(outcome.error, LEFT_FOR_NEXT_RUN)}
    # If their root is down, the next run takes them; the others are claimed once more.
    untried = {outcome.item.id for outcome in done if isinstance(outcome.error, OF_THE_ROOT)}
    failed = {
        outcome.item.id: words(outcome.error)
        for outcome in done
        if gave_up_on(outcome.error) and outcome.item.id not in apart
    }

    def keep(transaction: Transaction) -> None:
        store(transaction, done)
        stage_failures.record(transaction.session, stage, failed)
        if returned := [*changing, *failed, *apart, *untried]:
            file_claims.give_back(transaction.session, returned)

    context.transactions.run(keep)
    context.notes.changing.update(changing)
    context.notes.without_pictures.update(apart)
    return len(done) - len(apart) - len(untried)


def _took_too_much(context: JobContext, outcome: Done[Any]) -> bool:
    """Return whether pictures may be the reason for a failure. The facts are then read without them."""
    took_pictures = outcome.item.likely_best and outcome.item.id not in context.notes.without_pictures
    return took_pictures and isinstance(outcome.error, DeadlineError | CrashError)


def failed_of(done: Sequence[Done[Any]]) -> list[ClaimedFile]:
    """Return the files that the stage gave up on."""
    return [outcome.item for outcome in done if gave_up_on(outcome.error)]


def problems_of(done: Sequence[Done[Any]], what: str = "failed") -> str:
    """Return what went wrong in a batch, for a log line: `2 failed: a.mp4, b.mp4`."""
    failed = failed_of(done)
    changing = [outcome.item for outcome in done if isinstance(outcome.error, LEFT_FOR_NEXT_RUN)]
    untried = [outcome.item for outcome in done if isinstance(outcome.error, OF_THE_ROOT)]
    groups = ((what, failed), ("changed meanwhile", changing), ("untried, their root is down", untried))
    return "; ".join(f"{len(files):,} {name}: {names_of(files)}" for name, files in groups if files)


def warnings_of(done: Sequence[Done[Any]]) -> tuple[str, ...]:
    """Return a log line for each file that went wrong, with the reason: `/nas/a.mp4: it is empty`."""
    return tuple(
        f"{path_as_text(outcome.item.path)}: {words(outcome.error)}"
        for outcome in done
        if outcome.error is not None and not isinstance(outcome.error, RootDownError)
    )


def files_of(done: Sequence[Done[Any]]) -> str:
    """Return the number of files of a batch that were opened."""
    return format_count(len(done), "file")
