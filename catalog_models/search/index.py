"""The index of the search server: its name, and the fields of its documents. Pure."""

from __future__ import annotations

import datetime as dt
from typing import Any

INDEX = "titles"
PRIMARY_KEY = "id"

SEARCHABLE = ("search_title", "search_fields", "search_path")
"""The parts of a document, the most important first; columns of `contents`."""

FILTERABLE = (
    PRIMARY_KEY,
    "status",
    "brand",
    "region",
    "year",
    "event_type",
    "game",
    "stage",
    "content_type",
    "quality",
    "series_id",
    "search_players",
)
"""Columns of `contents` by which the server can filter."""

SORTABLE = ("year", "date", "title")

VERSION = "version"
"""The field with the `updated_at` (ISO 8601, UTC) of the row that a document was made of."""


def version_of(updated_at: dt.datetime) -> str:
    """Return the version of a document whose row has this `updated_at`."""
    return updated_at.astimezone(dt.UTC).isoformat()


def probe() -> dict[str, Any]:
    """Return a search that succeeds only if all searches can.

    The server refuses it if the key is wrong, if the index is missing, or if the settings of the index lack a
    filter or a searched attribute.
    """
    return {
        "indexUid": INDEX,
        "q": "poker",
        "limit": 1,
        "filter": [[f"{name} EXISTS" for name in FILTERABLE]],
        "attributesToSearchOn": list(SEARCHABLE),
        "attributesToRetrieve": [PRIMARY_KEY],
    }
