"""Read a path: the file name, then its folders, nearest first, for the fields that the name leaves open."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tasks.titles.archive_names import is_video_path
from tasks.titles.cleanup import clean, is_machine_name, stem_of, tidy
from tasks.titles.dates import record_date_within, take_date
from tasks.titles.derived import confidence_of, derive_fields
from tasks.titles.display import display_title, short_title, words_of
from tasks.titles.draft import Draft, Reading
from tasks.titles.folder_defaults import fill
from tasks.titles.folders import folder_in_title, read_folders
from tasks.titles.key import content_key, identifies_programme
from tasks.titles.known import KNOWN, Known
from tasks.titles.places import take_place
from tasks.titles.shapes import Shape, read_shape
from tasks.titles.title import Title
from tasks.titles.vocabulary.series import OTHER
from tasks.titles.words import read_words

_WORDS_CONFIDENCE = 0.95
# The rule for names that a recorder gives; only their folders describe the recording.
_RECORDING = "recording"
_PICTURE_SIZE = re.compile(r"(?<![\dA-Za-z])\d{3,4}x\d{3,4}(?![\dA-Za-z])")


@dataclass(frozen=True, slots=True)
class Explained:
    """A title, and its readings: those of the name, then those of each folder that filled a field."""

    title: Title
    readings: tuple[Reading, ...]


def read_title(path: str, known: Known = KNOWN) -> Title:
    """Return the title of a path relative to its root. No string is an error.

    A sentence in the name may mention one of the `known` players by the family name.
    """
    return _read(path, Draft(known=known))


def explain_title(path: str, known: Known = KNOWN) -> Explained:
    """Return the title as `read_title` does, and a list of the parts that were read."""
    draft = Draft(readings=[], known=known)
    title = _read(path, draft)
    return Explained(title, tuple(draft.readings or ()))


def _read(path: str, draft: Draft) -> Title:
    if not is_video_path(path):
        return Title(path, ignored=True, confidence=1.0, rule="no-video")
    folder, _, name = path.rpartition("/")
    stem = stem_of(name)
    draft.machine = is_machine_name(stem)
    stem, shape = _read_name(stem, draft)
    is_identified = identifies_programme(draft)
    _read_folders(folder, draft)
    derive_fields(draft)
    rule = shape.name if shape else "machine-name" if draft.machine else "words"
    if rule == _RECORDING and draft.series is OTHER:
        draft.machine = True
    if draft.machine:
        draft.folder = folder_in_title(folder)
    words = words_of(draft)
    whole = display_title(draft, words)
    return Title(
        path,
        display_title=whole,
        short_title=short_title(draft, words, whole),
        content_key=content_key(
            draft,
            rule,
            f"{folder}/{stem}" if folder else stem,
            is_identified=is_identified or rule == _RECORDING,
        ),
        confidence=confidence_of(
            draft, shape.confidence if shape else _WORDS_CONFIDENCE, is_identified=is_identified
        ),
        rule=rule,
        **{name: value for name, value in draft.fields.items() if value is not None},
    )


def _read_name(stem: str, draft: Draft) -> tuple[str, Shape | None]:
    """Read a file name; return it without its date, and its shape if it has one."""
    if draft.machine:
        # The name stays as it is.
        draft.subject = draft.text = tidy(_PICTURE_SIZE.sub(" ", stem))
        record_date_within(stem, draft)
        return stem, None
    draft.slug = " " not in stem.strip()
    stem = take_date(stem, draft)
    draft.text = clean(stem, draft)
    shape = read_shape(draft.text, draft)
    if shape is None:
        read_words(draft.text, draft)
    return stem, shape


def _read_folders(folder: str, draft: Draft) -> None:
    for read in read_folders(folder):
        fill(draft, read)
    if folder and draft.place is None and draft.series is not None and draft.series.place_pattern is not None:
        take_place(folder.replace("/", " | "), draft)
