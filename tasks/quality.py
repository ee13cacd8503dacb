"""The quality gate: plain rules over what is known of a file. A failing file is kept out, the rest goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from catalog_models.values import Finding, MediaFacts, Severity

_SHORTEST_SECONDS = 0.5
_LONGEST_SECONDS = 48 * 3600


@dataclass(frozen=True, slots=True)
class Rule:
    """`broken` answers what is wrong with a file, in words for people, or None. Size in bytes."""

    name: str
    severity: Severity
    broken: Callable[[MediaFacts, int], str | None]


def _unreadable(facts: MediaFacts, size: int) -> str | None:
    return facts.problem if size else None


def _empty(_facts: MediaFacts, size: int) -> str | None:
    return "the file is empty (0 bytes)" if size == 0 else None


def _encrypted(facts: MediaFacts, _size: int) -> str | None:
    return "the picture is encrypted; export the file without protection" if facts.encrypted else None


def _no_picture(facts: MediaFacts, _size: int) -> str | None:
    if facts.problem or facts.video:
        return None
    return (
        "there is no picture in it, only sound" if facts.audio else "there is neither picture nor sound in it"
    )


def _undecodable(facts: MediaFacts, _size: int) -> str | None:
    if facts.problem or facts.encrypted or facts.video is None or facts.decodes:
        return None
    return f"its first picture cannot be decoded ({facts.video.codec}): the data are damaged"


def _truncated(facts: MediaFacts, _size: int) -> str | None:
    return "the file ends before its contents do: copy it again from its source" if facts.truncated else None


def _no_length(facts: MediaFacts, _size: int) -> str | None:
    if facts.problem or facts.video is None:
        return None
    seconds = facts.duration_seconds
    if seconds is None:
        return "it does not say how long it is: a still picture, or a recording that was never closed"
    if not _SHORTEST_SECONDS <= seconds <= _LONGEST_SECONDS:
        return f"its length of {seconds:g} s is not that of a programme"
    return None


def _still(facts: MediaFacts, _size: int) -> str | None:
    return "it is a single still picture" if facts.video and facts.video.still else None


def _silent(facts: MediaFacts, _size: int) -> str | None:
    return "it has no sound" if facts.video and not facts.audio else None


RULES = (
    Rule("empty", Severity.QUARANTINE, _empty),
    Rule("unreadable", Severity.QUARANTINE, _unreadable),
    Rule("encrypted", Severity.QUARANTINE, _encrypted),
    Rule("no-picture", Severity.QUARANTINE, _no_picture),
    Rule("undecodable", Severity.QUARANTINE, _undecodable),
    Rule("truncated", Severity.QUARANTINE, _truncated),
    Rule("no-length", Severity.QUARANTINE, _no_length),
    Rule("still", Severity.QUARANTINE, _still),
    Rule("silent", Severity.NOTE, _silent),
)


def judge(facts: MediaFacts, size: int) -> tuple[Finding, ...]:
    """All that the rules find in one file of `size` bytes."""
    said = ((rule, rule.broken(facts, size)) for rule in RULES)
    return tuple(Finding(rule.name, rule.severity, message) for rule, message in said if message)
