"""Read the names of folders, the nearest first. Each name is read once and cached."""

from __future__ import annotations

import re
from functools import lru_cache

from tasks.titles.cleanup import clean, stem_of
from tasks.titles.draft import Draft
from tasks.titles.vocabulary.marks import TELLING_NOTHING
from tasks.titles.words import read_words

# Folders that say how a file was cut, and folders whose words are not an event's.
_CONTENT = (
    (re.compile(r"sub ?clip|(?<![a-z])clips\Z|player emotion", re.IGNORECASE), "clip"),
    (re.compile(r"hand clip", re.IGNORECASE), "hand_clip"),
    (re.compile(r"(?<![a-z])stream\Z", re.IGNORECASE), "stream"),
)
_WIDE = re.compile(
    r"wsop[ -]?(?:bracelet|circuit)[ -]?event|archive|pokergo clip|sub ?clip|hand clip|clips?|player emotion|stream|(?:main event )?movs?|mxfs?",
    re.IGNORECASE,
)


_NOTHING = re.compile(TELLING_NOTHING, re.IGNORECASE)


@lru_cache(maxsize=4096)
def read_folders(folder: str) -> tuple[Draft, ...]:
    """Return a draft for each folder with information, the nearest first.

    They are shared: do not change them.
    """
    read = (_read_folder(name) for name in reversed(folder.split("/")) if name)
    return tuple(draft for draft in read if draft.fields)


def folder_in_title(folder: str) -> str:
    """Return the nearest folder's name for a title, or an empty text for a general one, such as `Clips`."""
    name = clean(stem_of(folder.rpartition("/")[2]), Draft())
    return "" if _WIDE.search(name) or _NOTHING.fullmatch(name) else name


@lru_cache(maxsize=4096)
def _read_folder(name: str) -> Draft:
    draft = Draft(name, slug=" " not in name)
    for pattern, content_type in _CONTENT:
        if pattern.search(name):
            draft.record("folder", name, content_type=content_type)
            break
    text = clean(stem_of(name), draft)
    read_words(text, draft)
    if draft.plain or _WIDE.search(name):
        draft.plain = ""
    if _WIDE.search(name) and "event_number" not in draft.fields:
        for field in ("event_name", "event_type", "game"):
            draft.fields.pop(field, None)
        draft.event = ""
    draft.subject = ""
    return draft
