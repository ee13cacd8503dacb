"""Group files into programmes, choose the file that plays, and give the reason.

Pure: values in, values out; `regroup` stores the decisions.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog_models.values import HIDDEN, MARKS, Playability
from tasks.titles import BRAND_TITLES

_ORDER = {Playability.DIRECT: 0, Playability.REMUX: 1, Playability.TRANSCODE: 2, Playability.BROKEN: 3}
_WORDS = {
    Playability.DIRECT: "plays as it is",
    Playability.REMUX: "needs another container to play",
    Playability.TRANSCODE: "must be encoded again to play",
    Playability.BROKEN: "cannot be played",
}
_QUALITIES = (("4k", 2160, 3840), ("hd", 720, 1280))
# Viewers prefer the cut that went on air, then unmarked files, then versions for editors.
_VARIANTS = ("program", "mastered", None, "generic", "master", "clean", "no_commentary")


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """A file as the catalogue sees it: pixels, seconds, bits per second.

    `usable`: present, read and not quarantined. `pinned`: a moderator chose its title.
    """

    id: uuid.UUID
    path_text: str
    content_key: str
    content_id: uuid.UUID | None
    usable: bool
    present: bool
    playability: Playability | None
    variant: str | None
    height: int | None
    bit_rate: int | None
    duration_seconds: float | None
    title: Mapping[str, Any]
    pinned: bool = False
    has_rendition: bool = False
    width: int | None = None

    @property
    def plays_as(self) -> Playability | None:
        """Return how well a browser plays the file, or its rendition."""
        return Playability.DIRECT if self.has_rendition else self.playability


@dataclass(frozen=True, slots=True)
class Programme:
    """The intended contents of a title of the catalogue.

    `best` is None if none of its files can be shown. `hidden`: a moderator hid it.
    """

    content_key: str
    files: tuple[CatalogueFile, ...]
    best: CatalogueFile | None
    reason: str | None
    status: str
    quality: str | None
    title: Mapping[str, Any]
    series: str | None
    hidden: bool = False


def group(files: Iterable[CatalogueFile]) -> list[Programme]:
    """Return the programmes of these files, in the order of their keys."""
    by_key: dict[str, list[CatalogueFile]] = defaultdict(list)
    for file in files:
        by_key[file.content_key].append(file)
    return [_programme(key, by_key[key]) for key in sorted(by_key)]


def _programme(key: str, files: Sequence[CatalogueFile]) -> Programme:
    ranked = sorted(files, key=_rank)
    best = ranked[0] if ranked[0].usable else None
    title = max(ranked, key=_informative).title
    return Programme(
        content_key=key,
        files=tuple(ranked),
        best=best,
        reason=_reason(best, len(ranked)) if best else None,
        status=_status(best),
        quality=_quality(best) if best else None,
        title=title,
        series=_series(title),
    )


def _informative(file: CatalogueFile) -> tuple[float, int]:
    """Return how much a file's name says about the programme: its confidence, then the number of fields."""
    return float(file.title.get("confidence") or 0), sum(value is not None for value in file.title.values())


def _rank(file: CatalogueFile) -> tuple[Any, ...]:
    playability = _ORDER.get(file.plays_as, 3) if file.plays_as else 3
    variant = _VARIANTS.index(file.variant) if file.variant in _VARIANTS else len(_VARIANTS)
    size = (-(file.height or 0), -(file.bit_rate or 0))
    return (not file.usable, playability, variant, file.has_rendition, *size, file.path_text)


def _reason(best: CatalogueFile, count: int) -> str:
    said = [_words(best)]
    said += [f"{best.height} lines"] if best.height else []
    said += [f"{best.variant.replace('_', ' ')} cut"] if best.variant else []
    return f"{'the only file' if count == 1 else f'the best of {count} files'}: {', '.join(said)}"


def _words(best: CatalogueFile) -> str:
    if best.has_rendition:
        return "plays as a rendition"
    return _WORDS[best.playability] if best.playability else "not read yet"


def _status(best: CatalogueFile | None) -> str:
    if best is None:
        return "gone"
    return "ready" if best.plays_as is Playability.DIRECT else "preparing"


def _quality(best: CatalogueFile) -> str | None:
    """Return the quality by either side of the picture: 3840 × 1600 is 4K, and so is 2160 × 3840."""
    if best.height is None:
        return None
    short, long = sorted((best.height, best.width or best.height))
    return next((name for name, lines, columns in _QUALITIES if short >= lines or long >= columns), "sd")


_LONGEST_SHORT_TITLE = 50
# Columns that have another name in a title as read from a path.
_AS_READ = {"title": "display_title"}


def edit(programme: Programme, edits: Mapping[str, Any]) -> Programme:
    """Return the programme with a moderator's edits (by column). Its series follows from them."""
    if not edits:
        return programme
    fields = {_AS_READ.get(name, name): value for name, value in edits.items() if name not in MARKS}
    title = {**programme.title, **fields}
    if "title" in edits and "short_title" not in edits:
        title["short_title"] = _card(edits["title"])
    return replace(programme, title=title, series=_series(title), hidden=bool(edits.get(HIDDEN)))


def _card(title: str) -> str:
    return title if len(title) <= _LONGEST_SHORT_TITLE else title[: _LONGEST_SHORT_TITLE - 1].rstrip() + "…"


_REGIONS = {
    "europe": " Europe",
    "paradise": " Paradise",
    "apac": " APAC",
    "circuit": " Circuit",
    "super_circuit": " Super Circuit",
}


def _series(title: Mapping[str, Any]) -> str | None:
    brand, year = title.get("brand"), title.get("year")
    if not brand or brand == "OTHER":
        return None
    return f"{BRAND_TITLES.get(brand, brand)}{_REGIONS.get(title.get('region') or '', '')}{f' {year}' if year else ''}"


def adopt(programmes: Sequence[Programme], by_key: Mapping[str, uuid.UUID]) -> dict[str, uuid.UUID]:
    """Return the known title of each programme, by its key. A programme without one is new.

    What users did with a title follows its files. A programme keeps the title of its key (`by_key`) while one
    of its files shows that title. Otherwise it takes the title that only its files have shown: they were
    renamed. If its files were never shown, it takes the title that had its key before: they returned. A file
    that a moderator assigned counts even while it is missing.
    """
    own = {programme.content_key: _shown(programme) for programme in programmes}
    shown_by = Counter(content_id for shown in own.values() for content_id in shown)
    adopted = {key: by_key[key] for key, shown in own.items() if by_key.get(key) in shown}
    for key, shown in own.items():
        free = sorted(shown - set(adopted.values()))
        if key not in adopted and (alone := [content_id for content_id in free if shown_by[content_id] == 1]):
            adopted[key] = alone[0]
    for key in own:
        if key not in adopted and key in by_key and by_key[key] not in shown_by:
            adopted[key] = by_key[key]
    return adopted


def _shown(programme: Programme) -> set[uuid.UUID]:
    return {file.content_id for file in programme.files if (file.present or file.pinned) and file.content_id}
