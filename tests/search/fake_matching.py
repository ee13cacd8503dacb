"""The matching of a Meilisearch: words, phrases, unfinished words, filters, facets and the order.

It covers what our searches use, without typing errors. `test_recorded_server.py` compares it with a real
server.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_WORDS = 10
"""Words of a query that the server reads; it ignores the rest."""

_NEVER = (1_000, 1_000)
_CONDITION = re.compile(r"(\w+) (EXISTS|IN|=|>=|<=) ?(.*)")

Document = Mapping[str, Any]
Cost = tuple[int, int]
"""The cost of a match: typing errors, and the position of the words in the list of attributes."""


@dataclass(frozen=True)
class Part:
    """A word of the query, or a phrase, whose words stand side by side. The last word may be unfinished."""

    words: tuple[str, ...]
    unfinished: bool = False
    is_phrase: bool = False


def parts_of(q: str) -> list[Part]:
    """Return the parts of a query; a word at its very end is unfinished."""
    found = list(re.finditer(r'"([^"]*)"|([^\s"]+)', q.lower()))
    return [
        Part((one[2],), unfinished=one.end() == len(q))
        if one[2]
        else Part(tuple(one[1].split()), is_phrase=True)
        for one in found
        if one[2] or one[1].strip()
    ][:_WORDS]


class Texts:
    """The searched attributes of documents, as words."""

    def __init__(self, documents: Iterable[Document], attributes: Sequence[str]) -> None:
        self._documents = list(documents)
        self._words = [[str(one.get(name) or "").split() for name in attributes] for one in self._documents]
        self._pairs = Counter(
            pair for texts in self._words for pair in {pair for text in texts for pair in pairwise(text)}
        )

    def matching(
        self, parts: Sequence[Part], synonyms: Mapping[str, Sequence[str]]
    ) -> Iterator[tuple[Document, Cost]]:
        """Yield the documents that have all parts, with what the cheapest way to match costs."""
        splits = {part: self._split(part) for part in parts}
        for document, texts in zip(self._documents, self._words, strict=True):
            if (cost := _cheapest(parts, texts, synonyms, splits)) < _NEVER:
                yield document, cost

    def _split(self, part: Part) -> Part | None:
        """Return the most frequent pair of neighbouring words that make the word without a space."""
        if part.is_phrase:
            return None
        word = part.words[0]
        pairs = [(word[:at], word[at:]) for at in range(1, len(word))]
        best = max(pairs, key=lambda pair: self._pairs[pair], default=None)
        return Part(best) if best and self._pairs[best] else None


def _cheapest(
    parts: Sequence[Part],
    texts: Sequence[Sequence[str]],
    synonyms: Mapping[str, Sequence[str]],
    splits: Mapping[Part, Part | None],
) -> Cost:
    """Return the lowest cost of matching all parts.

    Up to three neighbouring words may match a single word.
    """
    costs: list[Cost] = [(0, 0)]
    for end in range(1, len(parts) + 1):
        ways = [_added(costs[end - 1], _cost(parts[end - 1], texts, synonyms, splits))]
        for start in range(max(0, end - 3), end - 1):
            run = parts[start:end]
            if not any(part.is_phrase for part in run):
                joined = Part(("".join(part.words[0] for part in run),), run[-1].unfinished)
                ways.append(_added(costs[start], _added((len(run), 0), (0, _rank(joined, texts)))))
        costs.append(min(ways))
    return costs[-1]


def _cost(
    part: Part,
    texts: Sequence[Sequence[str]],
    synonyms: Mapping[str, Sequence[str]],
    splits: Mapping[Part, Part | None],
) -> Cost:
    ways: list[Cost] = [(0, _rank(part, texts))]
    if not part.is_phrase:
        ways += [(0, _rank(Part(tuple(other.split())), texts)) for other in synonyms.get(part.words[0], ())]
        if split := splits[part]:
            ways.append((1, _rank(split, texts)))
    return min(ways, key=lambda way: (way[1] >= _NEVER[1], way))


def _added(one: Cost, other: Cost) -> Cost:
    return _NEVER if one[1] + other[1] >= _NEVER[1] else (one[0] + other[0], one[1] + other[1])


def _rank(part: Part, texts: Sequence[Sequence[str]]) -> int:
    """Return the number of the first attribute that has the part."""
    return next((number for number, text in enumerate(texts) if _has(text, part)), _NEVER[1])


def _has(text: Sequence[str], part: Part) -> bool:
    if len(part.words) == 1:
        (word,) = part.words
        return word in text or (part.unfinished and any(one.startswith(word) for one in text))
    length = len(part.words)
    return any(tuple(text[at : at + length]) == part.words for at in range(len(text) - length + 1))


def in_order(found: Iterable[tuple[Document, Cost]]) -> list[tuple[Document, Cost]]:
    """Return the found documents in the order of `words, typo, attributeRank, year:desc, date:desc`."""
    return sorted(found, key=lambda one: order_of(*one))


def order_of(document: Document, cost: Cost) -> tuple[Any, ...]:
    """Return what a document is ordered by; without a year or a date it comes last."""
    year, date = document.get("year"), document.get("date")
    return (*cost, -year if year is not None else 1, [-ord(one) for one in date] if date else [1])


def matches(document: Document, conditions: Sequence[str | Sequence[str]]) -> bool:
    """Return whether a document fits all conditions; of a list in the list, one has to fit."""
    return all(
        _fits(document, one) if isinstance(one, str) else any(_fits(document, each) for each in one)
        for one in conditions
    )


def attributes_of(conditions: Sequence[str | Sequence[str]]) -> set[str]:
    """Return the attributes that a filter reads."""
    flat = [one for each in conditions for one in ([each] if isinstance(each, str) else each)]
    return {one.split(" ", 1)[0] for one in flat}


def _fits(document: Document, condition: str) -> bool:
    read = _CONDITION.fullmatch(condition)
    assert read is not None, condition
    name, operator, wanted = read.groups()
    held = document.get(name)
    values = held if isinstance(held, list) else [held]
    match operator:
        case "EXISTS":
            return name in document
        case "IN":
            return any(str(value) in re.split(r", *", wanted.strip("[]")) for value in values)
        case "=":
            meant = json.loads(wanted)
            return any(
                value is not None and str(value).casefold() == str(meant).casefold() for value in values
            )
        case ">=":
            return held is not None and held >= int(wanted)
        case _:
            return held is not None and held <= int(wanted)


def spread(found: Iterable[Document], names: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return the number of documents with each value, by attribute."""
    documents = list(found)
    counts = {
        name: Counter(str(one[name]) for one in documents if one.get(name) is not None) for name in names
    }
    return {name: dict(counter) for name, counter in counts.items()}
