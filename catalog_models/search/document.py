"""The search document of a title: its columns as words, in parts of different weight. Pure.

The statement that writes a title also writes its document (`Content.describe`, `writes/contents.create`). The
database makes the search vector of it: weight A for the title, B for the other fields, C for the path. The
names of the players are a column of their own, for the filter of that name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from catalog_models.search.korean import other_spacings
from catalog_models.search.text import amount_forms, joined_numbers, parts_of_name, tokens
from catalog_models.search.vocabulary import BRANDS, GAMES, PEOPLE, PHRASES, REGIONS
from catalog_models.values import TITLE_FIELDS

SOURCES = (
    "title",
    "short_title",
    "description",
    "file_path",
    *(name for name in TITLE_FIELDS if name != "currency"),
)
"""The columns of `contents` that a document is made of."""

# The most different words of one part: a description may be long.
_MOST = 1_000

# Nouns, and the columns of their numbers.
_COUNTS = {
    "event": "event_number",
    "part": "part",
    "season": "season",
    "episode": "episode",
    "hand": "hand_number",
}


class Document(NamedTuple):
    """Four columns of `contents`: three parts and the names of the players.

    A part consists of different words with single spaces between them, and may be empty.
    """

    search_title: str
    search_fields: str
    search_path: str
    search_players: list[str]


def document_of(columns: Mapping[str, Any]) -> Document:
    """Return the search document of a title with these columns; a missing column counts as None."""
    title = tokens(columns.get("title") or "")
    texts = list(_texts(columns))
    fields = [*_named(columns), *_numbered(columns), *(word for text in texts for word in tokens(text))]
    path = columns.get("file_path") or ""
    all_words = f" {' '.join(title)} {' '.join(fields)} "
    return Document(
        _joined([*title, *joined_numbers(title), *other_spacings(columns.get("title") or "")]),
        _joined(
            [*fields, *joined_numbers(fields), *_other_words(all_words), *chain(*map(other_spacings, texts))]
        ),
        _joined([*tokens(path), *other_spacings(path)]),
        list(dict.fromkeys(part for name in columns.get("players") or () for part in parts_of_name(name))),
    )


def _joined(words: Iterable[str]) -> str:
    return " ".join(list(dict.fromkeys(words))[:_MOST])


def _named(columns: Mapping[str, Any]) -> Iterator[str]:
    """Yield the words that codes stand for; for a code without other names (`final_table`), its own words."""
    for name, vocabulary in (("brand", BRANDS), ("region", REGIONS), ("game", GAMES)):
        if code := columns.get(name):
            yield from vocabulary.get(code, " ".join(tokens(code))).split()
    for name in ("event_type", "stage", "content_type"):
        if (code := columns.get(name)) and code != "other":
            yield from tokens(code)


def _numbered(columns: Mapping[str, Any]) -> Iterator[str]:
    if year := columns.get("year"):
        yield str(year)
    if buy_in := columns.get("buy_in"):
        yield from amount_forms(buy_in)
    if day := columns.get("day"):
        yield from ("day", *tokens(str(day)))
    for name, column in _COUNTS.items():
        if (number := columns.get(column)) is not None:
            yield from (name, str(number))
    if (episode := columns.get("episode")) is not None:
        yield from ("ep", f"ep{episode}", f"e{episode}")


def _texts(columns: Mapping[str, Any]) -> Iterator[str]:
    for name in ("event_name", "short_title", "description"):
        yield columns.get(name) or ""
    for name in ("players", "hands"):
        yield from (text for text in columns.get(name) or () if text)


def _other_words(all_words: str) -> Iterator[str]:
    """Yield what people type for words of the title: abbreviations, and names in Korean."""
    for phrase, others in PHRASES.items():
        if f" {phrase} " in all_words:
            yield from others.split()
    for name, others in PEOPLE.items():
        if f" {name} " in all_words:
            yield from others.split()
