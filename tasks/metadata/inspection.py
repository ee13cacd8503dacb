"""The metadata step: all that one opening of a file yields."""

from __future__ import annotations

from catalog_models.values import Inspection
from tasks.media.fingerprint import fingerprint
from tasks.media.source import open_source
from tasks.metadata.facts import Onward, read_facts
from tasks.metadata.playability import judge


def inspect(path: bytes, size: int, mtime_ns: int, onward: Onward | None = None) -> Inspection:
    """Fingerprint, facts and verdict of the absolute `path`, which a scan saw with `size` bytes and `mtime_ns`.

    `onward` gets the container of a file that decodes, to do more at this one opening. A file that is no video, or a
    broken one, answers with facts that say so. Raises `SourceChangedError`,
    `SourceGoneError` or OSError when the file could not be had as it was seen.
    """
    with open_source(path, size, mtime_ns) as source:
        mark = fingerprint(
            source
        )  # first: a share that is gone raises here, before libav takes it for damage
        facts = read_facts(source, onward)
    return Inspection(mark, facts, judge(facts))
