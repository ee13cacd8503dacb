"""Remove from a name what describes only the file: endings, copy numbers, production marks and emoji."""

from __future__ import annotations

import re
from unicodedata import normalize

from tasks.titles.archive_names import VIDEO_ENDINGS
from tasks.titles.draft import Draft, Reading
from tasks.titles.vocabulary.codes import CODE_WORDS
from tasks.titles.vocabulary.marks import MACHINES, MARKS, TECHNICAL

_ENDINGS = re.compile(
    rf"(?:\.(?:{'|'.join(sorted(VIDEO_ENDINGS, key=len, reverse=True))}))+\Z", re.IGNORECASE
)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]+")
# A microphone, then the name of the commentator.
_COMMENTATOR = re.compile("\U0001f399.*")
_PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d]+")
_ADVERTS = re.compile(
    r"\blive from king['’]?s\b|(?<!\S)#(?-i:[a-z])\w*|\[[^\]]*(?:\bprize|\d[km]\b|,\d{3})[^\]]*\]",
    re.IGNORECASE,
)
_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-"})
_COPIES = re.compile(r"(?:\s*\(\d{1,2}\)|-\d{3}|[\s_-]+\d{8,})+\Z")
_COPY_ENDS = frozenset("0123456789)")
# An inventory number; a date was removed before.
_NUMBERED = re.compile(r"\A\d{8}[\s_-]+")
_DOT = re.compile(r"(?P<amount>[$€£]\d+\.\d+|(?<![A-Za-z0-9])\d\.\d[KM](?![A-Za-z0-9]))|\.", re.IGNORECASE)
_GROUP = re.compile(rf"(?<![A-Za-z0-9])((?:{'|'.join(TECHNICAL)}))-[A-Za-z0-9]+\Z", re.IGNORECASE)
_MACHINE = re.compile(rf"(?:{MACHINES})(?: ?\(\d\))?".lower())
_LETTERS = re.compile(r"[^\W\d_]")
_RUNNING = re.compile(r"\A\d{1,2}_(?=20\d\d)")
_MARK = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(MARKS)})(?![a-z0-9])")
_EMPTY = re.compile(r"[(\[]\s*[)\]]")
_INVENTORY = re.compile(r"(?<![A-Za-z0-9])es[mo]?\d{6,}", re.IGNORECASE)
# Characters. No file system has longer names, and the patterns are slow on longer texts.
_LONGEST_NAME = 1024
_SPACES = re.compile(r"[\s_]+")
_EDGES = " -_.,:;|"

VARIANTS = (
    ("clean", re.compile(r"(?<![A-Za-z0-9])clean(?![A-Za-z0-9])|클린본?", re.IGNORECASE)),
    ("program", re.compile(r"(?<![A-Za-z0-9])pgm(?![A-Za-z0-9])", re.IGNORECASE)),
    ("no_commentary", re.compile(r"[_ -]nc\Z|(?<![A-Za-z])no commentary(?![A-Za-z])", re.IGNORECASE)),
    ("mastered", re.compile(r"(?<![A-Za-z0-9])mastered(?![A-Za-z0-9])", re.IGNORECASE)),
    ("generic", re.compile(r"(?<![A-Za-z0-9])generics?(?=[_ ]*(?:es|gmpo|\Z)|[_.-])", re.IGNORECASE)),
    (
        "master",
        re.compile(r"(?<![A-Za-z0-9])(?<!poker[\s_.-])masters?(?=[_ ]*(?:es|gmpo|\Z)|[_.-])", re.IGNORECASE),
    ),
)
_VARIANT_HINTS = ("clean", "클린", "pgm", "nc", "comment", "master", "generic")


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
    text = _NUMBERED.sub("", _RUNNING.sub("", stem)) if stem[:1].isdigit() else stem
    if text[-1:] in _COPY_ENDS:
        text = _COPIES.sub("", text)
    if draft.slug and "." in text:
        text = _DOT.sub(_undotted, _GROUP.sub(r"\1", text))
    low = text.lower()
    if any(hint in low for hint in _VARIANT_HINTS):
        text = _variant(text, draft)
    text, marked = _without_marks(text, draft)
    if marked and (found := _INVENTORY.search(stem)):
        draft.inventory = found.group().upper()
    if "#" in text or "[" in text or "live" in text:
        text = _ADVERTS.sub(" ", text)
    text = tidy(_EMPTY.sub(" ", text) if marked else text)
    draft.coded = draft.slug or text.isupper() or all(map(_is_code, text.lower().split()))
    return text


def _without_marks(text: str, draft: Draft) -> tuple[str, bool]:
    """Return a text without production marks, and whether it had any.

    The search is in lower case, which is faster than a search that ignores case.
    """
    low = text.lower()
    if len(low) != len(text):
        # İ has two characters in lower case.
        text = low
    pieces, last = [], 0
    for found in _MARK.finditer(low):
        start, end = found.span()
        pieces.append(text[last:start])
        last = end
        if draft.readings is not None:
            draft.readings.append(Reading("mark", text[start:end], {}))
    return (" ".join((*pieces, text[last:])), True) if pieces else (text, False)


def _is_code(token: str) -> bool:
    """Return whether a lower-case word is a code, or has a digit."""
    return token in CODE_WORDS or not token.isalpha()


def _undotted(found: re.Match[str]) -> str:
    return found["amount"] or "_"


def is_machine_name(stem: str) -> bool:
    """Return whether a camera, a recorder or a program gave this name."""
    return _MACHINE.fullmatch(stem.strip().lower()) is not None


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
