"""The Range header (RFC 9110 §14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

# The most ranges in one header. Browsers and players request one.
MAX_SPECS = 200
# The most spans in one response, after overlapping and adjacent ones are joined.
MAX_SPANS = 16

_SPEC = r"[0-9]+-[0-9]*|-[0-9]+"
# A list as recipients must accept it (§5.6.1.2): elements may be empty, and blanks may surround commas and,
# as in the example of §14.1.2, precede the first element. The quantifiers are possessive: a blank between two
# commas could belong to either, and trying all combinations would take exponential time.
_RANGE_SET = re.compile(rf"[ \t]*+(?:{_SPEC})?(?:[ \t]*+,[ \t]*+(?:{_SPEC})?)*+")
_ONE_SPEC = re.compile(_SPEC)


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes `first` to `last` of a file, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """Return the number of bytes."""
        return self.last - self.first + 1


def select_spans(header: str | None, size: int) -> tuple[Span, ...] | None:
    """Return the spans that a Range header requests of a file of `size` bytes, in the order of first mention.

    None means: send the whole file. The header is missing or malformed, its unit is not bytes, or it requests
    more spans than any player does (§14.2 lets a server ignore it). An empty tuple means that none of the
    requested bytes exist (416). A non-empty suffix of an empty file is satisfiable, but Content-Range cannot
    express it; the result is None.
    """
    specs = _read(header) if header is not None else None
    if specs is None:
        return None
    if size == 0:
        return None if any(first is None and last for first, last in specs) else ()
    spans = _joined([span for first, last in specs if (span := _span(first, last, size))])
    return spans if len(spans) <= MAX_SPANS else None


def _read(header: str) -> list[tuple[int | None, int | None]] | None:
    """Return pairs of first and last byte, or None if the header is malformed.

    Without a first byte, a pair requests the last n bytes; without a last byte, all bytes to the end.
    """
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
    """Return a number, capped at 10^18: no file is larger, and Python does not parse thousands of digits."""
    return min(int(digits[:20]), 10**18) if digits else None


def _span(first: int | None, last: int | None, size: int) -> Span | None:
    if first is None:
        return Span(max(0, size - last), size - 1) if last else None
    if first >= size:
        return None
    return Span(first, size - 1 if last is None else min(last, size - 1))


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    """Join overlapping and adjacent spans. A joined span takes the position of its first part."""
    groups: list[tuple[int, Span]] = []
    for place, span in sorted(enumerate(spans), key=lambda item: item[1].first):
        if groups and span.first <= groups[-1][1].last + 1:
            earlier, before = groups[-1]
            groups[-1] = (min(place, earlier), Span(before.first, max(before.last, span.last)))
        else:
            groups.append((place, span))
    return tuple(span for _, span in sorted(groups, key=lambda group: group[0]))
