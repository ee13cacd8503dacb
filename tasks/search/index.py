"""The index: made with its settings, filled, emptied, swapped for a fresh one, compared with what it should hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from meilisearch import Client
from meilisearch.errors import MeilisearchApiError
from meilisearch.models.task import TaskInfo

from catalog_models.search_index import (
    FILTERABLE,
    INDEX,
    PRIMARY_KEY,
    SEARCHABLE,
    SORTABLE,
    VERSION,
    version_of,
)
from catalog_models.search_vocabulary import GAMES
from tasks.search.client import finish

_PAGE = 1_000  # documents that are read at once
_MOST_HITS = 100_000  # as far as one can page

Document = Mapping[str, Any]


def settings() -> dict[str, Any]:
    """How the index searches: as PostgreSQL does, as far as it can. Numbers are never taken for mistyped ones."""
    return {
        "searchableAttributes": list(SEARCHABLE),
        "filterableAttributes": list(FILTERABLE),
        "sortableAttributes": list(SORTABLE),
        "rankingRules": ["words", "typo", "attribute", "year:desc", "date:desc", "proximity", "exactness"],
        "typoTolerance": {
            "enabled": True,
            "disableOnNumbers": True,
            "minWordSizeForTypos": {"oneTypo": 4, "twoTypos": 8},
        },
        "synonyms": _synonyms(),
        "pagination": {"maxTotalHits": _MOST_HITS},
        "faceting": {"sortFacetValuesBy": {"*": "count"}},
    }


def _synonyms() -> dict[str, list[str]]:
    """Documents have their other names as words of their own; these are for who types a game's code."""
    return {
        code.lower(): [words] for code, words in GAMES.items() if code.isalpha() and words != code.lower()
    }


def document(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a title with these columns of `contents`."""
    made: dict[str, Any] = {name: columns[name] for name in ("title", *SEARCHABLE, *FILTERABLE)}
    made |= {name: made[name] and str(made[name]) for name in ("series_id",)}
    date = columns["date"]
    return {
        **made,
        PRIMARY_KEY: str(columns["id"]),
        "date": date.isoformat() if date else None,
        VERSION: version_of(columns["updated_at"]),
    }


def exists(client: Client, name: str = INDEX) -> bool:
    """Whether the server has an index of this name."""
    try:
        client.get_raw_index(name)
    except MeilisearchApiError as error:
        if error.code != "index_not_found":
            raise
        return False
    return True


def make(client: Client, name: str) -> None:
    """An empty index with our settings; one of this name that a killed run left is dropped first."""
    drop(client, name)
    finish(client, client.create_index(name, {"primaryKey": PRIMARY_KEY}))
    finish(client, client.index(name).update_settings(settings()))


def drop(client: Client, name: str) -> None:
    """Delete an index, if there is one."""
    if exists(client, name):
        finish(client, client.delete_index(name))


def push(client: Client, documents: Sequence[Document], gone: Sequence[str] = (), name: str = INDEX) -> None:
    """Put documents in place of those with their ids, take out those with the ids `gone`; done when it returns."""
    index = client.index(name)
    tasks = [index.add_documents(list(documents), PRIMARY_KEY)] if documents else []
    tasks += [index.delete_documents(filter=f"{PRIMARY_KEY} IN [{', '.join(gone)}]")] if gone else []
    finish(client, *tasks)


def expect_something_to_swap(client: Client) -> None:
    """An index to be swapped out: an empty one where there is none yet."""
    if not exists(client):
        finish(client, client.create_index(INDEX, {"primaryKey": PRIMARY_KEY}))


def swap(client: Client, fresh: str) -> TaskInfo:
    """Begin to search in `fresh`, and to keep there what was searched before. Searches meet one or the other."""
    return client.swap_indexes([{"indexes": [INDEX, fresh]}])


def versions(client: Client, name: str = INDEX) -> dict[str, str]:
    """What the index holds: the version of each document by its id. Others may write to it meanwhile: then a document may be
    met twice, or not at all."""
    held: dict[str, str] = {}
    offset = 0
    while True:
        page = client.index(name).get_documents(
            {"fields": [PRIMARY_KEY, VERSION], "limit": _PAGE, "offset": offset}
        )
        held |= {getattr(found, PRIMARY_KEY): getattr(found, VERSION) for found in page.results}
        offset += len(page.results)
        if not page.results or offset >= page.total:
            return held


@dataclass(frozen=True, slots=True)
class Drift:
    """How far an index is from the tables: titles that it lacks, has too many, has as they were before."""

    missing: int
    surplus: int
    stale: int

    @property
    def none(self) -> bool:
        """Whether it holds just what it should."""
        return not (self.missing or self.surplus or self.stale)


def compare(held: Mapping[str, str], wanted: Mapping[str, str]) -> Drift:
    """The drift of what is held from what is wanted, both versions by ids."""
    return Drift(
        missing=len(wanted.keys() - held.keys()),
        surplus=len(held.keys() - wanted.keys()),
        stale=sum(held[key] != wanted[key] for key in held.keys() & wanted.keys()),
    )
