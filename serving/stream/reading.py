"""From a file to an answer: what blocks on a disk happens here, in a thread, and for a short answer all at once."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from orchestration.breaker import UnavailableError
from orchestration.contracts import Source
from orchestration.storage import FileChangedError, OpenFile, is_bucket, storage_at
from serving.conditional import Validators
from serving.errors import ApiError
from serving.playback_errors import FileMissingError
from serving.stream.accel import left_to_nginx
from serving.stream.errors import FileUnreadableError
from serving.stream.media_types import MEDIA_TYPES, UNKNOWN
from serving.stream.plan import Asked, Plan, Resource, plan_answer
from serving.stream.ranges import Span
from serving.stream.readers import Readers

LATELY = 2.0  # seconds
SHORT = 1 << 20  # bytes of an answer that are read at once: players that seek ask for as many

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a file was like at a moment, in seconds since 1970."""

    at: float
    resource: Resource


@dataclass(frozen=True, slots=True)
class Prepared:
    """A planned answer, and its whole body, or the file that it is to be read from; what the file was like."""

    plan: Plan
    body: bytes
    file: OpenFile | None = None
    seen: Seen | None = None


async def prepare(source: Source, asked: Asked, readers: Readers) -> Prepared:
    """Open the file and plan. Raises `FileMissingError`, `FileUnreadableError`, and what `plan_answer` raises."""
    return await _in_time(source, readers, _prepare, source, asked)


async def prepare_somewhere(source: Source, asked: Asked, readers: Readers) -> tuple[Source, Prepared]:
    """From the SSD or, where its copy is not there, is another or cannot be read, from the archive. Answers from where."""
    try:
        return source, await prepare(source, asked, readers)
    except (FileMissingError, FileUnreadableError) as error:
        if source.archived is None:
            raise
        _log.warning(
            "the copy of %r on the SSD does not play (%s): the archive does", source.path_text, error
        )
        return source.archived, await prepare(source.archived, asked, readers)


def prepare_again(source: Source, asked: Asked, seen: Seen | None) -> Prepared | None:
    """What is left to nginx without another look at the file, a moment after the last: nginx looks itself."""
    if seen is None or not asked.by_nginx or not 0 <= asked.now - seen.at < LATELY:
        return None
    try:
        plan = _plan(source, asked, seen.resource)
    except ApiError:
        return None
    return Prepared(plan, b"", seen=seen) if plan.left else None


async def check_there(source: Source, readers: Readers) -> None:
    """Raises where the file is not there, or the archive does not give it."""
    try:
        await _in_time(source, readers, _touch, source)
    except (FileMissingError, FileUnreadableError):
        if source.archived is None:
            raise
        await _in_time(source.archived, readers, _touch, source.archived)


async def _in_time(source: Source, readers: Readers, work: Callable[..., T], *arguments: object) -> T:
    try:
        return await readers.run(source.root, work, *arguments)
    except FileNotFoundError:
        raise FileMissingError(_why_missing(source), details={"path": source.path_text}) from None
    except FileChangedError:
        reason = "it changes at this moment"
    except UnavailableError as error:
        reason = str(error)
    except OSError as error:
        reason = error.strerror or str(error)
    raise FileUnreadableError(details={"path": source.path_text, "reason": reason})


def _why_missing(source: Source) -> str | None:
    if not source.is_rendition:
        return None
    return "The rendition that plays this title is not there any more; `make-renditions` makes it anew."


def _touch(source: Source) -> None:
    open_source(source).close()


def open_source(source: Source) -> OpenFile:
    """Raises as `Storage.open`; a copy that is not what it is a copy of is not there."""
    file = storage_at(source.root).open(source.path)
    if source.state not in (None, (file.size, file.mtime_ns // 1_000_000_000)):
        file.close()
        raise FileNotFoundError(errno.ENOENT, "it is no copy of its file any more", source.path)
    return file


def _prepare(source: Source, asked: Asked) -> Prepared:
    file = open_source(source)
    try:
        validators = Validators.of_file(file.mtime_ns, file.size, asked.now)
        media_type = MEDIA_TYPES.get(source.container or "", UNKNOWN)
        seen = Seen(asked.now, Resource(file.size, validators, media_type))
        plan = _plan(source, asked, seen.resource)
        if asked.method == "GET" and plan.length > SHORT:
            return Prepared(plan, b"", file, seen)
        body = _read(file, plan) if asked.method == "GET" else b""
    except BaseException:
        file.close()
        raise
    file.close()
    return Prepared(plan, body, seen=seen)


def _plan(source: Source, asked: Asked, resource: Resource) -> Plan:
    plan = plan_answer(asked, resource)
    if not asked.by_nginx or is_bucket(source.root):
        return plan
    return left_to_nginx(plan, asked, resource, os.path.join(source.root, source.path))


def _read(file: OpenFile, plan: Plan) -> bytes:
    parts = [file.read(part.first, part.length) if isinstance(part, Span) else part for part in plan.body]
    return parts[0] if len(parts) == 1 else b"".join(parts)
