"""Rules that compare a file with its state when the gate last approved it."""

from __future__ import annotations

import math
from datetime import UTC

from catalog_models.values import Past, Severity, VideoFacts
from tasks.quality.checks import YES, Between
from tasks.quality.rule import Case, Rule

# Containers report durations of the same cut that differ by up to this much.
_SECONDS_MAY_GO = 2.0
# A leader or trailer may be trimmed; a larger loss is a lost part of the video.
_LENGTH_KEPT = 0.95
# 1920×1088 and 1920×1080 are the same picture.
_PIXELS_KEPT = 0.95


def _length_kept(case: Case) -> float | None:
    """Return the remaining share of the duration; a loss of two seconds does not count."""
    past, now = case.past, case.facts.duration_seconds
    if past is None or past.duration_seconds is None or case.facts.video is None or now is None:
        return None
    then = past.duration_seconds
    if not (math.isfinite(then) and math.isfinite(now) and then > 0):
        return None
    return 1.0 if then - now <= _SECONDS_MAY_GO else now / then


def _sound_kept(case: Case) -> bool | None:
    if case.past is None or not case.past.sound_tracks or case.facts.video is None:
        return None
    return bool(case.facts.audio)


def _picture_kept(case: Case) -> bool | None:
    if case.past is None or not _past_pixels(case.past) or case.facts.problem:
        return None
    return case.facts.video is not None


def _pixels_kept(case: Case) -> float | None:
    video = case.facts.video
    if case.past is None or video is None:
        return None
    then, now = _past_pixels(case.past), video.width * video.height
    return now / then if then and now else None


def _past_pixels(past: Past) -> int:
    return (past.width or 0) * (past.height or 0)


def _shorter(case: Case) -> str:
    then = case.past.duration_seconds if case.past else None
    now = case.facts.duration_seconds
    return f"its duration was {_clock(then)} on {_day(case)} and is now {_clock(now)}"


def _sound_gone(case: Case) -> str:
    count = case.past.sound_tracks if case.past else 0
    tracks = "1 sound track" if count == 1 else f"{count} sound tracks"
    return f"it had {tracks} on {_day(case)} and now has no sound"


def _picture_gone(case: Case) -> str:
    return f"it had a picture of {_pixels(case.past)} on {_day(case)} and now has none"


def _smaller(case: Case) -> str:
    return f"its picture was {_pixels(case.past)} on {_day(case)} and is now {_pixels(case.facts.video)}"


def _day(case: Case) -> str:
    """Return the day of the last approval, in UTC."""
    return f"{case.past.at.astimezone(UTC):%Y-%m-%d}" if case.past else "an earlier day"


def _pixels(picture: Past | VideoFacts | None) -> str:
    return f"{picture.width}×{picture.height}" if picture else "none"


def _clock(seconds: float | None) -> str:
    minutes, rest = divmod(round(seconds or 0), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


MEMORY = (
    Rule(
        "shorter",
        Severity.QUARANTINE,
        "It is at most 2 seconds or 5 % shorter than when it was approved.",
        _length_kept,
        Between(_LENGTH_KEPT),
        _shorter,
        of_memory=True,
    ),
    Rule(
        "sound-gone",
        Severity.QUARANTINE,
        "It still has sound, as it had when it was approved.",
        _sound_kept,
        YES,
        _sound_gone,
        of_memory=True,
    ),
    Rule(
        "picture-gone",
        Severity.NOTE,
        "It still has a picture, as it had when it was approved.",
        _picture_kept,
        YES,
        _picture_gone,
        of_memory=True,
    ),
    Rule(
        "smaller",
        Severity.NOTE,
        "It has at most 5 % fewer pixels than when it was approved.",
        _pixels_kept,
        Between(_PIXELS_KEPT),
        _smaller,
        of_memory=True,
    ),
)
