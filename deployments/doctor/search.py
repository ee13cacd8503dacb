"""The check of `wsoptv doctor` that searches on the configured Meilisearch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deployments.doctor.check import Check

if TYPE_CHECKING:
    from meilisearch import Client
    from meilisearch.errors import MeilisearchApiError

    from orchestration.settings import Settings

_SECONDS = 3.0
_KEY = {"invalid_api_key", "missing_authorization_header"}
_REINDEX = "run `wsoptv reindex`; PostgreSQL searches meanwhile"


def meilisearch_check(settings: Settings) -> Check:
    """Search as the API does; `settings.meilisearch_url` must be set."""
    from meilisearch.errors import MeilisearchApiError, MeilisearchError

    from tasks.search.client import connect

    url, key = str(settings.meilisearch_url), settings.meilisearch_key
    client = connect(url, key.get_secret_value() if key else None, _SECONDS)
    try:
        return _searched(client, url)
    except MeilisearchApiError as error:
        return _refused(error, url)
    except (MeilisearchError, ValueError, LookupError, TypeError) as error:
        mend = "start it, or correct MEILISEARCH_URL; PostgreSQL searches meanwhile"
        return Check("meilisearch", False, f"no Meilisearch responds at {url}: {_first_line(error)}", mend)


def _searched(client: Client, url: str) -> Check:
    from catalog_models.search.index import probe
    from tasks.search import index

    (result,) = client.multi_search([probe()])["results"]
    if not all(index.is_document(hit) for hit in result["hits"]):
        return Check("meilisearch", False, f"{url}: the index holds documents of another program", _REINDEX)
    version = client.get_version()["pkgVersion"]
    differing = index.differing_settings(client)
    if differing:
        says = f"{version} at {url}: the index has other settings ({', '.join(differing)})"
        return Check("meilisearch", False, says, "run `wsoptv reindex`, or wait for the next ingest")
    return Check("meilisearch", True, f"{version} at {url}, {index.count(client):,} titles")


def _refused(error: MeilisearchApiError, url: str) -> Check:
    code = getattr(error, "code", None)
    if code in _KEY:
        mend = "set MEILISEARCH_MASTER_KEY to the key of that server; PostgreSQL searches meanwhile"
        return Check("meilisearch", False, f"{url} refuses MEILISEARCH_MASTER_KEY", mend)
    if code == "index_not_found":
        return Check("meilisearch", False, f"{url} has no index of titles", f"run an ingest, or {_REINDEX}")
    return Check("meilisearch", False, f"{url} refuses a search: {_first_line(error)}", _REINDEX)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
