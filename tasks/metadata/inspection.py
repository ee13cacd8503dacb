"""The metadata step: everything that is read in one opening of a file."""

from __future__ import annotations

from catalog_models.values import Inspection
from tasks.media.fingerprint import fingerprint
from tasks.media.source import open_source
from tasks.metadata.facts import Onward, read_facts
from tasks.metadata.playability import judge


def inspect(path: bytes, size: int, mtime_ns: int, onward: Onward | None = None) -> Inspection:
    """Return fingerprint, facts and verdict of a path that was scanned with this `size` and `mtime_ns`.

    `onward` is called with the container of a file that decodes, to do further work in this opening. The
    facts of a broken file, or of one that is not a video, say so. Raise `SourceChangedError`,
    `SourceGoneError` or OSError if the file cannot be read as it was scanned.
    """
    with open_source(path, size, mtime_ns) as source:
        # First: an unavailable share raises here, before libav takes it for damage.
        mark = fingerprint(source)
        facts = read_facts(source, onward)
    return Inspection(mark, facts, judge(facts))
