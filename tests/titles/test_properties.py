"""Properties of every title, whatever the path."""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tasks.titles import PATH_KEY, Title, read_title
from tasks.titles.archive_names import VIDEO_ENDINGS

WORDS = st.sampled_from(
    [
        "WSOP", "WSOPE", "2031", "Main Event", "ME07", "Show 3", "Day 1A", "day2abc", "Final Table", "FT", "NB", "4CH",
        "_FINAL_4CH", "clean", "PGM", "#13", "$1.5K", "€10,350", "10k", "nlh", "PLO", "Hand_9", "AhKs", "vs", "ash",
        "(1)", "-003", "HyperDeck_0010", "GOG", "E02", "최종", "클린본", "🏆", "ES0600163242", "GMPO 736", "Part 2", "NC",
        "SUBCLIP", "[Day 2]", "1217", "20311031", "pad-s12-ep02", "WCLA31-PE-02", "be-ev-26", "&", "–", "’",
    ]
)  # fmt: skip
NAMES = st.lists(WORDS, min_size=1, max_size=8).flatmap(
    lambda words: st.sampled_from([" ", "_", "-", " - "]).map(lambda sign: sign.join(words))
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
ENDINGS = st.sampled_from(["mp4", "mov", "MXF", "mp4.mp4", "mov.mov", "avi"])
MARKS = re.compile(
    r"(?<![A-Za-z0-9])(?:NB|4CH|ES\d{6,}|GMPO \d+|PGM|clean)(?![A-Za-z0-9])|클린본|최종", re.IGNORECASE
)


def check(title: Title) -> None:
    """Check what holds for every title."""
    json.loads(json.dumps(dataclasses.asdict(title)))
    assert 0 <= title.confidence <= 1
    if title.ignored:
        return
    assert title.display_title
    assert title.short_title
    assert title.content_key
    assert title.brand
    assert len(title.short_title) <= 50
    assert "_" not in title.display_title
    assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in title.display_title)
    assert title.hands is None or (title.players is not None and len(title.hands) == len(title.players))
    if title.currency is not None:
        assert title.buy_in is not None


@given(st.text(max_size=300), st.sampled_from(["", ".mp4", "/x.mp4"]))
def test_any_string_is_read_without_an_error(text: str, ending: str) -> None:
    check(read_title(text + ending))


@given(PATHS, ENDINGS)
def test_titles_of_names_from_the_vocabulary_are_valid(path: str, ending: str) -> None:
    title = read_title(f"{path}.{ending}")
    check(title)
    if not title.ignored:
        assert title.display_title
        assert not MARKS.search(title.display_title), title.display_title
        assert title.display_title.rpartition(".")[2].lower() not in VIDEO_ENDINGS


@given(st.lists(PATHS, max_size=6), PATHS)
def test_a_title_does_not_depend_on_earlier_reads(before: list[str], path: str) -> None:
    alone = read_title(f"{path}.mp4")
    for other in before:
        read_title(f"{other}.mp4")
    assert read_title(f"{path}.mp4") == alone


@given(PATHS)
def test_a_title_does_not_depend_on_the_location_of_the_archive(path: str) -> None:
    here, there = read_title(f"{path}.mp4"), read_title(f"mnt/nas/data/{path}.mp4")
    assert dataclasses.replace(there, path=here.path, content_key=here.content_key) == here


# One of each kind, so that no two codes contradict each other.
CODES = st.tuples(
    st.sampled_from(
        ["WSOP31", "WSOP2031", "WSOPE32", "WS33", "WP31", "EPT31", "TRITON31", "PSPC31", "USPO31", "HSP", "EPT PRG31", "WSOP 2031"]
    ),
    st.sampled_from(["ME", "EV17", "EVT3 PLO 6MAX", "BE12 NLH HR", "PPC", "EV5 O8", "SHR", "RAZZ", ""]),
    st.sampled_from(["D1", "D2C", "D3ABC", "DAY4", ""]),
    st.sampled_from(["FT", "HU", "FD", "F4", "", ""]),
    st.sampled_from(["P2", "PT3", "PART1", ""]),
    st.sampled_from(["10K", "250K", ""]),
    st.sampled_from(["PGM", "CLEAN", "MASTERED", ""]),
    st.sampled_from(["NB", "4CH", "1080P", "H264", "HDTV", "V2", ""]),
    st.sampled_from(["20310704", ""]),
    st.sampled_from(["S12", "S04E11", "EP05", ""]),
).map(lambda kinds: " ".join(kinds).split())  # fmt: skip


def read_of(title: Title) -> Title:
    """Return a title without its path, its key and the rule that read it."""
    return dataclasses.replace(title, path="", rule="", content_key=None)


@given(CODES, st.randoms(use_true_random=False), st.sampled_from(["_", "-", ".", " "]), st.booleans())
def test_order_case_and_separators_of_codes_do_not_matter(
    codes: list[str], chance: Random, separator: str, in_capitals: bool
) -> None:
    shuffled = chance.sample(codes, len(codes))
    name = separator.join(shuffled)
    one = read_title(f"{'_'.join(codes)}.mp4")
    other = read_title(f"{name if in_capitals else name.lower()}.mp4")
    assert read_of(other) == read_of(one)
    if PATH_KEY not in f"{one.content_key}":
        assert other.content_key == one.content_key
