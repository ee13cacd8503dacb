"""The questions that one block may ask another: only those that the other one decides. Facts are in tables.

A question declares the types of its request and its result. The registry checks both when a block registers
its handler. Pure by law: only values.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Generic, Literal, TypeVar

Request = TypeVar("Request")
Answer = TypeVar("Answer")

Role = Literal["user", "moderator", "admin"]
Pace = Literal["page", "read", "rendered", "write", "picture", "bytes"]
"""The kinds of requests, each with its own limit. `rendered`: a read by the renderer of pages."""


@dataclass(frozen=True, slots=True)
class Question(Generic[Request, Answer]):
    """A question to another block, with a deadline in seconds."""

    name: str
    takes: type[Request]
    gives: type[Answer]
    deadline: float = 5.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of a request: an access token or None, the client's address, and its limit."""

    token: str | None
    address: str
    pace: Pace = "read"


@dataclass(frozen=True, slots=True)
class Viewer:
    """The signed-in user. `session_id` is the sign-in session (the row of `login_sessions`)."""

    user_id: uuid.UUID
    username: str
    role: Role
    session_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Revocation:
    """End the sign-in sessions of a user: one, or all (None). `reason` as in `login_sessions`."""

    user_id: uuid.UUID
    session_id: uuid.UUID | None
    reason: str


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """A user's role, name or permission was changed and committed. Sign-in sessions stay valid."""

    user_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PasswordToHash:
    """A password that passed validation; it is never logged."""

    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordHash:
    """The stored form of a password."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Done:
    """The request was carried out for `count` objects."""

    count: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Ask where the bytes of a title are."""

    content_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Source:
    """The file that plays a title: its root and its path below it, in the file system's bytes.

    For a copy on the SSD, `archived` is the original file, and `state` the size in bytes and the second of
    the last change that both must have; otherwise the original plays. `copied`: the version of the file that
    the copy was made from. `is_rendition`: the file is not in the archive.
    """

    root: bytes
    path: bytes
    path_text: str
    container: str | None
    duration_seconds: float | None
    tier: Literal["ssd", "nas"]
    archived: Source | None = None
    state: tuple[int, int] | None = None
    copied: FileVersion | None = None
    is_rendition: bool = False


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One version of a file: its size, the times of its last changes, and a digest of its path.

    `mtime_ns`: the last change of its bytes. `ctime_ns`: that of its inode; None if unknown. Programs can set
    `mtime_ns`, as `rsync -t` and `cp -p` do; only the system sets `ctime_ns`.
    """

    size: int
    mtime_ns: int
    ctime_ns: int | None
    path: str

    def same_bytes(self, other: FileVersion) -> bool:
        """Return whether both have the same bytes, as far as is known.

        If the paths differ, `ctime_ns` is ignored: the catalogue finds a renamed file by its fingerprint, and
        a rename changes the inode.
        """
        if (self.size, self.mtime_ns) != (other.size, other.mtime_ns):
            return False
        unknown = self.ctime_ns is None or other.ctime_ns is None or self.path != other.path
        return unknown or self.ctime_ns == other.ctime_ns

    def __str__(self) -> str:
        return f"{self.size} {self.mtime_ns} {'' if self.ctime_ns is None else self.ctime_ns} {self.path}"

    @classmethod
    def read(cls, text: str) -> FileVersion:
        """Return the version that `str` converted to this text."""
        size, mtime_ns, ctime_ns, path = text.split(" ")
        return cls(int(size), int(mtime_ns), int(ctime_ns) if ctime_ns else None, path)


def path_key(source: Source) -> str:
    """Return the digest of a file's path for its version."""
    return blake2b(b"%b/%b" % (source.root, source.path), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Admission:
    """Ask for a slot for a title.

    `playback_id`: the existing session of a player that polls. `take_over`: the session of the same user to
    end for this one. `join`: any open session of this title and sign-in session may be used.
    """

    viewer: Viewer
    content_id: uuid.UUID
    device: str
    playback_id: uuid.UUID | None = None
    take_over: uuid.UUID | None = None
    join: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """A playback session.

    `position`: in the queue (from 1); 0 while it holds a slot. `lease_seconds`: how long it lasts without a
    renewal. `version`: the first version of its file that the session reported; None if unknown.
    """

    playback_id: uuid.UUID
    content_id: uuid.UUID
    user_id: uuid.UUID
    position: int
    lease_seconds: float
    version: FileVersion | None = None


@dataclass(frozen=True, slots=True)
class Renewal:
    """A renewal of a playback session, with the bytes sent to it since the last one.

    `from_copy`: those sent from the SSD.

    A waiting session gets its slot in turn. A session whose lease expired gets a slot again if one is free,
    or waits. `over`: not a renewal, but leftover bytes of a player that disconnected. `version`: of the file
    that it plays; the first version that a session reports is kept.
    """

    playback_id: uuid.UUID
    user_id: uuid.UUID
    bytes_sent: int = 0
    from_copy: bool = False
    over: bool = False
    version: FileVersion | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """End playback sessions: one, or all of a user.

    `reason` as in `playback_sessions`. Its player may reopen an `expired` session; all others are final.
    """

    user_id: uuid.UUID
    playback_id: uuid.UUID | None
    reason: str


@dataclass(frozen=True, slots=True)
class RunRequest:
    """Start a Prefect deployment. The same key returns the same run."""

    deployment: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A flow run, and the URL of its page."""

    run_id: uuid.UUID
    name: str
    state: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Nothing:
    """A request without parameters."""


@dataclass(frozen=True, slots=True)
class FailedFlows:
    """The messages of the last runs of deployments, where that run failed."""

    messages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PathToRead:
    """The path of a file below its root."""

    path: str


@dataclass(frozen=True, slots=True)
class TitleRead:
    """The title that the rules read from a path: fields of `values.TITLE_FIELDS`, and those of `Title`."""

    fields: Mapping[str, Any]


AUTHENTICATE = Question("auth.authenticate", Credentials, Viewer)
REVOKE = Question("auth.revoke", Revocation, Done)
NOTE_CHANGE = Question("auth.note_change", PersonChanged, Done)
HASH_PASSWORD = Question("auth.hash_password", PasswordToHash, PasswordHash, deadline=20.0)
LOCATE = Question("cache.locate", Wanted, Source)
ADMIT = Question("cache.admit", Admission, Slot)
RENEW = Question("cache.renew", Renewal, Slot)
RELEASE = Question("cache.release", Release, Done)
START_RUN = Question("worker.start_run", RunRequest, RunStarted, deadline=10.0)
FAILED_FLOWS = Question("worker.failed_flows", Nothing, FailedFlows, deadline=10.0)
READ_TITLE = Question("title_generator.read_title", PathToRead, TitleRead)
