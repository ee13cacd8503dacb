"""The duration of a video from its header, corrected if it includes more than video and audio."""

from __future__ import annotations

import re
from itertools import islice

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard, Stream
from av.video.stream import VideoStream

from tasks.media.demux import demux

SHORTEST_SECONDS, LONGEST_SECONDS = 0.001, 1000 * 3600.0
"""A duration outside this range comes from a damaged header."""

# Seconds between the ends of the tracks of a film.
_SLACK = 1.0
_HEARD_OR_SEEN = frozenset({"video", "audio"})
# Libav's names of containers that count from zero, not from their first packet.
_FROM_ZERO = frozenset({"matroska,webm"})
# Packets that are read at the end of a file.
_MOST_PACKETS = 10_000


def seconds(container: InputContainer, video: VideoStream | None) -> float | None:
    """Return the duration; None if the header has none, or an impossible one.

    A late subtitle or a data track does not make a film longer.
    """
    if container.duration is not None and container.duration > 0:
        duration = container.duration / av.time_base
        if container.format.name in _FROM_ZERO:
            duration -= max(0.0, (container.start_time or 0) / av.time_base)
    elif video is not None and video.duration and video.time_base:
        duration = float(video.duration * video.time_base)
    else:
        return None
    if video is not None and any(track.type not in _HEARD_OR_SEEN for track in container.streams):
        duration = _of_the_film(container, video, duration)
    return duration if SHORTEST_SECONDS <= duration <= LONGEST_SECONDS else None


def track_seconds(track: Stream) -> float | None:
    """Return the duration of a track. Matroska has it in a tag (`DURATION`, "00:20:00.000000000")."""
    said = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", track.metadata.get("DURATION", ""))
    if said:
        return int(said[1]) * 3_600 + int(said[2]) * 60 + float(said[3])
    if track.duration is not None and track.time_base is not None:
        return float(track.duration * track.time_base)
    return None


def _of_the_film(container: InputContainer, video: VideoStream, duration: float) -> float:
    """Return the end of video and audio if it is before the end of the file; otherwise the duration."""
    sounds = container.streams.audio
    ends = [_end(container, track) for track in (video, *sounds)]
    known = [end for end in ends if end is not None]
    last = max(known) if len(known) == len(ends) else _last_end(container, [video, *sounds])
    return last if last is not None and 0 < last < duration - _SLACK else duration


def _end(container: InputContainer, track: Stream) -> float | None:
    lasts = track_seconds(track)
    if lasts is None or track.time_base is None:
        return None
    begin = float((track.start_time or 0) * track.time_base) - (container.start_time or 0) / av.time_base
    return max(0.0, begin) + lasts


def _last_end(container: InputContainer, tracks: list[Stream]) -> float | None:
    """Return the end of the last packet of these tracks; None if none can be read.

    Read from the last keyframe on, and leave the container there.
    """
    before = [(track, track.discard) for track in tracks]
    for track in tracks:
        track.discard = Discard.default
    try:
        container.seek((container.start_time or 0) + (container.duration or 0))
        ends = [
            float((packet.pts + (packet.duration or 0)) * packet.time_base)
            for packet in islice(demux(container, *tracks), _MOST_PACKETS)
            if packet.size and packet.pts is not None and packet.time_base is not None
        ]
    except FFmpegError:
        return None
    finally:
        for track, discard in before:
            track.discard = discard
    return max(ends) - (container.start_time or 0) / av.time_base if ends else None
