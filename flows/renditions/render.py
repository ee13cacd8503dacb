"""Making one rendition: a row is claimed; the file is made under a temporary name, looked into, given its name; then it plays.

Whoever dies in between leaves a row whose lease runs out, and a temporary file; `tidying` removes both.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from catalog_models.errors import ExpectedError
from catalog_models.values import Claim, Inspection, Playability, storable
from catalog_models.writes import media_files, renditions
from flows.job.context import Run
from flows.job.file_errors import LEFT_FOR_NEXT_RUN, is_full, words
from flows.renditions.reconcile import regroup_files
from orchestration.transactions import Transaction
from tasks.media.folders import discard, part_of, publish, spare_room
from tasks.media.medium import SourceGoneError
from tasks.media.pool import CrashError, DeadlineError
from tasks.media.reading import UnreadableError
from tasks.metadata.inspection import inspect
from tasks.renditions.making import Original, RenditionFailedError, RenditionPutOffError, make_rendition
from tasks.renditions.recipe import Estimate, Recipe
from tasks.renditions.tracks import Tracks, choose_tracks, count_seconds

STAGE = "render"

_MARGIN = 1.1  # of what an estimate says, that has to be free
_SLACK = 5.0  # seconds that a rendition may be shorter or longer: containers round, tracks end at different moments
# The smallest share of the pixels of the original that a rendition may have.
_SMALLEST = 0.25
# Bytes a second, at least, from a busy NAS while the packets of a file are counted.
_COUNTED = 10e6
_FAILURES = (ExpectedError, OSError, UnreadableError, CrashError, DeadlineError, *LEFT_FOR_NEXT_RUN)

T = TypeVar("T")


class NoRoomError(ExpectedError):
    """It may be made when there is more room."""

    code = "no_room"


@dataclass(frozen=True, slots=True)
class Wish:
    """A rendition to be made: of the file at the location `path` below that of its `root`, as it was scanned; it lasts
    `seconds`, as far as known."""

    file_id: uuid.UUID
    root: str
    name: str
    path: str
    size: int
    mtime_ns: int
    recipe: Recipe
    estimate: Estimate
    seconds: float


@dataclass(frozen=True, slots=True)
class Made:
    """A rendition of `size` bytes, of a title by its name; it took so many seconds."""

    name: str
    kind: str
    size: int
    seconds: float


def render(run: Run, folder: Path, wish: Wish) -> Made | str:
    """Make a rendition, or return why it was not made. Bugs and cancellations are raised."""
    began = time.monotonic()
    do = run.place.bench.do
    key = do(STAGE, f"claim {wish.name}", partial(_claim, run, wish))
    if key is None:
        return f"{wish.name}: somebody else makes it, or its file is gone"
    target = folder / str(key)
    try:
        lasts = do(STAGE, f"{wish.recipe.kind} {wish.name}", partial(_make, run, wish, target))
        size = do(STAGE, f"play the rendition of {wish.name}", partial(_publish, run, wish, target, lasts))
    except _FAILURES as error:
        _look_at_root(run, wish, error)
        said = str(error) if isinstance(error, ExpectedError | UnreadableError) else words(error)
        discard(target)
        _note(run, wish, key, said, error)
        run.progress.warn(f"no rendition of {wish.name} ({wish.path}): {said}")
        return f"{wish.name}: {said}"
    except BaseException:
        discard(target)
        _forget(run, key)
        raise
    return Made(wish.name, wish.recipe.kind, size, round(time.monotonic() - began, 1))


def _look_at_root(run: Run, wish: Wish, error: BaseException) -> None:
    """Ask the root if it may be the reason."""
    if isinstance(error, OSError | RenditionPutOffError | SourceGoneError | DeadlineError) and not is_full(
        error
    ):
        path = wish.path.removeprefix(wish.root.rstrip("/") + "/")
        run.outages.explain(os.fsencode(wish.root), os.fsencode(path), error)


def _claim(run: Run, wish: Wish) -> uuid.UUID | None:
    what = (wish.recipe.kind, wish.recipe.container, wish.estimate.size)
    claim = Claim(uuid.uuid4(), run.owner, run.settings.lease)

    def take(work: Transaction) -> uuid.UUID | None:
        key = renditions.claim(work.session, wish.file_id, what, claim)
        if key is not None and wish.recipe.kind == "deinterlace":
            regroup_files(work, [wish.file_id])  # what it replaces plays no longer
        return key

    return run.transactions.run(take)


def _make(run: Run, wish: Wish, target: Path) -> float:
    """Make the rendition, and return its duration in seconds."""
    if (room := spare_room(target.parent)) < wish.estimate.size * _MARGIN:
        raise NoRoomError(
            f"it takes {wish.estimate.size:,} bytes by estimate, and {max(0, room):,} are free in {target.parent}"
        )
    path = os.fsencode(wish.path)
    tracks: Tracks = _in_pool(run, choose_tracks, path, wish.size, wish.mtime_ns)
    original = Original(path, wish.size, wish.mtime_ns, tracks)
    told = 0

    def tell(seconds: float) -> None:
        nonlocal told
        now = min(round(seconds), round(wish.seconds))
        run.progress.advance(STAGE, now - told)  # raises where somebody cancelled the run
        told = now

    make_rendition(original, wish.recipe, part_of(target), tell)
    made = _inspected(run, part_of(target))
    _expect_alike(run, wish, tracks, made)
    return made.facts.duration_seconds or 0.0


def _inspected(run: Run, part: Path) -> Inspection:
    seen = part.stat()
    return _in_pool(run, inspect, os.fsencode(part), seen.st_size, storable(seen.st_mtime_ns))


def _expect_alike(run: Run, wish: Wish, tracks: Tracks, made: Inspection) -> None:
    """Raise `RenditionFailedError` unless the rendition plays and lasts as long as its tracks or its file.

    A longer one is accepted: it has lost nothing, and the estimate was too short. A much smaller picture is not:
    a stream whose codec changes, copied as if it were all of the first, gives 16x16.
    """
    if made.verdict.playability is not Playability.DIRECT:
        raise RenditionFailedError(f"what was made of it does not play: {', '.join(made.verdict.reasons)}")
    video = made.facts.video
    pixels = (video.width or 0) * (video.height or 0) if video else 0
    if tracks.pixels and pixels < tracks.pixels * _SMALLEST:
        raise RenditionFailedError(f"what was made of it has {pixels:,} of {tracks.pixels:,} pixels")
    lasts = made.facts.duration_seconds or 0.0
    known = [each for each in (tracks.seconds, wish.seconds) if each]
    if known and lasts < max(known) and not any(_is_close(lasts, each) for each in known):
        counted = _counted(run, wish)
        if counted is None or (lasts < counted and not _is_close(lasts, counted)):
            raise RenditionFailedError(f"what was made of it lasts {lasts:.1f} of {known[0]:.1f} seconds")


def _is_close(lasts: float, expected: float) -> bool:
    return abs(lasts - expected) <= max(1.0, min(_SLACK, expected / 100))


def _counted(run: Run, wish: Wish) -> float | None:
    """Return the duration of the file by its packets: its time stamps may claim more than there is."""
    patience = max(run.settings.probe_deadline, wish.size / _COUNTED)
    path = os.fsencode(wish.path)
    counted: float | None = _in_pool(run, count_seconds, path, wish.size, wish.mtime_ns, deadline=patience)
    return counted


def _in_pool(run: Run, function: Callable[..., T], *arguments: object, deadline: float | None = None) -> T:
    patience = deadline or run.settings.probe_deadline
    (outcome,) = run.place.pool.run(function, [(None, arguments)], patience)
    if outcome.error is not None:
        raise outcome.error
    return outcome.value  # type: ignore[return-value]


def _publish(run: Run, wish: Wish, target: Path, lasts: float) -> int:
    """Publish the rendition, and return its bytes. Its title gets the duration of the rendition."""
    publish(target)
    seen = target.stat()

    def flip(work: Transaction) -> bool:
        key = uuid.UUID(target.name)
        if not renditions.publish(work.session, key, seen.st_size, seen.st_mtime_ns):
            return False
        if lasts and not _is_close(lasts, wish.seconds):
            media_files.correct_duration(work.session, wish.file_id, lasts)
        return regroup_files(work, [wish.file_id])

    if not run.transactions.run(flip):
        raise RenditionFailedError("its file changed while it was made: the next run makes it anew")
    return seen.st_size


def _note(run: Run, wish: Wish, key: uuid.UUID, said: str, error: BaseException) -> None:
    """Keep why it failed, so that it is not tried again by itself; forget what may go better next time.

    A picture that could not be deinterlaced is forgotten, too: the next run may copy it.
    """
    lasting = isinstance(error, RenditionFailedError | UnreadableError | CrashError)
    if lasting and wish.recipe.kind != "deinterlace":
        run.transactions.run(lambda work: renditions.fail(work.session, key, said))
    else:
        _forget(run, key)


def _forget(run: Run, key: uuid.UUID) -> None:
    run.transactions.run(lambda work: renditions.remove(work.session, [key]))
