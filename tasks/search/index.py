"""The search index: create it with its settings, fill it, swap it, and compare it with the tables."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from meilisearch import Client
from meilisearch.errors import MeilisearchApiError
from meilisearch.models.document import DocumentsResults
from meilisearch.models.task import TaskInfo

from catalog_models.search.index import (
    FILTERABLE,
    INDEX,
    PRIMARY_KEY,
    SEARCHABLE,
    SORTABLE,
    VERSION,
    version_of,
)
from catalog_models.search.vocabulary import GAMES
from tasks.search.client import finish

SAMPLE = 1_000
"""The number of documents that are compared with the tables after each ingest."""

# Documents per request.
_PAGE = 1_000
# The maximum for paging.
_MOST_HITS = 100_000

Document = Mapping[str, Any]


def server_version(client: Client) -> tuple[int, int]:
    """Return the major and minor version of the server."""
    found = re.match(r"(\d+)\.(\d+)", str(client.get_version()["pkgVersion"]))
    return (int(found[1]), int(found[2])) if found else (0, 0)


def settings(version: tuple[int, int]) -> dict[str, Any]:
    """Return settings that make a server of this version search as PostgreSQL does, as far as possible.

    The API corrects typing errors itself. The server's own tolerance would also find `1b` for `1a`.
    """
    return {
        "searchableAttributes": list(SEARCHABLE),
        "filterableAttributes": list(FILTERABLE),
        "sortableAttributes": list(SORTABLE),
        "rankingRules": _ranking_rules(version),
        "typoTolerance": {"enabled": False},
        "synonyms": _synonyms(),
        "pagination": {"maxTotalHits": _MOST_HITS},
        "faceting": {"sortFacetValuesBy": {"*": "count"}},
    }


def _ranking_rules(version: tuple[int, int]) -> list[str]:
    """Return the ranking rules: titles with the words in their name first, then the newest.

    `attribute` includes the position of a word in its text, so later rules seldom decide.
    """
    newest = ["year:desc", "date:desc"]
    if version < _SPLIT_ATTRIBUTE:
        return ["words", "typo", "attribute", *newest, "proximity", "exactness"]
    return ["words", "typo", "attributeRank", *newest, "wordPosition", "proximity", "exactness"]


# The first version with `attributeRank` and `wordPosition`.
_SPLIT_ATTRIBUTE = (1, 36)


def _synonyms() -> dict[str, list[str]]:
    """Return synonyms for game codes that users type. Other names are words of the documents themselves."""
    return {
        code.lower(): [words] for code, words in GAMES.items() if code.isalpha() and words != code.lower()
    }


def document(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of a title with these columns of `contents`."""
    made: dict[str, Any] = {name: columns[name] for name in ("title", *SEARCHABLE, *FILTERABLE)}
    made |= {name: made[name] and str(made[name]) for name in ("series_id",)}
    date = columns["date"]
    return {
        **made,
        PRIMARY_KEY: str(columns["id"]),
        "date": date.isoformat() if date else None,
        VERSION: version_of(columns["updated_at"]),
    }


def is_document(hit: Mapping[str, Any]) -> bool:
    """Return whether a document is one of ours: its key looks like the id of a title."""
    try:
        return bool(uuid.UUID(hit[PRIMARY_KEY]))
    except (KeyError, ValueError, AttributeError, TypeError):
        return False


def exists(client: Client, name: str = INDEX) -> bool:
    """Return whether the server has an index of this name."""
    try:
        client.get_raw_index(name)
    except MeilisearchApiError as error:
        if error.code != "index_not_found":
            raise
        return False
    return True


def make(client: Client, name: str) -> None:
    """Create an empty index with our settings; drop one that a killed run left first."""
    drop(client, name)
    finish(client, client.create_index(name, {"primaryKey": PRIMARY_KEY}))
    finish(client, client.index(name).update_settings(settings(server_version(client))))


def differing_settings(client: Client, name: str = INDEX) -> dict[str, Any]:
    """Return the settings that differ in the index, such as after an upgrade, with the right values."""
    held = client.http.get(f"indexes/{name}/settings")
    wanted = settings(server_version(client))
    return {key: value for key, value in wanted.items() if not _holds(held.get(key), value, key)}


def update_settings(client: Client, name: str = INDEX) -> list[str]:
    """Change the settings that differ in the index; return their names."""
    differing = differing_settings(client, name)
    if differing:
        finish(client, client.index(name).update_settings(differing))
    return sorted(differing)


