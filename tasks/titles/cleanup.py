"""Remove from a name what describes only the file: endings, copy numbers, production marks and emoji."""

from __future__ import annotations

import re
from unicodedata import normalize

from tasks.titles.archive_names import VIDEO_ENDINGS
from tasks.titles.draft import Draft, Reading
from tasks.titles.vocabulary.marks import MARKS

_ENDINGS = re.compile(
    rf"(?:\.(?:{'|'.join(sorted(VIDEO_ENDINGS, key=len, reverse=True))}))+\Z", re.IGNORECASE
)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]+")
# A microphone, then the name of the commentator.
_COMMENTATOR = re.compile("\U0001f399.*")
_PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d]+")
_ADVERTS = re.compile(
    r"\blive from king['’]?s\b|(?<!\S)#[a-z]\w*|\[[^\]]*(?:\bprize|\d[km]\b|,\d{3})[^\]]*\]", re.IGNORECASE
)
_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-"})
_COPIES = re.compile(r"(?:\s*\(\d{1,2}\)|-\d{3}|_\d{9,})+\Z")
_RUNNING = re.compile(r"\A\d{1,2}_(?=20\d\d)")
_MARK = re.compile(
    rf"(?<![A-Za-z0-9])(?:{'|'.join(pattern for _name, pattern in MARKS)})(?![A-Za-z0-9])", re.IGNORECASE
)
_EMPTY = re.compile(r"[(\[]\s*[)\]]")
_INVENTORY = re.compile(r"(?<![A-Za-z0-9])es[mo]?\d{6,}", re.IGNORECASE)
# Characters. No file system has longer names, and the patterns are slow on longer texts.
_LONGEST_NAME = 1024
_SPACES = re.compile(r"[\s_]+")
_EDGES = " -_.,:;|"

VARIANTS = (
    ("clean", re.compile(r"(?<![A-Za-z0-9])clean(?![A-Za-z0-9])|클린본", re.IGNORECASE)),
    ("program", re.compile(r"(?<![A-Za-z0-9])pgm(?![A-Za-z0-9])", re.IGNORECASE)),
    ("no_commentary", re.compile(r"[_ ]nc\Z|(?<![A-Za-z])no commentary(?![A-Za-z])", re.IGNORECASE)),
    ("mastered", re.compile(r"(?<![A-Za-z0-9])mastered(?![A-Za-z0-9])", re.IGNORECASE)),
    ("generic", re.compile(r"(?<![A-Za-z0-9])generics?(?=[_ ]*(?:es|gmpo|\Z))", re.IGNORECASE)),
    ("master", re.compile(r"(?<![A-Za-z0-9])masters?(?=[_ ]*(?:es|gmpo|\Z))", re.IGNORECASE)),
)
_VARIANT_HINT = re.compile(r"clean|클린본|pgm|nc\Z|comment|master|generic", re.IGNORECASE)


def stem_of(name: str) -> str:
    """Return a file name as composed text (NFC; macOS writes Korean decomposed), without its endings."""
    if not name.isascii():
        name = _UNPRINTABLE.sub(" ", normalize("NFC", name).translate(_QUOTES))
    elif not name.isprintable():
        name = _UNPRINTABLE.sub(" ", name)
    return _ENDINGS.sub("", name[-_LONGEST_NAME:])


def clean(stem: str, draft: Draft) -> str:
    """Return the remaining words; the variant and the inventory number are stored in the draft."""
    if not stem.isascii():
        stem = _PICTURES.sub(" ", _COMMENTATOR.sub("", stem)).strip()
    text = _RUNNING.sub("", _COPIES.sub("", stem))
    if _VARIANT_HINT.search(text):
        text = _variant(text, draft)
    if draft.readings is not None:
        draft.readings += [Reading("mark", found.group(), {}) for found in _MARK.finditer(text)]
    text, marked = _MARK.subn(" ", text)
    if marked and (found := _INVENTORY.search(stem)):
        draft.inventory = found.group().upper()
    if "#" in text or "[" in text or "live" in text:
        text = _ADVERTS.sub(" ", text)
    return tidy(_EMPTY.sub(" ", text) if marked else text)


def _variant(text: str, draft: Draft) -> str:
    """Store the first variant that is named, and remove the words of all."""
    for variant, pattern in VARIANTS:
        if found := pattern.search(text):
            draft.record("variant", found.group().strip(" _"), variant=variant)
            text = _COPIES.sub("", pattern.sub(" ", text).rstrip())
    return text


def tidy(text: str) -> str:
    """Return a text with single spaces, without underscores, and without separators at the ends."""
    return _SPACES.sub(" ", text).strip(_EDGES)
