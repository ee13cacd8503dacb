"""The Range header (RFC 9110 §14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

# In one header; browsers and players ask for one.
MAX_SPECS = 200
# After overlapping and adjacent spans are joined.
MAX_SPANS = 16

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
        """Return the bytes."""
        return self.last - self.first + 1


def select_spans(header: str | None, size: int) -> tuple[Span, ...] | None:
    """Return the spans of a file of `size` bytes that a Range header asks for, in the order of first mention.

    None: send the whole file. There is no header, its unit is not bytes, it is malformed, or it asks for more
    pieces than any player does (§14.2 lets a server ignore these). Empty: no byte of it exists (416). The
    non-empty suffix of an empty file is satisfiable, but Content-Range cannot express it: None.
    """
    specs = _read(header) if header is not None else None
    if specs is None:
        return None
    if size == 0:
        return None if any(first is None and last for first, last in specs) else ()
    spans = _joined([span for first, last in specs if (span := _span(first, last, size))])
    return spans if len(spans) <= MAX_SPANS else None


def _read(header: str) -> list[tuple[int | None, int | None]] | None:
    """Return pairs of first and last byte; no first: the last n bytes; no last: to the end.

    None: malformed.
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
    """Return a number, at most 10^18: no file is larger, and Python refuses to parse thousands of digits."""
    return min(int(digits[:20]), 10**18) if digits else None


def _span(first: int | None, last: int | None, size: int) -> Span | None:
    if first is None:
        return Span(max(0, size - last), size - 1) if last else None
    if first >= size:
        return None
    return Span(first, size - 1 if last is None else min(last, size - 1))


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    """Join overlapping and adjacent spans. A joined span is placed where its first part was asked for."""
    groups: list[tuple[int, Span]] = []
    for place, span in sorted(enumerate(spans), key=lambda item: item[1].first):
        if groups and span.first <= groups[-1][1].last + 1:
            earlier, before = groups[-1]
            groups[-1] = (min(place, earlier), Span(before.first, max(before.last, span.last)))
        else:
            groups.append((place, span))
    return tuple(span for _, span in sorted(groups, key=lambda group: group[0]))
