"""Read the facts of an open file: container, tracks, chapters, and whether its first picture decodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from catalog_models.values import AudioFacts, Chapter, MediaFacts, VideoFacts
from tasks.media.colours import said_matrix
from tasks.media.container import (
    KeyPicture,
    Place,
    UnreadableError,
    VideoPacket,
    decode_from,
    is_encrypted,
    main_video,
    next_key,
    open_container,
    packets,
    place_of,
    read_only,
    sample_aspect,
)
from tasks.media.film import Film, film_of
from tasks.media.keyframes import keys_at
from tasks.media.length import LONGEST_SECONDS, seconds
from tasks.media.orientation import orientation_of
from tasks.media.scan_type import is_progressive
from tasks.media.sound import Channels, channels, is_mono_pair, sound_tracks
from tasks.media.source_protocol import Source
from tasks.media.structure import structure

# The major brands of MP4's relatives (mp4ra.org); 3GP has many.
_BRANDS = {"qt  ": "mov", "mjp2": "mj2"}
# Libav's names for which the field uses others.
_CONTAINERS = {"mov": "mp4", "mpegvideo": "mpeg"}
# Frames per second. A header that claims more is wrong.
_HIGHEST_RATE = 1000
_MOST_CHAPTERS = 1000
# Shares of the duration at which pictures are examined.
_LOOKS = (0.35, 0.7)


Onward = Callable[[Film, KeyPicture], None]
"""A function that continues with an open container: it takes the main track's film and the first picture."""


def read_facts(source: Source, onward: Onward | None = None) -> MediaFacts:
    """Read the facts of an open file. An unreadable file has a `problem`. Raise only OSError.

    `onward` is called with the film of a file whose first picture decodes.
    """
    outline = structure(source)
    facts = MediaFacts(moov=outline.moov, truncated=outline.truncated)
    if source.size == 0:
        return replace(facts, problem="it is empty")
    if outline.reference:
        return replace(
            facts, problem="it is a reference movie: the media files that it refers to are missing"
        )
    try:
        with open_container(source) as container:
            return _container_facts(container, source, facts, onward)
    except UnreadableError as error:
        if outline.truncated:
            return replace(facts, problem="it is cut off: its index is missing")
        return replace(facts, problem=str(error))
    except (FFmpegError, MemoryError):
        return replace(facts, problem="it is damaged, or needs more memory than allowed for one file")


def _container_facts(
    container: InputContainer, source: Source, facts: MediaFacts, onward: Onward | None
) -> MediaFacts:
    video = main_video(container)
    facts = replace(
        facts,
        container=_container_name(container, source),
        chapters=tuple(_chapters(container)),
    )
    if video is None:
        facts = _lasting(facts, source, seconds(container, None))
    else:
        facts = _picture_facts(container, video, source, facts, onward)
    tracks = sound_tracks(container)
    found = [channels(track) for track in tracks]
    sounds = tuple(map(_audio_facts, tracks, found))
    return replace(facts, audio=sounds, mono_pair=is_mono_pair(tracks, found))


def _lasting(facts: MediaFacts, source: Source, lasts: float | None) -> MediaFacts:
    return replace(facts, duration_seconds=lasts, bit_rate=round(source.size * 8 / lasts) if lasts else None)


def _picture_facts(
    container: InputContainer, video: VideoStream, source: Source, facts: MediaFacts, onward: Onward | None
) -> MediaFacts:
    read_only(container, video)
    matrix = said_matrix(video)
    coming = packets(container, video)
    key = next_key(coming)
    encrypted = key is not None and is_encrypted(key)
    picture = None if key is None or encrypted else decode_from(video, key, coming)
    still = picture is not None and next(coming, None) is None
    film = film_of(container, video, matrix)
    described = _video_facts(video, picture)
    if key is not None and picture is not None and not described.interlaced and not still:
        described = replace(described, interlaced=_is_interlaced_later(film, place_of(key)))
    if onward is not None and key is not None and picture is not None:
        onward(film, KeyPicture(place_of(key), picture))
    return replace(
        _lasting(facts, source, film.seconds),
        video=replace(described, still=still),
        encrypted=encrypted,
        decodes=picture is not None,
    )


def _container_name(container: InputContainer, source: Source) -> str:
    name = container.format.name.split(",")[0]
    if name == "matroska":
        # The EBML header's DocType.
        return "webm" if b"webm" in source.read(64, 0) else "matroska"
    if name != "mov":
        return _CONTAINERS.get(name, name)
    # QuickTime files from before 2004 have no brand.
    brand = container.metadata.get("major_brand", "qt  ")
    return "3gp" if brand.startswith("3g") else _BRANDS.get(brand, "mp4")


def _video_facts(video: VideoStream, picture: VideoFrame | None) -> VideoFacts:
    codec = video.codec_context
    return VideoFacts(
        codec=codec.codec.canonical_name,
        profile=video.profile,
        pixel_format=picture.format.name if picture else codec.pix_fmt,
        width=picture.width if picture else codec.width,
        height=picture.height if picture else codec.height,
        rotation=orientation_of(picture).degrees if picture else 0,
        sample_aspect=sample_aspect(video),
        frame_rate=_frame_rate(video),
        interlaced=picture is not None and picture.interlaced_frame,
    )


def _is_interlaced_later(film: Film, first: Place) -> bool:
    """Return whether a later picture is interlaced: an opening slate may be progressive."""
    moments = [film.seconds * share for share in _LOOKS] if film.seconds else []
    return any(_is_interlaced(film, key, coming) for key, coming in keys_at(film, moments, first))


def _is_interlaced(film: Film, key: VideoPacket, coming: Iterator[VideoPacket]) -> bool:
    if is_progressive(film.video, key):
        return False
    picture = decode_from(film.video, key, coming)
    return picture is not None and picture.interlaced_frame


def _frame_rate(video: VideoStream) -> float | None:
    rate = video.average_rate or video.base_rate
    return float(rate) if rate and 0 < rate <= _HIGHEST_RATE else None


def _audio_facts(track: AudioStream, found: Channels) -> AudioFacts:
    codec = track.codec_context
    return AudioFacts(
        codec=codec.codec.canonical_name if codec else "unknown",
        channels=found.count,
        sample_rate=codec.sample_rate if codec else 0,
        # "und" is ISO 639-2 for undetermined.
        language=track.language if track.language != "und" else None,
    )


def _chapters(container: InputContainer) -> Iterator[Chapter]:
    for mark in container.chapters()[:_MOST_CHAPTERS]:
        start, end = (float(mark[side] * (mark["time_base"] or 0)) for side in ("start", "end"))
        if 0 <= start <= end <= LONGEST_SECONDS:
            yield Chapter(start, end, mark["metadata"].get("title", ""))
