"""The findings of the rules, and their explanations."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from catalog_models.values import MediaFacts, Past, Severity
from tasks.quality import RULES, Case, PlainJudge
from tests.quality.cases import APPROVED, GOOD, PICTURE, case

DOCS = Path(__file__).parents[2] / "docs" / "quality.md"


def said(case: Case) -> dict[str, str]:
    """Return the words of each rule with a finding."""
    judgement = PlainJudge().judge([case])
    return {finding.rule: finding.message for finding in judgement.findings[case.id]}


def good(**changes: Any) -> MediaFacts:
    return dataclasses.replace(GOOD, **changes)


def test_a_good_file_passes_and_is_approved() -> None:
    judgement = PlainJudge().judge([one := case()])
    assert (judgement.failing, judgement.passed, judgement.approved) == ((), [one.id], [one.id])
    assert {tally.rule: tally.failed for tally in judgement.tallies} == {rule.name: 0 for rule in RULES}


@pytest.mark.parametrize(
    ("facts", "size", "rule", "words"),
    [
        (MediaFacts(problem="it is empty"), 0, "empty", "the file is empty (0 bytes)"),
        (MediaFacts(problem="it is no video"), 9, "unreadable", "it is no video"),
        (
            good(encrypted=True),
            9,
            "encrypted",
            "the video is encrypted; export the file without encryption",
        ),
        (good(video=None), 9, "no-picture", "it has no video, only sound"),
        (good(video=None, audio=()), 9, "no-picture", "it has neither video nor sound"),
        (
            good(decodes=False),
            9,
            "undecodable",
            "its first picture cannot be decoded (h264): the data is damaged",
        ),
        (
            good(truncated=True),
            9,
            "truncated",
            "the file is cut off: copy it again from its source",
        ),
        (
            good(duration_seconds=None),
            9,
            "no-length",
            "it has no duration: it is a still picture, or a recording that was never finished",
        ),
        (good(duration_seconds=0), 9, "no-length", "a duration of 0 s is not plausible for a video"),
        (
            good(duration_seconds=float("nan")),
            9,
            "no-length",
            "a duration of nan s is not plausible for a video",
        ),
        (
            good(duration_seconds=172_801),
            9,
            "no-length",
            "a duration of 172801 s is not plausible for a video",
        ),
        (good(video=dataclasses.replace(PICTURE, still=True)), 9, "still", "it is a single still picture"),
        (good(audio=()), 9, "silent", "it has no sound"),
    ],
)
def test_each_fault_is_found_by_its_rule_only(facts: MediaFacts, size: int, rule: str, words: str) -> None:
    assert said(case(facts, size)) == {rule: words}


def test_durations_at_the_bounds_are_valid() -> None:
    assert not said(case(good(duration_seconds=0.5)))
    assert not said(case(good(duration_seconds=172_800)))


@pytest.mark.parametrize(
    ("facts", "rule", "words"),
    [
        (
            good(duration_seconds=2400),
            "shorter",
            "its duration was 1:02:03 on 2026-11-20 and is now 0:40:00",
        ),
        (good(audio=()), "sound-gone", "it had 1 sound track on 2026-11-20 and now has no sound"),
        (good(video=None), "picture-gone", "it had a picture of 1920×1080 on 2026-11-20 and now has none"),
        (
            good(video=dataclasses.replace(PICTURE, width=1280, height=720)),
            "smaller",
            "its picture was 1920×1080 on 2026-11-20 and is now 1280×720",
        ),
    ],
)
def test_a_loss_is_reported_with_the_old_and_new_value(facts: MediaFacts, rule: str, words: str) -> None:
    assert said(case(facts, past=APPROVED))[rule] == words
    assert rule not in said(case(facts))


@pytest.mark.parametrize(
    ("then", "now", "fails"),
    [
        (3600, 3599, False),
        # A trailer of three minutes.
        (3600, 3421, False),
        (3600, 3419, True),
        # A fifth of a short clip, but no more than two seconds.
        (10, 8.1, False),
        (10, 7.9, True),
        (3600, 7200, False),
        (float("nan"), 10, False),
        (0, 10, False),
    ],
)
def test_which_loss_counts_as_shorter(then: float, now: float, fails: bool) -> None:
    past = dataclasses.replace(APPROVED, duration_seconds=then)
    assert ("shorter" in said(case(good(duration_seconds=now), past=past))) is fails


def test_a_frame_cropped_to_its_visible_lines_is_not_smaller() -> None:
    past = dataclasses.replace(APPROVED, height=1088)
    assert not said(case(past=past))


def test_a_file_that_never_had_sound_or_a_duration_lost_none() -> None:
    past = Past(APPROVED.at, 1000)
    assert set(said(case(good(audio=()), past=past))) == {"silent"}


def test_a_smaller_picture_passes_but_is_not_approved() -> None:
    small = case(good(video=dataclasses.replace(PICTURE, width=720, height=576)), past=APPROVED)
    judgement = PlainJudge().judge([small])
    assert (judgement.passed, judgement.approved, judgement.quarantined) == ([small.id], [], [])


def test_every_rule_is_explained() -> None:
    """docs/quality.md has a section per rule: its condition, the reason, what to do, and its effect."""
    sections = re.split(r"^### ", DOCS.read_text(), flags=re.MULTILINE)[1:]
    explained = {section.split("\n", 1)[0].strip("`"): section for section in sections}
    assert list(explained) == [rule.name for rule in RULES]
    for rule in RULES:
        assert all(part in explained[rule.name] for part in ("**What.**", "**Why.**", "**What to do.**"))
        assert ("quarantine" in explained[rule.name].split("**Why.**")[0]) is (
            rule.severity is Severity.QUARANTINE
        )
