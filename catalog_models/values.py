"""The words of the catalogue: plain values that the steps return and the tables store.

Pure by law (see CONTRIBUTING): nothing here knows a database, a server or a video library.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from enum import StrEnum


class Playability(StrEnum):
    """What a browser can do with a file as it stands on the disk."""

    DIRECT = "direct"  # plays as it is, by byte ranges
    REMUX = "remux"  # the streams play, the container does not
    TRANSCODE = "transcode"  # the picture or the sound has to be encoded anew
    BROKEN = "broken"  # nothing to be seen


class Severity(StrEnum):
    """What a finding does to its file."""

    QUARANTINE = "quarantine"  # kept out of the catalogue until the file changes
    NOTE = "note"  # worth knowing, nothing more


DAMAGE = ("bit_rot", "silent_change")
"""The rules of findings that say that a file's bytes are not what they were (see `tasks.fixity`)."""


class Stage(StrEnum):
    """The stages that a file passes after it was found, in their order."""

    METADATA = "metadata"
    TITLE = "title"
    QUALITY = "quality"
    CATALOGUE = "catalogue"
    THUMBNAILS = "thumbnails"


class Moov(StrEnum):
    """Where an MP4 or MOV keeps its index: before the media (`first`) or behind it."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """The picture. `width` and `height` are coded pixels, before `rotation` (degrees, counter-clockwise)
    and before the pixels' own aspect (`sample_aspect`, width over height of one pixel)."""

    codec: str
    profile: str | None
    pixel_format: str | None
    width: int
    height: int
    rotation: int = 0
    sample_aspect: float = 1.0
    frame_rate: float | None = None
    interlaced: bool = False
    still: bool = False  # the track holds one picture and no more


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
    """What a look into a file showed. Seconds, bits per second, bytes.

    `audio` starts with the track that a player takes. `problem` says why the file could not be read at all: all
    but `moov` and `truncated` then have their defaults.
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
    decodes: bool = False  # the first picture was decoded
    problem: str | None = None
    mono_pair: bool = (
        False  # the first two sound tracks are left and right of one; not stored: the verdict says so
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether browsers play the file, and every reason as a machine-readable `part:value` (`video_codec:hevc`)."""

    playability: Playability
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells two files apart without reading them whole: the size in bytes and a hash of both ends."""

    size: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that one opening of a file yields."""

    fingerprint: Fingerprint
    facts: MediaFacts
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Past:
    """What a file was when the quality gate approved it last, and when that was. Pixels, bytes, seconds."""

    at: dt.datetime
    size: int
    duration_seconds: float | None = None
    sound_tracks: int = 0
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What the quality gate says of one file. `rule` is stable; `message` is for people."""

    rule: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that the thumbnails step wrote. `path` is relative to the thumbnails' folder; pixels; bytes."""

    kind: str  # poster | storyboard | storyboard_index
    path: str
    width: int
    height: int
    size: int


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A video as the walk met it; `path` is relative to its root, in the bytes that the file system uses."""

    path: bytes
    size: int
    mtime_ns: int
    ctime_ns: int


@dataclass(frozen=True, slots=True)
class ClaimedFile:
    """A file that a process took to work on; `path` is absolute, in the file system's bytes, and begins with its `root`.

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
    """One walk through a root: its videos, and what else lay there.

    `unreadable` are folders (relative, as bytes) that could not be listed, with the system's reason: what is
    known below them is neither seen nor missing.
    """

    videos: tuple[ScannedFile, ...]
    ignored: int
    unreadable: tuple[tuple[bytes, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Claim:
    """The id of a row that `owner` wants to make what it names for, who gives a sign of life before each `lease` is over."""

    id: uuid.UUID
    owner: str
    lease: dt.timedelta


_OLDEST, _NEWEST = -(2**63), 2**63 - 1


def storable(nanoseconds: int) -> int:
    """A file's time as the database can hold it: file systems know years beyond 2262, 64 bits of nanoseconds do not."""
    return max(_OLDEST, min(_NEWEST, nanoseconds))


def text_of(path: bytes) -> str:
    """A path as text to show and to read titles from: bytes that are no UTF-8 appear as `\\xff`."""
    return path.decode("utf-8", "backslashreplace")


def sized(count: float) -> str:
    """`4.7 MB`: bytes, by powers of a thousand."""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if count < 1_000:
            return f"{count:,.0f} {unit}" if unit == "bytes" else f"{count:,.1f} {unit}"
        count /= 1_000
    return f"{count:,.1f} PB"


def lasting(seconds: float) -> str:
    """`45 s`, `3.5 min`, `12.0 h`."""
    if seconds < 60:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.1f} min" if seconds < 3_600 else f"{seconds / 3_600:,.1f} h"


def counted(number: int, noun: str, several: str = "") -> str:
    """`1 file`, `1,058 files`: a number of English nouns; `several` is the plural of one that is not regular."""
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
"""The fields of a title as it is read from a path that are columns of `contents`, too."""

FIELD_VALUES = {
    "brand": ("WSOP", "GGMILLIONS", "GOG", "HCL", "MPP", "PAD", "OTHER"),
    "region": ("las_vegas", "europe", "paradise", "apac", "circuit", "super_circuit"),
    "event_type": ("main_event", "bracelet", "other"),
    "stage": ("final_table", "final_day", "heads_up", "final_four"),
    "content_type": ("stream", "episode", "hand_clip", "clip", "best_of"),
}
"""The words that these fields of a title may have."""

HIDDEN = "hidden"
"""A mark of a person on a title (see `content_overrides`): true, it is not to be shown."""

MERGED_INTO = "merged_into"
"""A mark of a person on a title: the id of the title that has its files now."""

MARKS = (HIDDEN, MERGED_INTO)
"""What people say of a title that is no field of it."""
