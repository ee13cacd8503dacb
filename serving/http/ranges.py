"""The Range header (RFC 9110 §14): which bytes a client asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_SPECS = 200  # asked for in one header; browsers and players ask for one
MAX_SPANS = 16  # left after overlapping and adjacent ones were joined

_SPEC = r"[0-9]+-[0-9]*|-[0-9]+"
# A list as a recipient takes it (§5.6.1.2): elements may be empty, blanks stand beside commas and, as in the
# example of §14.1.2, before the first element. The quantifiers are possessive: a blank between two commas
# could belong to either, and trying all combinations would take exponential time.
_RANGE_SET = re.compile(rf"[ \t]*+(?:{_SPEC})?(?:[ \t]*+,[ \t]*+(?:{_SPEC})?)*+")
_ONE_SPEC = re.compile(_SPEC)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `first` to `last` of a file, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """Bytes."""
        return self.last - self.first + 1


def select_spans(header: str | None, size: int) -> tuple[Span, ...] | None:
    """The spans of a file of `size` bytes that a Range header asks for, in the order of its first mention.

    None: send the whole file, for there is no header, its unit is none of ours, it is malformed, or it asks for
    more pieces than any player does (§14.2 lets a server ignore such). Empty: nothing it asks for exists (416).
    The non-empty suffix of an empty file is satisfiable, yet no Content-Range can name it: the whole file.
    """
    specs = _read(header) if header is not None else None
    if specs is None:
        return None
    if size == 0:
        return None if any(first is None and last for first, last in specs) else ()
    spans = _joined([span for first, last in specs if (span := _span(first, last, size))])
    return spans if len(spans) <= MAX_SPANS else None


def _read(header: str) -> list[tuple[int | None, int | None]] | None:
    """Pairs of first and last; no first: the last so many bytes; no last: to the end. None: malformed."""
    unit, _, range_set = header.partition("=")
    if unit.lower() != "bytes" or range_set.count(",") >= MAX_SPECS or not _RANGE_SET.fullmatch(range_set):
        return None
    specs = []
    for spec in _ONE_SPEC.findall(range_set):
        first, _, last = (part.lstrip("0") or part[:1] for part in spec.partition("-"))
        if first and last and (len(first), first) > (len(last), last):
            return None
        specs.append((_number(first), _number(last)))
    return specs or None


def _number(digits: str) -> int | None:
    """No file has 10^18 bytes: more digits mean no more, and Python refuses to read thousands of them."""
    return min(int(digits[:20]), 10**18) if digits else None


def _span(first: int | None, last: int | None, size: int) -> Span | None:
    if first is None:
        return Span(max(0, size - last), size - 1) if last else None
    if first >= size:
        return None
    return Span(first, size - 1 if last is None else min(last, size - 1))


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    """Overlapping and adjacent spans made one, which stands where the first of them was asked for."""
    groups: list[tuple[int, Span]] = []
    for place, span in sorted(enumerate(spans), key=lambda item: item[1].first):
        if groups and span.first <= groups[-1][1].last + 1:
            earlier, before = groups[-1]
            groups[-1] = (min(place, earlier), Span(before.first, max(before.last, span.last)))
        else:
            groups.append((place, span))
    return tuple(span for _, span in sorted(groups, key=lambda group: group[0]))
