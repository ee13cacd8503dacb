"""Which tracks of a file a rendition takes: those that a player would."""

from __future__ import annotations

import re
from dataclasses import dataclass

from av.container import InputContainer
from av.stream import Disposition, Stream

from tasks.media.fingerprint import fingerprint
from tasks.media.reading import main_video, open_container
from tasks.media.source import open_source


@dataclass(frozen=True, slots=True)
class Tracks:
    """Their numbers in the file. Two numbers of `audio` are the left and the right one of a pair of mono tracks, as masters
    of broadcasters have them. `seconds` is how long the first ones last, as far as the file says so: subtitles, or a track that is
    left out, may last longer."""

    video: int
    audio: tuple[int, ...]
    seconds: float | None = None


def choose_tracks(path: bytes, size: int, mtime_ns: int) -> Tracks:
    """Of the file at a location that a scan saw so. Raises `UnreadableError`, and what `open_source` raises."""
    with open_source(path, size, mtime_ns) as source:
        fingerprint(source)  # a disk that fails says so here; to a library it is a damaged film
        with open_container(source) as container:
            video = main_video(container)
            number, audio = video.index if video else 0, _audio(container)
            lasts = [_seconds(container.streams[each]) for each in (number, *audio[:1])]
            return Tracks(number, audio, max(filter(None, lasts), default=None))


def _seconds(track: Stream) -> float | None:
    """Matroska says it in a tag (`DURATION`, "00:20:00.000000000")."""
    if track.duration is not None and track.time_base is not None:
        return float(track.duration * track.time_base)
    said = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", track.metadata.get("DURATION", ""))
    return int(said[1]) * 3_600 + int(said[2]) * 60 + float(said[3]) if said else None


def _audio(container: InputContainer) -> tuple[int, ...]:
    tracks = sorted(
        container.streams.audio, key=lambda track: not track.disposition & Disposition.default
    )  # stable: the first default one, else the first
    pair = tracks[:2]
    if len(pair) == 2 and all(track.channels == 1 for track in pair):
        return tuple(track.index for track in pair)
    return tuple(track.index for track in pair[:1])