_UNORDERED = ("filterableAttributes", "sortableAttributes")


def _holds(held: Any, wanted: Any, key: str) -> bool:
    """Return whether a setting has the wanted value. The server adds defaults, and sorts sets."""
    if key == "synonyms":
        return bool(held == wanted)
    if isinstance(wanted, dict):
        return isinstance(held, dict) and all(
            _holds(held.get(name), one, name) for name, one in wanted.items()
        )
    if key in _UNORDERED:
        return isinstance(held, list) and sorted(map(str, held)) == sorted(wanted)
    return bool(held == wanted)


def drop(client: Client, name: str) -> None:
    """Delete an index if it exists."""
    if exists(client, name):
        finish(client, client.delete_index(name))


def push(client: Client, documents: Sequence[Document], gone: Sequence[str] = (), name: str = INDEX) -> None:
    """Replace or add documents, delete those with the ids `gone`, and wait until the server has finished."""
    finish(client, *send(client, documents, gone, name))


def send(
    client: Client, documents: Sequence[Document], gone: Sequence[str] = (), name: str = INDEX
) -> list[TaskInfo]:
    """Make the server replace or add documents, and delete those with the ids `gone`. Return its tasks."""
    index = client.index(name)
    tasks = [index.add_documents(list(documents), PRIMARY_KEY)] if documents else []
    return tasks + ([index.delete_documents(filter=_among(gone))] if gone else [])


def _among(ids: Collection[str]) -> str:
    return f"{PRIMARY_KEY} IN [{', '.join(ids)}]"


def expect_something_to_swap(client: Client) -> None:
    """Create an empty index to swap if none exists."""
    if not exists(client):
        finish(client, client.create_index(INDEX, {"primaryKey": PRIMARY_KEY}))


def swap(client: Client, fresh: str) -> TaskInfo:
    """Start to swap the index with `fresh`. A search sees either the old or the new one."""
    return client.swap_indexes([{"indexes": [INDEX, fresh]}])


def versions(client: Client, name: str = INDEX) -> dict[str, str]:
    """Return the version of each document of the index by its id.

    If other processes write to the index meanwhile, a document may be missed.
    """
    held: dict[str, str] = {}
    offset = 0
    while True:
        page = client.index(name).get_documents(
            {"fields": [PRIMARY_KEY, VERSION], "limit": _PAGE, "offset": offset}
        )
        held |= _versions(page)
        offset += len(page.results)
        if not page.results or offset >= page.total:
            return held


def count(client: Client, name: str = INDEX) -> int:
    """Return the number of documents in the index."""
    return int(client.index(name).get_documents({"fields": [PRIMARY_KEY], "limit": 1}).total)


def versions_of(client: Client, ids: Sequence[str]) -> dict[str, str]:
    """Return the versions of these documents, at most `SAMPLE`, by their ids."""
    asked = {"fields": [PRIMARY_KEY, VERSION], "limit": SAMPLE, "filter": _among(ids)}
    return _versions(client.index(INDEX).get_documents(asked)) if ids else {}


def _versions(page: DocumentsResults) -> dict[str, str]:
    # A document of another program has no version.
    return {str(getattr(found, PRIMARY_KEY)): getattr(found, VERSION, "") for found in page.results}


@dataclass(frozen=True, slots=True)
class Differences:
    """The ids of titles that are missing from an index, surplus in it, or outdated."""

    missing: frozenset[str]
    surplus: frozenset[str]
    stale: frozenset[str]

    def all(self) -> frozenset[str]:
        """Return all of these ids."""
        return self.missing | self.surplus | self.stale


@dataclass(frozen=True, slots=True)
class Drift:
    """The difference between an index and the tables: the numbers of missing, surplus and outdated titles."""

    missing: int
    surplus: int
    stale: int

    @property
    def none(self) -> bool:
        """Return whether the index matches the tables."""
        return not (self.missing or self.surplus or self.stale)


def differences(held: Mapping[str, str], wanted: Mapping[str, str]) -> Differences:
    """Return the differences between the versions in an index and those wanted, each by id."""
    return Differences(
        frozenset(wanted.keys() - held.keys()),
        frozenset(held.keys() - wanted.keys()),
        frozenset(key for key in held.keys() & wanted.keys() if held[key] != wanted[key]),
    )


def compare(held: Mapping[str, str], wanted: Mapping[str, str]) -> Drift:
    """Return the drift of the versions in an index from those wanted, each by id."""
    found = differences(held, wanted)
    return Drift(len(found.missing), len(found.surplus), len(found.stale))
