"""The verdict is a pure function of the facts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog_models.values import REASON_PARTS, REASONS, AudioFacts, MediaFacts, Playability, VideoFacts
from tasks.metadata.playability import judge

VIDEO = VideoFacts("h264", "High", "yuv420p", 1920, 1080)
AAC = AudioFacts("aac", 2, 48000)
GOOD = MediaFacts(container="mp4", duration_seconds=60.0, video=VIDEO, audio=(AAC,), decodes=True)


@pytest.mark.parametrize(
    ("facts", "playability", "reasons"),
    [
        (replace(GOOD, audio=()), "direct", ()),
        (replace(GOOD, video=replace(VIDEO, pixel_format="yuvj420p")), "direct", ()),
        (replace(GOOD, duration_seconds=None), "direct", ("duration:unknown",)),
        (replace(GOOD, video=replace(VIDEO, codec="av1", profile="Main")), "direct", ()),
        (replace(GOOD, audio=(AAC, AudioFacts("ac3", 6, 48000))), "direct", ()),
        (replace(GOOD, container="flv"), "remux", ("container:flv",)),
        (
            replace(GOOD, container="webm", video=replace(VIDEO, codec="vp9", profile="Profile 0")),
            "remux",
            ("codecs_in:webm",),
        ),
        (replace(GOOD, audio=(AudioFacts("ac3", 6, 48000), AAC)), "transcode", ("audio_codec:ac3",)),
        (replace(GOOD, video=replace(VIDEO, codec="vp8", profile=None)), "transcode", ("codecs:vp8+aac",)),
        (
            replace(GOOD, video=replace(VIDEO, codec="vp9", profile="Profile 2", pixel_format="yuv420p10le")),
            "transcode",
            ("video_profile:profile_2", "pixel_format:yuv420p10le"),
        ),
        (replace(GOOD, decodes=False), "broken", ("video:undecodable",)),
        (replace(GOOD, truncated=True), "broken", ("file:truncated",)),
        (MediaFacts(problem="it is empty"), "broken", ("file:unreadable",)),
    ],
)
def test_verdict(facts: MediaFacts, playability: str, reasons: tuple[str, ...]) -> None:
    verdict = judge(facts)
    assert (verdict.playability, verdict.reasons) == (Playability(playability), reasons)
    closed = {reason.partition(":")[0] for reason in REASONS}
    for part, reason in ((reason.partition(":")[0], reason) for reason in verdict.reasons):
        assert reason in REASONS if part in closed else part in REASON_PARTS
