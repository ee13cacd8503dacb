"""Conditional requests (RFC 9110 §13)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from serving.http.dates import format_http_date, parse_http_date

_ENTITY_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
# A list as recipients must accept it (§5.6.1.2): elements may be empty. The quantifiers are possessive: a
# blank between two commas could belong to either, and trying all combinations would take exponential time.
_TAG_LIST = re.compile(rf"(?:{_ENTITY_TAG})?(?:[ \t]*+,[ \t]*+(?:{_ENTITY_TAG})?)*+")
_TAG = re.compile(_ENTITY_TAG)


@dataclass(frozen=True, slots=True)
class Validators:
    """The validators of a file: its entity tag (with quotes) and the time of its last change.

    `modified` is in seconds since 1970. `settled` means that the second of the last change is over, so the
    date is a strong validator (§8.8.2.2).
    """

    etag: str
    modified: int
    settled: bool

    @classmethod
    def of_file(cls, mtime_ns: int, size: int, now: float) -> Validators:
        """Return validators with the entity tag of nginx: modification time and size in hexadecimal.

        A modification time in the future is sent as now (§8.8.2.1), one before 1970 as 1970.
        """
        seconds = mtime_ns // 1_000_000_000
        return cls(
            etag=f'"{seconds:x}-{size:x}"',
            modified=max(0, min(seconds, int(now))),
            settled=0 <= seconds <= now - 1,
        )

    @property
    def headers(self) -> dict[str, str]:
        """Return the `ETag` and `Last-Modified` headers, which are the same on 200, 206 and 304."""
        return {"etag": self.etag, "last-modified": format_http_date(self.modified)}


@dataclass(frozen=True, slots=True)
class Conditions:
    """The preconditions of a request. Repeated headers are joined by commas."""

    if_match: str | None = None
    if_unmodified_since: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None
    if_range: str | None = None

    @classmethod
    def read(cls, lines: Callable[[str], list[str]]) -> Conditions:
        """Read the conditions of a request. `lines` returns all values of a header."""
        return cls(**{name: joined(lines(name.replace("_", "-"))) for name in cls.__slots__})


def joined(lines: list[str]) -> str | None:
    """Return the values of a repeated header, joined by commas (§5.3), or None if it was not sent."""
    return ", ".join(line.strip(" \t") for line in lines) if lines else None


class Outcome(Enum):
    """The result of the preconditions."""

    PROCEED = auto()
    NOT_MODIFIED = auto()
    PRECONDITION_FAILED = auto()


def evaluate(conditions: Conditions, current: Validators, now: float) -> Outcome:
    """Evaluate the preconditions of a GET or HEAD in the order of §13.2.2, except `If-Range`.

    A malformed date is ignored; a malformed list of entity tags matches nothing.
    """
    if conditions.if_match is not None:
        if not _matches(conditions.if_match, current.etag, weakly=False):
            return Outcome.PRECONDITION_FAILED
    elif conditions.if_unmodified_since is not None:
        limit = parse_http_date(conditions.if_unmodified_since, now)
        if limit is not None and current.modified > limit:
            return Outcome.PRECONDITION_FAILED
    if conditions.if_none_match is not None:
        if _matches(conditions.if_none_match, current.etag, weakly=True):
            return Outcome.NOT_MODIFIED
    elif conditions.if_modified_since is not None:
        known = parse_http_date(conditions.if_modified_since, now)
        if known is not None and current.modified <= known:
            return Outcome.NOT_MODIFIED
    return Outcome.PROCEED


def range_applies(if_range: str | None, current: Validators, now: float) -> bool:
    """Return whether `If-Range` permits the range (§13.1.5).

    It must name the current entity tag, or the modification date of a settled file.
    """
    if if_range is None:
        return True
    if if_range.startswith(('"', "W/")):
        return if_range == current.etag
    return current.settled and parse_http_date(if_range, now) == current.modified


def _matches(value: str, etag: str, *, weakly: bool) -> bool:
    if value == "*":
        return True
    if not _TAG_LIST.fullmatch(value):
        return False
    tags = _TAG.findall(value)
    return etag in (tag.removeprefix("W/") for tag in tags) if weakly else etag in tags
