"""The Range header, by examples and against a naive model: a set of byte positions."""

from __future__ import annotations

import re
import string
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.http.ranges import MAX_SPANS, MAX_SPECS, Span, select_spans

WHOLE = None
NOTHING: tuple[Span, ...] = ()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, WHOLE),
        ("bytes=0-0", [(0, 0)]),
        ("bytes=2-5", [(2, 5)]),
        ("bytes=5-", [(5, 9)]),
        ("bytes=-3", [(7, 9)]),
        ("bytes=-30", [(0, 9)]),
        ("bytes=4-400", [(4, 9)]),
        ("BYTES=0-0", [(0, 0)]),
        ("bytes=000000000000000000000001-0002", [(1, 2)]),
        ("bytes=1-" + "9" * 6000, [(1, 9)]),
        ("bytes=-" + "9" * 6000, [(0, 9)]),
        ("bytes=0-0,2-2", [(0, 0), (2, 2)]),
        ("bytes=7-7,0-0", [(7, 7), (0, 0)]),
        ("bytes=0-0 ,\t2-2", [(0, 0), (2, 2)]),
        ("bytes=,0-0,,", [(0, 0)]),
        ("bytes=0-3,2-5", [(0, 5)]),
        ("bytes=0-3,4-5", [(0, 5)]),
        ("bytes=8-,0-0,7-7", [(7, 9), (0, 0)]),
        ("bytes=0-0,50-60", [(0, 0)]),
        # Malformed, or of an unknown unit: ignored.
        ("", WHOLE),
        ("bytes", WHOLE),
        ("bytes=", WHOLE),
        ("bytes=,", WHOLE),
        ("bytes=-", WHOLE),
        ("bytes=5-2", WHOLE),
        ("bytes=0-1,5-2", WHOLE),
        ("bytes=" + "9" * 6000 + "-5", WHOLE),
        ("bytes=a-b", WHOLE),
        ("bytes=0x1-5", WHOLE),
        ("bytes=1.0-5", WHOLE),
        ("bytes=+1-5", WHOLE),
        ("bytes=--5", WHOLE),
        ("bytes=1-2-3", WHOLE),
        ("bytes=1_0-20", WHOLE),
        ("bytes=٣-٥", WHOLE),
        ("bytes= 0-1", [(0, 1)]),
        ("bytes =0-1", WHOLE),
        ("bytes=0 -1", WHOLE),
        ("bytes=0-1;2-3", WHOLE),
        ("bytes=0-1,bytes=2-3", WHOLE),
        ("bytes=0-1\n", WHOLE),
        ("octets=0-1", WHOLE),
        # No byte of it exists.
        ("bytes=10-", NOTHING),
        ("bytes=10-20", NOTHING),
        ("bytes=-0", NOTHING),
        ("bytes=" + "9" * 6000 + "-", NOTHING),
        ("bytes=10-,-0", NOTHING),
    ],
)
def test_ranges_of_a_ten_byte_file(header: str | None, expected: list[tuple[int, int]] | None) -> None:
    spans = select_spans(header, 10)
    assert spans == (None if expected is None else tuple(Span(*pair) for pair in expected))


@pytest.mark.parametrize(
    ("header", "expected"),
    [("bytes=0-", NOTHING), ("bytes=0-0", NOTHING), ("bytes=-0", NOTHING), ("bytes=-5", WHOLE)],
)
def test_only_a_suffix_of_an_empty_file_is_satisfiable(
    header: str, expected: tuple[Span, ...] | None
) -> None:
    assert select_spans(header, 0) == expected


def test_headers_with_too_many_ranges_are_ignored() -> None:
    scattered = ",".join(f"{2 * i}-{2 * i}" for i in range(MAX_SPANS + 1))
    assert select_spans(f"bytes={scattered}", 1000) is WHOLE
    assert select_spans("bytes=" + ",".join(["0-0"] * (MAX_SPECS + 1)), 1000) is WHOLE
    assert select_spans("bytes=" + ",".join(["0-0"] * MAX_SPECS), 1000) == (Span(0, 0),)


def positions(specs: list[str], size: int) -> set[int]:
    """Return every byte that a spec names: the naive model."""
    found: set[int] = set()
    for spec in specs:
        first, _, last = spec.partition("-")
        if not first:
            found |= set(range(size)[-int(last) :]) if int(last) else set()
        else:
            found |= {byte for byte in range(size) if int(first) <= byte <= (int(last) if last else size)}
    return found


number = st.integers(0, 60).map(str) | st.integers(0, 60).map(lambda n: f"00{n}")
spec = st.builds("{}-{}".format, number, number | st.just("")) | st.builds("-{}".format, number)


@given(specs=st.lists(spec, min_size=1, max_size=12), size=st.integers(1, 50))
def test_the_spans_cover_the_requested_bytes(specs: list[str], size: int) -> None:
    spans = select_spans("bytes=" + ",".join(specs), size)
    backwards = any(
        first and last and int(first) > int(last) for first, _, last in (one.partition("-") for one in specs)
    )
    if backwards:
        assert spans is None
        return
    assert spans is not None
    covered = [byte for span in spans for byte in range(span.first, span.last + 1)]
    assert len(covered) == len(set(covered)), "no byte is sent twice"
    assert set(covered) == positions(specs, size)
    assert sum(span.length for span in spans) == len(covered)
    edges = sorted((span.first, span.last) for span in spans)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(edges))


@given(specs=st.lists(spec, min_size=1, max_size=12), size=st.integers(1, 50))
def test_spans_are_in_the_requested_order(specs: list[str], size: int) -> None:
    spans = select_spans("bytes=" + ",".join(specs), size) or ()

    def first_mention(span: Span) -> int:
        wanted = set(range(span.first, span.last + 1))
        return next(place for place, one in enumerate(specs) if positions([one], size) & wanted)

    assert [first_mention(span) for span in spans] == sorted(first_mention(span) for span in spans)


@given(
    text=st.text(st.sampled_from(string.digits[:3] + "-,= \tbytesx+"), max_size=25) | st.text(max_size=25),
    size=st.integers(0, 50),
)
def test_every_span_lies_within_the_file(text: str, size: int) -> None:
    for header in (text, f"bytes={text}"):
        spans = select_spans(header, size)
        for span in spans or ():
            assert 0 <= span.first <= span.last < size
        if spans is not None:
            assert re.fullmatch(r"(?i:bytes)=[0-9\-, \t]*", header)


def test_a_hostile_list_is_parsed_quickly() -> None:
    """Blanks between commas can be matched in 2^n ways. The regular expression must not try all of them."""
    for hostile in (" ," * 190 + "x", ", " * 190 + "x", " , " * 190 + "x"):
        assert select_spans(f"bytes={hostile}", 100) is None
