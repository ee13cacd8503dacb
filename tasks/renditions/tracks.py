"""Which tracks of a file a rendition takes: those that a player would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from tasks.media.film import JoinedFilm, film_of
from tasks.media.fingerprint import fingerprint
from tasks.media.length import track_seconds
from tasks.media.reading import main_video, open_container, read_only
from tasks.media.sound import Mix, channels, sound_tracks
from tasks.media.source import open_source
from tasks.media.stamps import UNINDEXED, read_pieces


@dataclass(frozen=True, slots=True)
class Tracks:
    """The numbers of the tracks in the file.

    Two numbers of `audio` are the left and the right of a pair of mono tracks, as masters of broadcasters
    have them. `seconds` is the duration of the first ones, if known: subtitles, or tracks left out, may last
    longer. `mix` is the mix of a single track to stereo; None if FFmpeg needs none.
    """

    video: int
    audio: tuple[int, ...]
    seconds: float | None = None
    mix: Mix | None = None


def choose_tracks(path: bytes, size: int, mtime_ns: int) -> Tracks:
    """Return the tracks of a rendition of a file. Raises `UnreadableError`, and what `open_source` raises."""
    with open_source(path, size, mtime_ns) as source:
        fingerprint(source)  # a disk that fails says so here; to a library it is a damaged film
        with open_container(source) as container:
            video = main_video(container)
            sounds = sound_tracks(container)[:2]
            found = [channels(track) for track in sounds]
            if [each.count for each in found] != [1, 1]:
                sounds, found = sounds[:1], found[:1]
            mix = found[0].mix if len(found) == 1 else None
            lasts = _seconds(container, video, sounds)
            return Tracks(video.index if video else 0, tuple(track.index for track in sounds), lasts, mix)


def _seconds(
    container: InputContainer, video: VideoStream | None, sounds: Sequence[AudioStream]
) -> float | None:
    if video is not None and container.format.name in UNINDEXED:
        read_only(container, video)
        film = film_of(container, video)
        if isinstance(film, JoinedFilm):
            return film.seconds
    first = [track for track in (video, *sounds[:1]) if track is not None]
    return max(filter(None, map(track_seconds, first)), default=None)


def count_seconds(path: bytes, size: int, mtime_ns: int) -> float | None:
    """Return the duration of a file whose time stamps may jump, by all its packets; None for other files.

    Raises what `choose_tracks` raises.
    """
    with open_source(path, size, mtime_ns) as source, open_container(source) as container:
        video = main_video(container)
        if video is None or container.format.name not in UNINDEXED:
            return None
        read_only(container, video)
        return sum(piece.seconds for piece in read_pieces(container, video))
