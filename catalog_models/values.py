"""Plain values that steps return and tables store.

This module is pure: it imports no database, server or video library (see CONTRIBUTING).
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from enum import StrEnum


class Playability(StrEnum):
    """The playability of a file in browsers."""

    DIRECT = "direct"
    """The file plays as it is, by byte ranges."""
    REMUX = "remux"
    """The streams play, but not in this container."""
    TRANSCODE = "transcode"
    """The picture or the sound has to be encoded again."""
    BROKEN = "broken"
    """The file has no picture that can be shown."""


class Severity(StrEnum):
    """The effect of a finding on its file."""

    QUARANTINE = "quarantine"
    """The file stays out of the catalogue until it changes."""
    NOTE = "note"
    """The finding is for information only."""


DAMAGE = ("bit_rot", "silent_change")
"""The rules of findings about files whose bytes have changed (see `tasks.fixity`)."""


class Stage(StrEnum):
    """The stages that a file passes after it was found, in order."""

    METADATA = "metadata"
    TITLE = "title"
    QUALITY = "quality"
    CATALOGUE = "catalogue"
    THUMBNAILS = "thumbnails"


class WatchState(StrEnum):
    """How far a viewer has watched a title."""

    NEW = "new"
    BEGUN = "begun"
    WATCHED = "watched"


class RenditionState(StrEnum):
    """The state of the rendition that a title needs, or has."""

    NOT_PLANNED = "not_planned"
    """None can be made: no file of the title can be read."""
    WAITING = "waiting"
    """A later run makes it."""
    RUNNING = "running"
    FAILED = "failed"
    READY = "ready"


class Moov(StrEnum):
    """The place of the index of an MP4 or MOV: before the media (`first`) or after it."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The video track.

    `width` and `height` are coded pixels, before `rotation` (degrees, counter-clockwise) and before the
    aspect of a pixel (`sample_aspect`, its width over its height). `still`: the track has only one picture.
    """

    codec: str
    profile: str | None
    pixel_format: str | None
    width: int
    height: int
    rotation: int = 0
    sample_aspect: float = 1.0
    frame_rate: float | None = None
    interlaced: bool = False
    still: bool = False


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """One sound track."""

    codec: str
    channels: int
    sample_rate: int
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter mark, in seconds from the start."""

    start_seconds: float
    end_seconds: float
    title: str


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """The facts of a file, in seconds, bits per second and bytes.

    `audio` starts with the track that a player takes. `decodes`: the first picture was decoded. `problem`
    says why the file could not be read: all but `moov` and `truncated` then have their defaults. `mono_pair`:
    the first two sound tracks are left and right of one; it is not stored, as the verdict contains it.
    """

    container: str | None = None
    duration_seconds: float | None = None
    bit_rate: int | None = None
    video: VideoFacts | None = None
    audio: tuple[AudioFacts, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    moov: Moov | None = None
    truncated: bool = False
    encrypted: bool = False
    decodes: bool = False
    problem: str | None = None
    mono_pair: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether browsers play the file, and the reasons, for programs, as `part:value` (`video_codec:hevc`)."""

    playability: Playability
    reasons: tuple[str, ...] = ()


REASONS = (
    "file:unreadable",
    "file:truncated",
    "file:encrypted",
    "video:none",
    "video:still",
    "video:undecodable",
    "audio_tracks:mono_pair",
    "moov:last",
    "scan:interlaced",
    "duration:unknown",
)
"""The reasons of verdicts that name no codec, container or format."""

REASON_PARTS = (
    "file",
    "video",
    "container",
    "video_codec",
    "video_profile",
    "pixel_format",
    "audio_codec",
    "audio_tracks",
    "codecs",
    "codecs_in",
    "moov",
    "scan",
    "duration",
)
"""The parts of a file to which reasons refer, before their colon."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The identity of a file's content: its size in bytes, and a hash of both ends."""

    size: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that is learned when a file is opened once."""

    fingerprint: Fingerprint
    facts: MediaFacts
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Past:
    """The facts with which the quality gate last approved a file, and when. Pixels, bytes, seconds."""

    at: dt.datetime
    size: int
    duration_seconds: float | None = None
    sound_tracks: int = 0
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding of the quality gate on a file. `rule` is for programs, `message` for people."""

    rule: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the thumbnails step wrote, in pixels and bytes; `path` is relative to its folder.

    The `kind` is `poster` (`path` and `size` are those of the JPEG, width and height those of the widest
    WebP; `widths` has all), `preview` (`parts`: frames side by side), `storyboard` (the first of `parts`
    sheets) or `storyboard_index`. `version` identifies the content of all pictures of the file.
    """

    kind: str
    path: str
    width: int
    height: int
    size: int
    version: str | None = None
    widths: tuple[int, ...] | None = None
    thumbhash: bytes | None = None
    parts: int | None = None


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A video that a walk found; `path` is relative to its root, in the file system's bytes."""

    path: bytes
    size: int
    mtime_ns: int
    ctime_ns: int


@dataclass(frozen=True, slots=True)
class ClaimedFile:
    """A file that a process claimed. `path` is absolute, in the file system's bytes, and starts with `root`.

    `likely_best`: of the files of its title, this one is the most likely to play, to judge by their names.
    """

    id: uuid.UUID
    path: bytes
    size: int
    mtime_ns: int
    likely_best: bool
    root: bytes


@dataclass(frozen=True, slots=True)
class Walk:
    """The result of a walk through a root: its videos, and the number of other files.

    `unreadable` are folders (relative paths, in bytes) that could not be listed, with the system's reason.
    Known files below them do not count as missing.
    """

    videos: tuple[ScannedFile, ...]
    ignored: int
    unreadable: tuple[tuple[bytes, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of `owner` to make the file of the row `id`. The owner renews it within each `lease`."""

    id: uuid.UUID
    owner: str
    lease: dt.timedelta


_OLDEST, _NEWEST = -(2**63), 2**63 - 1


def storable(nanoseconds: int) -> int:
    """Return a time stamp that fits into 64 bits, whose nanoseconds end in 2262. File systems go further."""
    return max(_OLDEST, min(_NEWEST, nanoseconds))


def path_as_text(path: bytes) -> str:
    """Return a path as text, for people and for the title rules. Bytes other than UTF-8 become `\\xff`."""
    return path.decode("utf-8", "backslashreplace")


def format_bytes(count: float) -> str:
    """Return a number of bytes as text, by powers of a thousand: `4.7 MB`."""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if count < 1_000:
            return f"{count:,.0f} {unit}" if unit == "bytes" else f"{count:,.1f} {unit}"
        count /= 1_000
    return f"{count:,.1f} PB"


def format_duration(seconds: float) -> str:
    """Return a duration as text: `45 s`, `3.5 min`, `12.0 h`."""
    if seconds < 60:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.1f} min" if seconds < 3_600 else f"{seconds / 3_600:,.1f} h"


def format_count(number: int, noun: str, several: str = "") -> str:
    """Return a number with its noun: `1 file`, `1,058 files`. `several` is an irregular plural."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


TITLE_FIELDS = (
    "brand",
    "region",
    "year",
    "event_type",
    "event_number",
    "event_name",
    "buy_in",
    "currency",
    "game",
    "stage",
    "day",
    "part",
    "season",
    "episode",
    "players",
    "hands",
    "hand_number",
    "content_type",
)
"""The fields read from a path that are also columns of `contents`."""

FIELD_VALUES = {
    "region": ("las_vegas", "europe", "paradise", "apac", "circuit", "super_circuit"),
    "event_type": ("main_event", "bracelet", "other"),
    "stage": ("final_table", "final_day", "heads_up", "final_four"),
    "content_type": ("stream", "episode", "hand_clip", "clip", "best_of"),
}
"""The values that these fields of a title may have. Those of `brand` are in `tasks.titles.BRANDS`."""

HIDDEN = "hidden"
"""A mark that a person sets on a title (see `content_overrides`): the title is not shown."""

MERGED_INTO = "merged_into"
"""A mark that a person sets on a title: the id of the title to which its files have moved."""

MARKS = (HIDDEN, MERGED_INTO)
"""Edits of a title that are not fields."""
