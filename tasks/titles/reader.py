"""A simple reader: the name without its ending, the brand and the year where they stand in plain sight.

It claims little and says so by its confidence.
"""

from __future__ import annotations

import hashlib
import re

from tasks.titles.archive_names import is_video_path
from tasks.titles.title import Title

_ENDING = re.compile(r"(\.[A-Za-z0-9]{1,4})+$")
_YEAR = re.compile(r"(?<!\d)(19[789]\d|20[0-4]\d)(?!\d)")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_BRANDS = (
    ("WSOP", re.compile(r"wsop|(?<![a-z])ws\d\d", re.IGNORECASE)),
    ("PAD", re.compile(r"(?<![a-z])pad(?![a-z])", re.IGNORECASE)),
)
_LONGEST_TITLE, _LONGEST_SHORT_TITLE, _LONGEST_KEY = 300, 50, 200


def read_title(path: str) -> Title:
    """Read a path relative to its root; any string is read without an error."""
    if not is_video_path(path):
        return Title(path, ignored=True, rule="no-video")
    stem = _ENDING.sub("", path.rpartition("/")[2])
    shown = _shown(stem)[:_LONGEST_TITLE] or "Untitled"
    years = _YEAR.findall(stem.replace("_", " ")) or _YEAR.findall(path)[-1:]
    return Title(
        path,
        display_title=shown,
        short_title=shown if len(shown) <= _LONGEST_SHORT_TITLE else shown[: _LONGEST_SHORT_TITLE - 1] + "…",
        content_key=_key(path[: len(path) - len(path.rpartition("/")[2])] + stem),
        brand=next((brand for brand, pattern in _BRANDS if pattern.search(path)), "OTHER"),
        year=int(years[0]) if years else None,
        confidence=0.3,
        rule="plain-name",
    )


def _shown(stem: str) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", stem).replace("_", " ").split())


def _key(stem: str) -> str:
    """The path without its ending; a long one by its hash, for keys are indexed."""
    if len(stem) <= _LONGEST_KEY:
        return stem
    return stem[: _LONGEST_KEY // 2] + hashlib.sha256(stem.encode("utf-8", "surrogatepass")).hexdigest()
