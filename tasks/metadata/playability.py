"""Decide from a file's facts whether browsers can play it. A pure function; the rules are data.

The rules are what Chromium, Firefox and Safari all play, according to MDN's guides "Media container formats",
"Web video codec guide" and "Web audio codec guide"
(developer.mozilla.org/en-US/docs/Web/Media/Guides/Formats).
"""

from __future__ import annotations

from collections.abc import Iterator

from catalog_models.values import MediaFacts, Moov, Playability, Verdict, VideoFacts

CARRIES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "mp4": (frozenset({"h264", "av1", "vp9"}), frozenset({"aac", "mp3", "opus", "flac"})),
    "webm": (frozenset({"vp8", "vp9", "av1"}), frozenset({"vorbis", "opus"})),
}
"""The containers that browsers play, and the video and audio codecs that each may contain."""

VIDEO_CODECS = frozenset().union(*(video for video, _ in CARRIES.values()))
AUDIO_CODECS = frozenset().union(*(audio for _, audio in CARRIES.values()))

PIXEL_FORMATS = frozenset({"yuv420p", "yuvj420p"})
"""8 bits, 4:2:0; the `j` formats are full range. Hardware decoders accept only these for H.264."""

PROFILES = {
    "h264": frozenset(
        {"Constrained Baseline", "Baseline", "Main", "High", "Constrained High", "Progressive High"}
    ),
    "vp9": frozenset({"Profile 0"}),
    "av1": frozenset({"Main"}),
}
"""The profiles that play, for codecs that have others.

A file without a profile is judged by its pixel format.
"""


MONO_PAIR = "audio_tracks:mono_pair"
"""The reason for a file with its left and right channel in two tracks: browsers play only one of them."""


def judge(facts: MediaFacts) -> Verdict:
    """Return the verdict with all reasons. The reasons of a direct file are only notes."""
    if broken := tuple(_broken(facts)):
        return Verdict(Playability.BROKEN, broken)
    container = () if facts.container in CARRIES else (f"container:{facts.container}",)
    if stream := tuple(_stream_reasons(facts)):
        return Verdict(Playability.TRANSCODE, stream + container)
    if not _plays_in(facts.container, facts):
        return Verdict(Playability.REMUX, container or (f"codecs_in:{facts.container}",))
    return Verdict(Playability.DIRECT, tuple(_notes(facts)))


def _broken(facts: MediaFacts) -> Iterator[str]:
    if facts.problem is not None:
        yield "file:unreadable"
    if facts.truncated:
        yield "file:truncated"
    if facts.encrypted:
        yield "file:encrypted"
    if facts.problem is not None:
        return
    if facts.video is None:
        yield "video:none"
    elif facts.video.still:
        yield "video:still"
    elif not facts.decodes and not facts.encrypted:
        yield "video:undecodable"


def _stream_reasons(facts: MediaFacts) -> Iterator[str]:
    """Yield the reasons why the streams cannot be played in any container."""
    if facts.video is not None:
        yield from _picture_reasons(facts.video)
    if facts.audio and facts.audio[0].codec not in AUDIO_CODECS:
        yield f"audio_codec:{facts.audio[0].codec}"
    elif (
        facts.video
        and facts.video.codec in VIDEO_CODECS
        and not any(_plays_in(one, facts) for one in CARRIES)
    ):
        yield f"codecs:{facts.video.codec}+{facts.audio[0].codec}"
    if facts.mono_pair:
        yield MONO_PAIR


def _picture_reasons(video: VideoFacts) -> Iterator[str]:
    if video.codec not in VIDEO_CODECS:
        yield f"video_codec:{video.codec}"
    elif video.profile and video.profile not in PROFILES.get(video.codec, {video.profile}):
        yield f"video_profile:{video.profile.lower().replace(' ', '_')}"
    if video.pixel_format not in PIXEL_FORMATS:
        yield f"pixel_format:{video.pixel_format}"


def _plays_in(container: str | None, facts: MediaFacts) -> bool:
    video_codecs, audio_codecs = CARRIES.get(container or "", (frozenset(), frozenset()))
    sound = not facts.audio or facts.audio[0].codec in audio_codecs
    return facts.video is not None and facts.video.codec in video_codecs and sound


def _notes(facts: MediaFacts) -> Iterator[str]:
    if facts.moov is Moov.LAST:
        yield "moov:last"
    if facts.video is not None and facts.video.interlaced:
        yield "scan:interlaced"
    if facts.duration_seconds is None:
        yield "duration:unknown"
