"""The flow `reindex-search`."""

from __future__ import annotations

from prefect import State, flow


@flow(name="reindex-search")
def reindex_search() -> State[None]:
    """Build the search index anew."""
    raise NotImplementedError
