"""Choose the tracks of a rendition: those that a player would play."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from tasks.media.colours import Colours, colours_of
from tasks.media.container import main_video, open_container, read_only
from tasks.media.film import Film, JoinedFilm, film_of
from tasks.media.fingerprint import fingerprint
from tasks.media.keyframes import pictures_at
from tasks.media.length import track_seconds
from tasks.media.sound import Mix, channels, is_mono_pair, sound_tracks
from tasks.media.source import open_source
from tasks.media.timestamps import UNINDEXED, read_pieces

# Lines. No interlaced format has more (ITU-R BT.709).
_MOST_INTERLACED = 1088


@dataclass(frozen=True, slots=True)
class Tracks:
    """The indexes of the chosen tracks.

    Two indexes in `audio` are the left and right channel in mono tracks, as in broadcasters' masters.
    `seconds` is the duration of the first tracks, if known: subtitles or unused tracks may last longer. `mix`
    is the mix of a single track to stereo; None if FFmpeg needs none. `colours` are those of the first
    picture; None if it does not decode. `fields`: some pictures may be interlaced. `pixels` is the number of
    pixels of the first picture, if known.
    """

    video: int
    audio: tuple[int, ...]
    seconds: float | None = None
    mix: Mix | None = None
    colours: Colours | None = None
    fields: bool = True
    pixels: int | None = None


def choose_tracks(path: bytes, size: int, mtime_ns: int) -> Tracks:
    """Choose the tracks for a rendition of a file.

    Raise `UnreadableError`, and the errors of `open_source`.
    """
    with open_source(path, size, mtime_ns) as source:
        # Errors of a failing disk are raised here; libraries take them for damage.
        fingerprint(source)
        with open_container(source) as container:
            video = main_video(container)
            sounds = sound_tracks(container)[:2]
            found = [channels(track) for track in sounds]
            if not is_mono_pair(sounds, found):
                sounds, found = sounds[:1], found[:1]
            mix = found[0].mix if len(found) == 1 else None
            film = _film(container, video)
            lasts = _seconds(film, sounds)
            picture = next(pictures_at(film, [0.0]), None) if film else None
            colours = colours_of(picture, film.matrix) if film and picture else None
            numbers = tuple(track.index for track in sounds)
            fields = picture is None or picture.height <= _MOST_INTERLACED
            pixels = picture.width * picture.height if picture else None
            return Tracks(video.index if video else 0, numbers, lasts, mix, colours, fields, pixels)


def _film(container: InputContainer, video: VideoStream | None) -> Film | None:
    if video is None:
        return None
    read_only(container, video)
    return film_of(container, video)


def _seconds(film: Film | None, sounds: Sequence[AudioStream]) -> float | None:
    if isinstance(film, JoinedFilm):
        return film.seconds
    videos = [film.video] if film is not None else []
    lasts = max(filter(None, map(track_seconds, [*videos, *sounds[:1]])), default=None)
    known = film.seconds if film is not None else None
    return min(lasts, known) if lasts is not None and known is not None else lasts


def count_seconds(path: bytes, size: int, mtime_ns: int) -> float | None:
    """Return the duration of a file whose time stamps may jump, from all its packets; None for other files.

    Raise the errors of `choose_tracks`.
    """
    with open_source(path, size, mtime_ns) as source, open_container(source) as container:
        video = main_video(container)
        if video is None or container.format.name not in UNINDEXED:
            return None
        read_only(container, video)
        return sum(piece.seconds for piece in read_pieces(container, video))
