"""Cases for the quality gate: a good one, and random ones."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from hypothesis import strategies as st

from catalog_models.values import AudioFacts, MediaFacts, Past, VideoFacts
from tasks.quality import Case

PICTURE = VideoFacts("h264", None, "yuv420p", 1920, 1080)
SOUND = AudioFacts("aac", 2, 48_000)
GOOD = MediaFacts(container="mp4", duration_seconds=3723, video=PICTURE, audio=(SOUND,), decodes=True)
APPROVED = Past(dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC), 1000, 3723, 1, 1920, 1080)


def case(facts: MediaFacts = GOOD, size: int = 1000, past: Past | None = None, path: str = "a.mp4") -> Case:
    return Case(uuid.uuid4(), path, facts, size, past)


_PIXELS = st.integers(0, 8192)
_SECONDS = st.one_of(
    st.none(), st.floats(), st.floats(0, 20), st.sampled_from([0.5, 100.0, 98.0, 95.0, 172800.0])
)
_PICTURES = st.builds(
    VideoFacts,
    codec=st.sampled_from(["h264", "prores"]),
    profile=st.none(),
    pixel_format=st.none(),
    width=_PIXELS,
    height=_PIXELS,
    still=st.booleans(),
)
_FACTS: st.SearchStrategy[MediaFacts] = st.builds(
    MediaFacts,
    duration_seconds=_SECONDS,
    video=st.one_of(st.none(), _PICTURES),
    audio=st.lists(st.just(SOUND), max_size=3).map(tuple),
    truncated=st.booleans(),
    encrypted=st.booleans(),
    decodes=st.booleans(),
    problem=st.sampled_from([None, None, "", "it is no video"]),
)
_PASTS = st.builds(
    Past,
    at=st.just(APPROVED.at),
    size=st.integers(0, 2**60),
    duration_seconds=_SECONDS,
    sound_tracks=st.integers(0, 3),
    width=st.one_of(st.none(), _PIXELS),
    height=st.one_of(st.none(), _PIXELS),
)
CASES: st.SearchStrategy[Any] = st.builds(
    Case,
    id=st.uuids(),
    path=st.just("a.mp4"),
    facts=_FACTS,
    size=st.one_of(st.integers(0, 1), st.integers(0, 2**63 - 1)),
    past=st.one_of(st.none(), _PASTS),
)
BATCHES = st.lists(CASES, max_size=120, unique_by=lambda case: case.id)
