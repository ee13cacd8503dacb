"""Facts and approved facts of files, from their rows."""

from __future__ import annotations

import datetime as dt

from catalog_models.tables import MediaFile
from catalog_models.values import AudioFacts, Chapter, MediaFacts, Moov, Past, VideoFacts

FACTS = (
    MediaFile.container,
    MediaFile.duration_seconds,
    MediaFile.bit_rate,
    MediaFile.video_codec,
    MediaFile.video_profile,
    MediaFile.pixel_format,
    MediaFile.width,
    MediaFile.height,
    MediaFile.rotation,
    MediaFile.sample_aspect,
    MediaFile.frame_rate,
    MediaFile.interlaced,
    MediaFile.still,
    MediaFile.audio,
    MediaFile.chapters,
    MediaFile.moov,
    MediaFile.truncated,
    MediaFile.encrypted,
    MediaFile.decodes,
    MediaFile.problem,
)
"""The columns that `facts_of` reads."""


def facts_of(row: MediaFile) -> MediaFacts:
    """Return the stored facts of a file."""
    return MediaFacts(
        container=row.container,
        duration_seconds=row.duration_seconds,
        bit_rate=row.bit_rate,
        video=_video_of(row),
        audio=tuple(AudioFacts(**track) for track in row.audio or ()),
        chapters=tuple(Chapter(**chapter) for chapter in row.chapters or ()),
        moov=Moov(row.moov) if row.moov else None,
        truncated=bool(row.truncated),
        encrypted=bool(row.encrypted),
        decodes=bool(row.decodes),
        problem=row.problem,
    )


PAST = (MediaFile.approved, MediaFile.fingerprint, MediaFile.size)
"""The columns that `past_of` reads."""


def past_of(row: MediaFile) -> Past | None:
    """Return the approved facts with which to compare a file.

    None if there are none, or if they belong to the same content: a file is no worse if a newer reader finds
    other facts in it.
    """
    approved = row.approved
    if approved is None:
        return None
    digest = row.fingerprint.hex() if row.fingerprint else None
    if (approved["fingerprint"], approved["size"]) == (digest, row.size):
        return None
    # JSON has NaN as a text.
    seconds = approved["duration_seconds"]
    return Past(
        at=dt.datetime.fromisoformat(approved["at"]),
        size=approved["size"],
        duration_seconds=None if seconds is None else float(seconds),
        sound_tracks=approved["sound_tracks"],
        width=approved["width"],
        height=approved["height"],
    )


def _video_of(row: MediaFile) -> VideoFacts | None:
    if row.video_codec is None:
        return None
    return VideoFacts(
        codec=row.video_codec,
        profile=row.video_profile,
        pixel_format=row.pixel_format,
        width=row.width or 0,
        height=row.height or 0,
        rotation=row.rotation or 0,
        sample_aspect=row.sample_aspect or 1.0,
        frame_rate=row.frame_rate,
        interlaced=bool(row.interlaced),
        still=bool(row.still),
    )
