"""Open a video with libav through PyAV, choose its main track, and decode single pictures.

The archive's bytes are not trusted. Only real video containers are accepted, and only the plain file
protocol. So a playlist named `.mp4` can reach neither the network nor another file (ffmpeg's
`protocol_whitelist` and `format_whitelist`). Any remaining crash ends one worker of the pool
(`tasks.media.pool`).
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
"""The most pixels to decode: 8K UHD with a margin; a hostile header claims 65,535 × 65,535."""

_MOST_PACKETS = 300
_MOST_TO_A_KEY = 1500
# Pictures that AVI may count for a single one.
_MISCOUNTED = 2
_STILLS = frozenset({"mjpeg", "png", "bmp", "gif", "tiff", "webp", "jpeg2000", "jpegls"})
_OPTIONS = {"max_pixels": str(MOST_PIXELS), "threads": "1"}


VideoPacket: TypeAlias = "Packet[VideoStream]"

Place = tuple[int | None, int | None]
"""The time of a packet in its track's time base, and its offset, because joined recordings repeat times."""


class UnreadableError(Exception):
    """The file cannot be read as a video; the message gives the reason for users."""


@dataclass(frozen=True, slots=True)
class KeyPicture:
    """A decoded picture, and the key packet that it came from: see `place_of`."""

    place: Place
    picture: VideoFrame


@contextmanager
def open_container(source: Source) -> Iterator[InputContainer]:
    """Open the container and read its tracks. Raise `UnreadableError`."""
    try:
        container = av.open(
            source.medium,
            "r",
            options=_OPTIONS,
            container_options={"protocol_whitelist": "file", "format_whitelist": CONTAINERS},
            metadata_errors="replace",
        )
    except (MemoryError, av.error.MemoryError) as error:
        raise UnreadableError("reading it needs more memory than allowed for one file") from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise UnreadableError("it is not a video, or its beginning is damaged") from error
    with container:
        yield container


def main_video(container: InputContainer) -> VideoStream | None:
    """Return the track that a player shows: the first default track, or the first. Covers do not count.

    A track with one picture is returned only if there is no other.
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

    Without a count, the duration decides. If that is unknown, or AVI may have counted one too many: return
    whether it is the only track, in a format of still pictures.
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
    """Let the demuxer skip the other tracks, and the decoder use only this thread.

    Raise `UnreadableError` if no decoder exists.
    """
    # The stubs of PyAV do not know a codec without a decoder.
    if video.codec_context is None:
        raise UnreadableError("its video format cannot be decoded")
    for track in container.streams:
        if track is not video:
            track.discard = Discard.all
    video.codec_context.options = _OPTIONS
    video.codec_context.thread_count = 1


def packets(container: InputContainer, video: VideoStream) -> Iterator[Packet[VideoStream]]:
    """Yield the track's packets from here on, while they can be read."""
    with suppress(av.error.FFmpegError):
        yield from (packet for packet in demux(container, video) if packet.size)


def place_of(packet: Packet[VideoStream]) -> Place:
    """Return what identifies a packet among the packets of its track."""
    return packet.pts, packet.pos


def next_key(coming: Iterator[Packet[VideoStream]]) -> Packet[VideoStream] | None:
    """Return the next packet that a decoder can start at, within 30 seconds of video."""
    return next((packet for packet in islice(coming, _MOST_TO_A_KEY) if packet.is_keyframe), None)


def decode_from(
    video: VideoStream, key: Packet[VideoStream], coming: Iterator[Packet[VideoStream]]
) -> VideoFrame | None:
    """Return the first picture from `key` on; None if nothing decodes.

    The key packet is decoded alone, and the decoder is drained at once. Waiting for reordered pictures would
    decode several to get one. If that yields none (intra refresh, damage), more packets are decoded.
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
    """Yield the whole pictures of a packet, in the decoder's order; None drains the decoder."""
    # Decoding an encrypted packet would yield noise.
    if packet is None or not is_encrypted(packet):
        with suppress(av.error.FFmpegError, MemoryError):
            yield from (frame for frame in video.decode(packet) if not frame.is_corrupt)


def is_encrypted(packet: Packet[VideoStream]) -> bool:
    """Return whether the packet's content is encrypted (Common Encryption, ISO/IEC 23001-7)."""
    return packet.has_sidedata("encryption_info")


def sample_aspect(video: VideoStream) -> float:
    """Return width over height of one pixel; 1 if the file has no value, or an impossible one."""
    ratio = video.sample_aspect_ratio
    return float(ratio) if ratio and 0.1 <= ratio <= 10 else 1.0
