"""Choose the recipe that makes a file playable, and estimate its cost. Pure.

Streams are copied where possible: video that plays is not encoded again because of its audio, nor any stream
because of its container. Encoded streams become H.264 High 4:2:0 and AAC, which all browsers play.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from catalog_models.values import MediaFacts, Moov, Playability, Verdict
from tasks.metadata.playability import CARRIES, MONO_PAIR

Kind = Literal["remux", "faststart", "transcode", "deinterlace"]

_PICTURE = ("video_codec:", "video_profile:", "pixel_format:")
# Bits per second.
_SOUND_RATE = 192_000
# H.264 at CRF 20: 6 Mb/s at 1080p25. Film grain takes twice as much, slides a tenth.
_BITS_A_PIXEL = 0.12
# Bytes per second, read from a NAS and written twice.
_COPIED = 80e6
# Pixels per second and processor, with x264's `medium`.
_ENCODED = 25e6
# Seconds of video per second, if only audio is encoded.
_DECODED_SOUND = 100.0
# The assumed duration of a file of unknown duration, in seconds.
_UNKNOWN = 3_600.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """The instructions for a rendition.

    Video and audio are encoded or copied. `restamps`: presentation times come from the decoding order,
    because AVI has no others.
    """

    kind: Kind
    container: Literal["mp4", "webm"]
    encodes_video: bool = False
    encodes_audio: bool = False
    restamps: bool = False


@dataclass(frozen=True, slots=True)
class Estimate:
    """The bytes of a rendition, and the seconds that it takes to make."""

    size: int
    seconds: float


def recipe_for(facts: MediaFacts, verdict: Verdict, *, deinterlace: bool = False) -> Recipe | None:
    """Return the recipe; None if the file plays as it is, or no rendition of it is possible.

    `deinterlace`: also encode interlaced video that plays.
    """
    if deinterlace and (deinterlaced := _deinterlaced(facts, verdict)) is not None:
        return deinterlaced
    match verdict.playability:
        case Playability.DIRECT:
            return Recipe("faststart", "mp4") if facts.moov is Moov.LAST else None
        case Playability.REMUX:
            container: Literal["mp4", "webm"] = "mp4" if _carries("mp4", facts) else "webm"
            return Recipe("remux", container, restamps=_is_h264_of_avi(facts))
        case Playability.TRANSCODE:
            return _transcoded(facts, verdict)
        case _:
            return None


def _deinterlaced(facts: MediaFacts, verdict: Verdict) -> Recipe | None:
    """Return the recipe for interlaced video that plays: browsers show both fields at once."""
    if verdict.playability is Playability.BROKEN or facts.video is None or not facts.video.interlaced:
        return None
    recipe = _transcoded(facts, verdict)
    return (
        None
        if recipe.encodes_video
        else replace(recipe, kind="deinterlace", encodes_video=True, restamps=False)
    )


def _transcoded(facts: MediaFacts, verdict: Verdict) -> Recipe:
    videos, sounds = CARRIES["mp4"]
    bad_picture = any(reason.startswith(_PICTURE) for reason in verdict.reasons)
    encodes_video = bad_picture or facts.video is None or facts.video.codec not in videos
    encodes_audio = bool(facts.audio) and (facts.audio[0].codec not in sounds or MONO_PAIR in verdict.reasons)
    restamps = not encodes_video and _is_h264_of_avi(facts)
    return Recipe("transcode", "mp4", encodes_video, encodes_audio, restamps)


def _is_h264_of_avi(facts: MediaFacts) -> bool:
    return facts.container == "avi" and facts.video is not None and facts.video.codec == "h264"


def _carries(container: str, facts: MediaFacts) -> bool:
    videos, sounds = CARRIES[container]
    return (
        facts.video is not None
        and facts.video.codec in videos
        and (not facts.audio or facts.audio[0].codec in sounds)
    )


def estimate(recipe: Recipe, facts: MediaFacts, size: int, processors: int) -> Estimate:
    """Estimate from measurements of such files. Machines and films vary between half and double."""
    if not recipe.encodes_video:
        lasts = facts.duration_seconds or _UNKNOWN
        return Estimate(size, size / _COPIED + (lasts / _DECODED_SOUND if recipe.encodes_audio else 0))
    lasts, video = facts.duration_seconds or _UNKNOWN, facts.video
    pixels = (video.width * video.height * (video.frame_rate or 25.0)) if video else 0.0
    bits = pixels * _BITS_A_PIXEL + (_SOUND_RATE if facts.audio else 0)
    return Estimate(round(lasts * bits / 8), lasts * pixels / _ENCODED / processors + size / _COPIED)
