"""Reading a video by libav through PyAV: what may be opened, which track counts, how one picture is decoded.

The archive's bytes are not trusted: only real video containers are taken, and no protocol but the plain file, so
that a playlist named `.mp4` can neither reach the network nor another file (ffmpeg's `protocol_whitelist` and
`format_whitelist`). What still goes wrong in there costs a worker of the pool (`tasks.media.pool`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeAlias

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tasks.media.demux import demux
from tasks.media.length import track_seconds
from tasks.media.source_protocol import Source

CONTAINERS = "mov,matroska,webm,mxf,gxf,avi,mpegts,mpeg,mpegvideo,asf,flv,ogg,dv,rm,wtv"
"""The demuxers of real video containers; hls, concat, image and raw stream demuxers are not among them.

`tasks.titles.archive_names` has the file name endings of each.
"""

MOST_PIXELS = 8192 * 8192
"""The largest picture that is decoded: 8K UHD with room to spare; a hostile header claims 65,535 × 65,535."""

_MOST_PACKETS = 300
_MOST_TO_A_KEY = 1500
_MISCOUNTED = 2  # pictures that an AVI may count where it has one
_STILLS = frozenset({"mjpeg", "png", "bmp", "gif", "tiff", "webp", "jpeg2000", "jpegls"})
_OPTIONS = {"max_pixels": str(MOST_PIXELS), "threads": "1"}


VideoPacket: TypeAlias = "Packet[VideoStream]"

Place = tuple[int | None, int | None]
"""The time of a packet, in the time base of its track, and its offset: joined recordings repeat times."""


class UnreadableError(Exception):
    """The file is no video that can be read; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class KeyPicture:
    """A decoded picture, and the key packet that it came from: see `place_of`."""

    place: Place
    picture: VideoFrame


@contextmanager
def open_container(source: Source) -> Iterator[InputContainer]:
    """Open the container and learn its tracks. Raises `UnreadableError`."""
    try:
        container = av.open(
            source.medium,
            "r",
            options=_OPTIONS,
            container_options={"protocol_whitelist": "file", "format_whitelist": CONTAINERS},
            metadata_errors="replace",
        )
    except (MemoryError, av.error.MemoryError) as error:
        raise UnreadableError("reading it needs more memory than is allowed for one file") from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise UnreadableError("it is not a video, or it is damaged from its beginning on") from error
    with container:
        yield container


def main_video(container: InputContainer) -> VideoStream | None:
    """Return the track that a player shows: the first default one, or the first; cover pictures do not count.

    A track of one picture is shown only where there is no other.
    """
    tracks = [
        track
        for track in container.streams.video
        if not track.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails)
    ]
    tracks = [track for track in tracks if not _is_one_picture(track, tracks)] or tracks
    default = (track for track in tracks if track.disposition & Disposition.default)
    return next(default, tracks[0] if tracks else None)


def _is_one_picture(track: VideoStream, others: list[VideoStream]) -> bool:
    """Return whether a track has one picture.

    Without a count, its length decides. If that is unknown, or AVI counted one too many: whether it is the only
    track in a format of still pictures.
    """
    lasts = track_seconds(track)
    if not track.frames and lasts is not None and track.average_rate:
        return lasts * track.average_rate < _MISCOUNTED
    if track.frames == 1:
        return True
    return track.frames <= _MISCOUNTED and _picture_format(track) and not all(map(_picture_format, others))


def _picture_format(track: VideoStream) -> bool:
    return track.codec_context is not None and track.codec_context.codec.canonical_name in _STILLS


def read_only(container: InputContainer, video: VideoStream) -> None:
    """Let the demuxer skip every other track's bytes, and the decoder work in this thread alone.

    Raises `UnreadableError` when there is no decoder.
    """
    if video.codec_context is None:  # PyAV's types know of no codec without a decoder
        raise UnreadableError("its picture is in a format that cannot be decoded")
    for track in container.streams:
        if track is not video:
            track.discard = Discard.all
    video.codec_context.options = _OPTIONS
    video.codec_context.thread_count = 1


def packets(container: InputContainer, video: VideoStream) -> Iterator[Packet[VideoStream]]:
    """Yield the track's packets from here on, as far as they can be read."""
    with suppress(av.error.FFmpegError):
        yield from (packet for packet in demux(container, video) if packet.size)


def place_of(packet: Packet[VideoStream]) -> Place:
    """Return what identifies a packet among those of its track."""
    return packet.pts, packet.pos


def next_key(coming: Iterator[Packet[VideoStream]]) -> Packet[VideoStream] | None:
    """Return the next packet that a decoder can start at, within half a minute of video."""
    return next((packet for packet in islice(coming, _MOST_TO_A_KEY) if packet.is_keyframe), None)


def decode_from(
    video: VideoStream, key: Packet[VideoStream], coming: Iterator[Packet[VideoStream]]
) -> VideoFrame | None:
    """The first picture from `key` on, None when nothing there decodes.

    The key packet is decoded by itself and the decoder drained at once: waiting for what it reorders would decode
    several pictures to get one. Only where it gives none (intra refresh, damage) are more packets decoded.
    """
    pictures = chain(decode(video, key), decode(video, None))
    picture = next(pictures, None)
    video.codec_context.flush_buffers()
    if picture is None:
        onward = chain((key,), islice(coming, _MOST_PACKETS))
        picture = next((picture for packet in onward for picture in decode(video, packet)), None)
        video.codec_context.flush_buffers()
    return picture


def decode(video: VideoStream, packet: Packet[VideoStream] | None) -> Iterator[VideoFrame]:
    """The whole pictures that a packet yields, in the decoder's order; None drains the decoder."""
    if packet is None or not is_encrypted(packet):  # a decoder would make noise of it
        with suppress(av.error.FFmpegError, MemoryError):
            yield from (frame for frame in video.decode(packet) if not frame.is_corrupt)


def is_encrypted(packet: Packet[VideoStream]) -> bool:
    """Whether Common Encryption (ISO/IEC 23001-7) hides the packet's content."""
    return packet.has_sidedata("encryption_info")


def sample_aspect(video: VideoStream) -> float:
    """Width over height of one pixel; 1 where the file says nothing or what cannot be."""
    ratio = video.sample_aspect_ratio
    return float(ratio) if ratio and 0.1 <= ratio <= 10 else 1.0
