"""Find the audio tracks of an open container that have samples, and mix their channels to stereo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard, Disposition

from tasks.media.demux import demux
from tasks.media.length import track_seconds

# A track with at least this many index entries has samples; an FLV header counts as an entry.
_SURE_ENTRIES = 2
# Shares of the duration at which a track is searched for packets.
_LOOKS = (0.0, 0.5, 0.75)
# Limits of each such read.
_MOST_PACKETS, _MOST_BYTES = 300, 64 << 20
# -3 dB, as ITU-R BS.775 mixes the centre and the surrounds.
_HALF = 0.7071
_LEFT = {"FL": 1.0, "FLC": 1.0, "WL": 1.0, "FC": _HALF, "BL": _HALF, "SL": _HALF, "BC": 0.5}
_RIGHT = {"FR": 1.0, "FRC": 1.0, "WR": 1.0, "FC": _HALF, "BR": _HALF, "SR": _HALF, "BC": 0.5}
_APART = (
    Disposition.dub
    | Disposition.original
    | Disposition.comment
    | Disposition.hearing_impaired
    | Disposition.visual_impaired
    | Disposition.clean_effects
    | Disposition.dependent
)
# Seconds by which the left and the right track may differ.
_SAME_LENGTH = 1.0
_READY_MIX = ({"DL": 1.0}, {"DR": 1.0})
_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "6.0", 7: "7.0", 8: "7.1"}
# The most channels without names that FFmpeg mixes; it assumes that more are loudspeakers in a circle.
_MOST_GUESSED = 8


@dataclass(frozen=True, slots=True)
class Mix:
    """The mix of channels to stereo by filters of FFmpeg.

    `channelmap` selects the channels with these indexes, as channels of a `layout` that FFmpeg can mix. Then
    `pan` mixes them; its `<` scales the sum so that it does not clip.
    """

    taken: str
    layout: str
    pan: str


@dataclass(frozen=True, slots=True)
class Channels:
    """The number of channels of a track. `mix` is None if FFmpeg mixes them to stereo by itself."""

    count: int
    mix: Mix | None = None


def channels(track: AudioStream) -> Channels:
    """Return the channels of a track. Call it once: afterwards PyAV sees a mono track.

    No other function may read the layout. The one that PyAV 17.1 to 18.1 returns shares its memory with the
    codec, and both free it. After the codec gets another layout, only the first object owns the memory.
    """
    codec: AudioCodecContext | None = track.codec_context
    if codec is None:
        return Channels(0)
    layout = codec.layout
    codec.layout = "mono"
    names = tuple(channel.name for channel in layout.channels)
    return Channels(layout.nb_channels, None if _is_standard(layout.name, names) else stereo_mix(names))


def _is_standard(name: str, names: tuple[str, ...]) -> bool:
    """Return whether FFmpeg can mix the layout; it names others "6 channels (FL+FC+…)"."""
    if set(names) <= {"NONE"}:
        return len(names) <= _MOST_GUESSED
    return " channels" not in name


def stereo_mix(names: tuple[str, ...]) -> Mix:
    """Return the mix of these channels to stereo.

    Channels without a position are dropped. If no channel has one, the first two are left and right.
    """
    sides = [_weights(names, weights) for weights in (_LEFT, _RIGHT)]
    if not any(sides):
        sides = [_weights(names, weights) for weights in _READY_MIX]
    if not any(sides):
        sides = [{0: 1.0}, {min(1, len(names) - 1): 1.0}]
    taken = sorted({index for side in sides for index in side})[: max(_LAYOUTS)]
    left, right = (_sum(side, taken) for side in sides)
    pan = f"stereo|c0<{left or right}|c1<{right or left}"
    return Mix("|".join(map(str, taken)), _LAYOUTS[len(taken)], pan)


def _weights(names: tuple[str, ...], weights: dict[str, float]) -> dict[int, float]:
    return {index: weights[name] for index, name in enumerate(names) if name in weights}


def _sum(side: dict[int, float], taken: list[int]) -> str:
    return "+".join(f"{side[index]:g}*c{place}" for place, index in enumerate(taken) if index in side)


def is_mono_pair(tracks: Sequence[AudioStream], found: Sequence[Channels]) -> bool:
    """Return whether the first two tracks are the left and right channel of one recording, as in masters.

    `found` has the channels of each. Commentary, another language, or a different length means that they are
    not.
    """
    if [each.count for each in found[:2]] != [1, 1]:
        return False
    lasting = [length for length in map(track_seconds, tracks[:2]) if length is not None]
    if lasting and max(lasting) - min(lasting) > _SAME_LENGTH:
        return False
    kinds = {
        (track.codec_context.name, track.codec_context.sample_rate, track.language) for track in tracks[:2]
    }
    return len(kinds) == 1 and not any(track.disposition & _APART for track in tracks[:2])


def sound_tracks(container: InputContainer) -> list[AudioStream]:
    """Return the audio tracks that have samples, default ones first. Call it last: it reads the container."""
    tracks = sorted(container.streams.audio, key=lambda track: not track.disposition & Disposition.default)
    empty = _without_packets(container)
    return [track for track in tracks if track.index not in empty]


def _without_packets(container: InputContainer) -> set[int]:
    """Return the indexes of audio tracks without packets. The container's index rules out most others."""
    sought = {track.index for track in container.streams.audio if len(track.index_entries) < _SURE_ENTRIES}
    if sought:
        for track in (*container.streams.audio, *container.streams.video):
            track.discard = Discard.default
    for share in _LOOKS:
        if sought:
            sought -= _found(container, share, sought)
    return sought


def _found(container: InputContainer, share: float, sought: set[int]) -> set[int]:
    found: set[int] = set()
    read = 0
    try:
        container.seek(round((container.start_time or 0) + (container.duration or 0) * share))
        for packet in islice(demux(container, *container.streams), _MOST_PACKETS):
            read += packet.size
            found |= {packet.stream.index} & sought if packet.size else set()
            if found == sought or read > _MOST_BYTES:
                break
    # A player cannot read further either.
    except FFmpegError:
        pass
    return found
