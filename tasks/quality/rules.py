"""The rules of the gate, in the order of their findings. docs/quality.md explains each."""

from __future__ import annotations

from catalog_models.values import Severity
from tasks.quality.checks import NO, YES, Between
from tasks.quality.memory import MEMORY
from tasks.quality.rule import Case, Rule

_SHORTEST_SECONDS = 0.5
_LONGEST_SECONDS = 48 * 3600


def _size(case: Case) -> float:
    return case.size


def _has_problem(case: Case) -> bool | None:
    return bool(case.facts.problem) if case.size else None


def _is_encrypted(case: Case) -> bool:
    return case.facts.encrypted


def _has_picture(case: Case) -> bool | None:
    return None if case.facts.problem else case.facts.video is not None


def _decodes(case: Case) -> bool | None:
    facts = case.facts
    return None if facts.problem or facts.encrypted or facts.video is None else facts.decodes


def _is_truncated(case: Case) -> bool:
    return case.facts.truncated


def _length(case: Case) -> float | None:
    facts = case.facts
    return None if facts.problem or facts.video is None else facts.duration_seconds or 0.0


def _is_still(case: Case) -> bool | None:
    return case.facts.video.still if case.facts.video else None


def _sound_tracks(case: Case) -> float | None:
    return len(case.facts.audio) if case.facts.video else None


def _what_is_there_instead(case: Case) -> str:
    if case.facts.audio:
        return "it has no video, only sound"
    return "it has neither video nor sound"


def _damage(case: Case) -> str:
    codec = case.facts.video.codec if case.facts.video else "no picture"
    return f"its first picture cannot be decoded ({codec}): the data is damaged"


def _wrong_length(case: Case) -> str:
    seconds = case.facts.duration_seconds
    if seconds is None:
        return "it has no duration: it is a still picture, or a recording that was never finished"
    return f"a duration of {seconds:g} s is not plausible for a video"


RULES = (
    Rule(
        "empty",
        Severity.QUARANTINE,
        "The file is not empty.",
        _size,
        Between(1),
        lambda _case: "the file is empty (0 bytes)",
    ),
    Rule(
        "unreadable",
        Severity.QUARANTINE,
        "It is a video or sound file that can be opened.",
        _has_problem,
        NO,
        lambda case: case.facts.problem or "",
    ),
    Rule(
        "encrypted",
        Severity.QUARANTINE,
        "Its video is not encrypted.",
        _is_encrypted,
        NO,
        lambda _case: "the video is encrypted; export the file without encryption",
    ),
    Rule(
        "no-picture", Severity.QUARANTINE, "It has a video track.", _has_picture, YES, _what_is_there_instead
    ),
    Rule("undecodable", Severity.QUARANTINE, "Its pictures can be decoded.", _decodes, YES, _damage),
    Rule(
        "truncated",
        Severity.QUARANTINE,
        "It is not shorter than its container says.",
        _is_truncated,
        NO,
        lambda _case: "the file is cut off: copy it again from its source",
    ),
    Rule(
        "no-length",
        Severity.QUARANTINE,
        "It has a duration, between half a second and two days.",
        _length,
        Between(_SHORTEST_SECONDS, _LONGEST_SECONDS),
        _wrong_length,
    ),
    Rule(
        "still",
        Severity.QUARANTINE,
        "Its picture moves.",
        _is_still,
        NO,
        lambda _case: "it is a single still picture",
    ),
    Rule(
        "silent", Severity.NOTE, "It has sound.", _sound_tracks, Between(1), lambda _case: "it has no sound"
    ),
    *MEMORY,
)
