"""The step `render-titles`: claim a row, make a file under a temporary name, inspect, rename, play it.

A process that is killed meanwhile leaves a row whose lease runs out, and a temporary file. The next run
removes both.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from catalog_models.errors import ExpectedError
from catalog_models.values import Claim, Inspection, Playability, format_bytes, format_count, storable
from catalog_models.writes import renditions, stage_results
from flows.job.context import JobContext
from flows.job.file_errors import LEFT_FOR_NEXT_RUN, is_full, words
from flows.job.result_table import speed
from flows.job.steps import StepResult, step
from flows.renditions.reconcile import regroup_files
from flows.renditions.selection import Problem, RenditionPlan
from orchestration.transactions import Transaction
from tasks.media.container import UnreadableError
from tasks.media.folders import discard, part_of, publish, spare_room
from tasks.media.pool import CrashError, DeadlineError
from tasks.media.source_protocol import SourceGoneError
from tasks.metadata.inspection import inspect
from tasks.renditions.encoder import Original, RenditionFailedError, RenditionPutOffError, make_rendition
from tasks.renditions.tracks import Tracks, choose_tracks, count_seconds

STAGE = "render"

# The room that must be free, as a multiple of the estimate.
_MARGIN = 1.1
# Seconds that a rendition may be shorter or longer: containers round, tracks end at different moments.
_SLACK = 5.0
# The smallest share of the pixels of the original that a rendition may have.
_SMALLEST = 0.25
# Bytes a second, at least, from a busy NAS while the packets of a file are counted.
_COUNTED = 10e6
_FAILURES = (ExpectedError, OSError, UnreadableError, CrashError, DeadlineError, *LEFT_FOR_NEXT_RUN)

T = TypeVar("T")


class NoRoomError(ExpectedError):
    """There is too little room now; a later run may have more."""

    code = "no_room"


@dataclass(frozen=True)
class RenditionBatch:
    """Renditions that one step makes, one after the other."""

    plans: tuple[RenditionPlan, ...]

    @property
    def label(self) -> str:
        first, *others = self.plans
        return f"{format_count(len(self.plans), 'title')} from {first.name} on" if others else first.label


@dataclass(frozen=True, slots=True)
class Made:
    """A rendition of `size` bytes, made in `seconds` of a file of `source_size` bytes."""

    name: str
    kind: str
    size: int
    seconds: float
    source_size: int


@dataclass(frozen=True, kw_only=True)
class RenditionsMade(StepResult):
    """The renditions that were made or failed, and the titles that wait because their roots are down."""

    made: tuple[Made, ...]
    failures: tuple[Problem, ...]
    waits: tuple[str, ...]


@step("render-titles", STAGE, tag="cpu", retries=0)
def render_titles(context: JobContext, batch: RenditionBatch) -> RenditionsMade:
    """Make renditions under temporary names, inspect them, and play them.

    Each title plays as soon as its own rendition is made, and a file that fails stops no other.
    """
    made: list[Made] = []
    failures: list[Problem] = []
    waits: list[str] = []
    for plan in batch.plans:
        if os.fsencode(plan.root) in context.outages.roots:
            waits.append(plan.name)
            continue
        outcome = render(context, plan)
        if isinstance(outcome, Made):
            made.append(outcome)
        else:
            failures.append(outcome)
    return RenditionsMade(
        made=tuple(made),
        failures=tuple(failures),
        waits=tuple(waits),
        did=_said(batch, made),
        problems="; ".join([*map(str, failures), *(f"{name} waits for its root" for name in waits)]),
    )


def _said(batch: RenditionBatch, made: Sequence[Made]) -> str:
    if not made:
        return f"{batch.label} not made"
    size, seconds = sum(one.size for one in made), sum(one.seconds for one in made)
    what = made[0].name if len(made) == 1 else format_count(len(made), "rendition")
    return f"{what}, {format_bytes(size)} at {speed(size, seconds)}"


def render(context: JobContext, plan: RenditionPlan) -> Made | Problem:
    """Make one rendition, or return why it was not made. Raise bugs and cancellations."""
    began = time.monotonic()
    key = _claim(context, plan)
    if key is None:
        return Problem(plan.name, "another run is making it, or its file is missing")
    target = context.settings.renditions_folder / str(key)
    try:
        lasts = _make(context, plan, target)
        size = _publish(context, plan, target, lasts)
    except _FAILURES as error:
        _look_at_root(context, plan, error)
        said = str(error) if isinstance(error, ExpectedError | UnreadableError) else words(error)
        discard(target)
        _note(context, plan, key, said, error)
        context.progress.warn(f"no rendition of {plan.name} ({plan.path}): {said}")
        return Problem(plan.name, said)
    except BaseException:
        discard(target)
        _forget(context, key)
        raise
    return Made(plan.name, plan.recipe.kind, size, round(time.monotonic() - began, 1), plan.size)


def _look_at_root(context: JobContext, plan: RenditionPlan, error: BaseException) -> None:
    """Check whether the root is down, if it may be the reason of the error."""
    if isinstance(error, OSError | RenditionPutOffError | SourceGoneError | DeadlineError) and not is_full(
        error
    ):
        path = plan.path.removeprefix(plan.root.rstrip("/") + "/")
        context.outages.explain(os.fsencode(plan.root), os.fsencode(path), error)


def _claim(context: JobContext, plan: RenditionPlan) -> uuid.UUID | None:
    what = (plan.recipe.kind, plan.recipe.container, plan.estimate.size)
    claim = Claim(uuid.uuid4(), context.owner, context.settings.lease)

    def take(work: Transaction) -> uuid.UUID | None:
        key = renditions.claim(work.session, plan.file_id, what, claim)
        if key is not None and plan.recipe.kind == "deinterlace":
            # The rendition that it replaces no longer plays.
            regroup_files(work, [plan.file_id])
        return key

    return context.transactions.run(take)


def _make(context: JobContext, plan: RenditionPlan, target: Path) -> float:
    """Make the rendition, and return its duration in seconds."""
    if (room := spare_room(target.parent)) < plan.estimate.size * _MARGIN:
        raise NoRoomError(
            f"it needs an estimated {plan.estimate.size:,} bytes, and {max(0, room):,} are free in {target.parent}"
        )
    path = os.fsencode(plan.path)
    tracks: Tracks = _in_pool(context, choose_tracks, path, plan.size, plan.mtime_ns)
    original = Original(path, plan.size, plan.mtime_ns, tracks)
    counted_seconds = 0

    def advance(seconds: float) -> None:
        nonlocal counted_seconds
        now = min(round(seconds), round(plan.seconds))
        # Raises if the run was cancelled.
        context.advance(STAGE, now - counted_seconds)
        counted_seconds = now

    make_rendition(original, plan.recipe, part_of(target), advance)
    made = _inspected(context, part_of(target))
    _expect_alike(context, plan, tracks, made)
    return made.facts.duration_seconds or 0.0


def _inspected(context: JobContext, part: Path) -> Inspection:
    seen = part.stat()
    return _in_pool(context, inspect, os.fsencode(part), seen.st_size, storable(seen.st_mtime_ns))


def _expect_alike(context: JobContext, plan: RenditionPlan, tracks: Tracks, made: Inspection) -> None:
    """Raise `RenditionFailedError` unless the rendition plays and lasts as long as its tracks or its file.

    A longer one is accepted: it has lost nothing, and the estimate was too short. A much smaller picture is
    not: a stream whose codec changes, copied as if it were all of the first, gives 16x16.
    """
    if made.verdict.playability is not Playability.DIRECT:
        raise RenditionFailedError(f"the rendition does not play: {', '.join(made.verdict.reasons)}")
    video = made.facts.video
    pixels = (video.width or 0) * (video.height or 0) if video else 0
    if tracks.pixels and pixels < tracks.pixels * _SMALLEST:
        raise RenditionFailedError(f"the rendition has {pixels:,} of {tracks.pixels:,} pixels")
    lasts = made.facts.duration_seconds or 0.0
    known = [each for each in (tracks.seconds, plan.seconds) if each]
    if known and lasts < max(known) and not any(_is_close(lasts, each) for each in known):
        by_packets = _counted(context, plan)
        if by_packets is None or (lasts < by_packets and not _is_close(lasts, by_packets)):
            raise RenditionFailedError(f"the rendition lasts {lasts:.1f} of {known[0]:.1f} seconds")


def _is_close(lasts: float, expected: float) -> bool:
    return abs(lasts - expected) <= max(1.0, min(_SLACK, expected / 100))


def _counted(context: JobContext, plan: RenditionPlan) -> float | None:
    """Return the duration of the file by its packets: its time stamps may claim a longer one."""
    patience = max(context.settings.probe_deadline, plan.size / _COUNTED)
    path = os.fsencode(plan.path)
    seconds: float | None = _in_pool(
        context, count_seconds, path, plan.size, plan.mtime_ns, deadline=patience
    )
    return seconds


def _in_pool(
    context: JobContext, function: Callable[..., T], *arguments: object, deadline: float | None = None
) -> T:
    patience = deadline or context.settings.probe_deadline
    (outcome,) = context.pool.run(function, [(None, arguments)], patience)
    if outcome.error is not None:
        raise outcome.error
    return outcome.value  # type: ignore[return-value]


def _publish(context: JobContext, plan: RenditionPlan, target: Path, lasts: float) -> int:
    """Publish the rendition, and return its bytes. Its title gets the duration of the rendition."""
    publish(target)
    seen = target.stat()

    def flip(work: Transaction) -> bool:
        key = uuid.UUID(target.name)
        if not renditions.publish(work.session, key, seen.st_size, seen.st_mtime_ns):
            return False
        if lasts and not _is_close(lasts, plan.seconds):
            stage_results.correct_duration(work.session, plan.file_id, lasts)
        return regroup_files(work, [plan.file_id])

    if not context.transactions.run(flip):
        raise RenditionFailedError("the file changed meanwhile: the next run makes the rendition again")
    return seen.st_size


def _note(context: JobContext, plan: RenditionPlan, key: uuid.UUID, said: str, error: BaseException) -> None:
    """Record why it failed, so that it is made again only on request; forget temporary failures.

    A failure to deinterlace is also forgotten: the next run may copy the picture.
    """
    is_final = isinstance(error, RenditionFailedError | UnreadableError | CrashError)
    if is_final and plan.recipe.kind != "deinterlace":
        context.transactions.in_session(renditions.fail, key, said)
    else:
        _forget(context, key)


def _forget(context: JobContext, key: uuid.UUID) -> None:
    context.transactions.in_session(renditions.remove, [key])
