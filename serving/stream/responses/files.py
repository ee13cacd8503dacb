"""Preparation of responses: open and check the file and plan the response, in one call to a reader thread.

A short body is read in the same call.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from catalog_models.values import storable
from orchestration.breaker import UnavailableError
from orchestration.contracts import FileVersion, Source, path_key
from orchestration.storage import FileChangedError, OpenFile, is_bucket, storage_at
from serving.http.conditional import Validators
from serving.http.errors import ApiError
from serving.http.ranges import Span
from serving.stream.responses.nginx import redirect_to_nginx
from serving.stream.responses.plan import BytesRequest, ResponsePlan, ServedFile, plan_response
from serving.stream.responses.roots import RootReaders
from serving.titles.playback_errors import FileMissingError

# For this many seconds, a redirect to nginx does not require opening the file again.
SNAPSHOT_SECONDS = 2.0
# A body of at most this many bytes is read at once: players request as many when they seek.
SHORT = 1 << 20

_MEDIA_TYPES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "3gp": "video/3gpp",
    "webm": "video/webm",
    "matroska": "video/x-matroska",
    "mxf": "application/mxf",
    "avi": "video/x-msvideo",
    "asf": "video/x-ms-wmv",
    "mpeg": "video/mpeg",
    "mpegts": "video/mp2t",
    "flv": "video/x-flv",
    "ogg": "video/ogg",
}

T = TypeVar("T")

_log = logging.getLogger(__name__)


class FileUnreadableError(ApiError):
    """The file cannot be read from the archive."""

    status = 503
    code = "STREAM_FILE_UNREADABLE"
    message = "The file of this title cannot be read from the archive; try again in a moment."


class FileReplacedError(Exception):
    """The file is not the one that the session began to play.

    `tag_changed` is true if the entity tag differs, so that the client can notice the change.
    """

    def __init__(self, expected: FileVersion, found: FileVersion) -> None:
        super().__init__("the file was replaced")
        self.tag_changed = _tag_fields(expected) != _tag_fields(found)


@dataclass(frozen=True, slots=True)
class FileSnapshot:
    """The state of a file at the time `at`, in seconds since 1970."""

    at: float
    resource: ServedFile
    version: FileVersion


@dataclass(frozen=True, slots=True)
class PreparedResponse:
    """A planned response with its complete body, or with the open file to read it from."""

    plan: ResponsePlan
    body: bytes
    file: OpenFile | None = None
    seen: FileSnapshot | None = None


async def prepare(
    source: Source, asked: BytesRequest, readers: RootReaders, expected: FileVersion | None = None
) -> PreparedResponse:
    """Open the file and plan the response.

    Raises `FileMissingError`, `FileUnreadableError`, the errors of `plan_response`, and `FileReplacedError`
    if the file is not the expected version.
    """
    return await _run_in_time(source, readers, _prepare, source, asked, expected)


async def prepare_from_any_tier(
    source: Source, asked: BytesRequest, readers: RootReaders, expected: FileVersion | None = None
) -> tuple[Source, PreparedResponse]:
    """Prepare from the copy on the SSD or, if it is missing, outdated or unreadable, from the archive.

    Returns the source that was used.
    """
    try:
        return source, await prepare(source, asked, readers, expected)
    except (FileMissingError, FileUnreadableError) as error:
        if source.archived is None:
            raise
        _log.warning(
            "cannot read the SSD copy of %r, using the file in the archive: %s", source.path_text, error
        )
        return source.archived, await prepare(source.archived, asked, readers, expected)


def prepare_again(source: Source, asked: BytesRequest, seen: FileSnapshot | None) -> PreparedResponse | None:
    """Return a redirect to nginx without opening the file, if the snapshot is recent.

    Otherwise return None.
    """
    if seen is None or not asked.by_nginx or not 0 <= asked.now - seen.at < SNAPSHOT_SECONDS:
        return None
    try:
        plan = _plan(source, asked, seen.resource)
    except ApiError:
        return None
    return PreparedResponse(plan, b"", seen=seen) if plan.left else None


async def check_file(source: Source, readers: RootReaders) -> None:
    """Raise `FileMissingError` or `FileUnreadableError` if the file cannot be opened."""
    try:
        await _run_in_time(source, readers, _touch, source)
    except (FileMissingError, FileUnreadableError):
        if source.archived is None:
            raise
        await _run_in_time(source.archived, readers, _touch, source.archived)


async def _run_in_time(source: Source, readers: RootReaders, work: Callable[..., T], *arguments: object) -> T:
    try:
        return await readers.run(source.root, work, *arguments)
    except FileNotFoundError:
        _log.warning("%r is missing", source.path_text)
        raise FileMissingError(_missing_message(source)) from None
    except FileChangedError:
        reason = said = "the file is being changed"
    except UnavailableError as error:
        reason, said = str(error), "the archive does not respond"
    except OSError as error:
        # The message of a bucket's error may name the bucket.
        reason, said = str(error), os.strerror(error.errno) if error.errno else "it cannot be read"
    _log.warning("cannot read %r: %s", source.path_text, reason)
    # Viewers must not see paths of the archive.
    raise FileUnreadableError(details={"reason": said})


def _missing_message(source: Source) -> str | None:
    if not source.is_rendition:
        return None
    return "The rendition that plays this title is missing; the flow `make-renditions` makes it again."


def _touch(source: Source) -> None:
    open_source(source).close()


def open_source(source: Source) -> OpenFile:
    """Open a file.

    Raises the errors of `Storage.open`, and `FileNotFoundError` for a copy that differs from its original.
    """
    file = storage_at(source.root).open(source.path)
    if source.state not in (None, (file.size, file.mtime_ns // 1_000_000_000)):
        file.close()
        raise FileNotFoundError(errno.ENOENT, "the copy is outdated", source.path)
    return file


def version_of(source: Source, file: OpenFile) -> FileVersion:
    """Return the version of an open file; for a copy, the version of its original."""
    if source.copied is not None:
        return source.copied
    ctime_ns = None if file.ctime_ns is None else storable(file.ctime_ns)
    return FileVersion(file.size, storable(file.mtime_ns), ctime_ns, path_key(source))


def media_type_of(container: str | None) -> str:
    """Return the media type of a container, by the name that the metadata stage gives it."""
    return _MEDIA_TYPES.get(container or "", "application/octet-stream")


def _tag_fields(version: FileVersion) -> tuple[int, int]:
    return version.size, version.mtime_ns // 1_000_000_000


def open_version(source: Source, expected: FileVersion | None) -> OpenFile:
    """Open the file.

    Raises the errors of `open_source`, and `FileReplacedError` for an unexpected version.
    """
    file = open_source(source)
    found = version_of(source, file)
    if expected is None or found.same_bytes(expected):
        return file
    file.close()
    raise FileReplacedError(expected, found)


def _prepare(source: Source, asked: BytesRequest, expected: FileVersion | None) -> PreparedResponse:
    file = open_version(source, expected)
    try:
        validators = Validators.of_file(file.mtime_ns, file.size, asked.now)
        media_type = media_type_of(source.container)
        resource = ServedFile(file.size, validators, media_type)
        seen = FileSnapshot(asked.now, resource, version_of(source, file))
        plan = _plan(source, asked, resource)
        if asked.method == "GET" and plan.length > SHORT:
            return PreparedResponse(plan, b"", file, seen)
        body = _read(file, plan) if asked.method == "GET" else b""
    except BaseException:
        file.close()
        raise
    file.close()
    return PreparedResponse(plan, body, seen=seen)


def _plan(source: Source, asked: BytesRequest, resource: ServedFile) -> ResponsePlan:
    plan = plan_response(asked, resource)
    if not asked.by_nginx or is_bucket(source.root):
        return plan
    return redirect_to_nginx(plan, asked, resource, os.path.join(source.root, source.path))


def _read(file: OpenFile, plan: ResponsePlan) -> bytes:
    parts = [file.read(part.first, part.length) if isinstance(part, Span) else part for part in plan.body]
    return parts[0] if len(parts) == 1 else b"".join(parts)
