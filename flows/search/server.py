"""The search server that the settings name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from orchestration.settings import Settings

if TYPE_CHECKING:
    from meilisearch import Client

P = ParamSpec("P")
T = TypeVar("T")

STAGE = "index"

PAUSE = 0.5
"""Seconds between the first two tries of a request; each further pause is twice as long."""


class SearchServer:
    """A connection to the server at MEILISEARCH_URL, which must be set. Loads the client's library.

    `deadline`: seconds that each response may take.
    """

    def __init__(self, settings: Settings, *, pause: float = PAUSE, deadline: float = 30.0) -> None:
        from tasks.search.client import connect

        key = settings.meilisearch_key
        self._client = connect(
            str(settings.meilisearch_url), key.get_secret_value() if key else None, deadline
        )
        self._pause = pause

    def call(self, request: Callable[Concatenate[Client, P], T], *arguments: P.args, **named: P.kwargs) -> T:
        """Return the result of a request, which is repeated while the server does not respond.

        The request must be safe to repeat. Raise `SearchUnreachableError` after five tries,
        `SearchStalledError` if the server makes no progress, and `SearchServerError` if it refuses or fails.
        """
        from tasks.search.client import with_retries

        return with_retries(lambda: request(self._client, *arguments, **named), self._pause)

    def call_once(
        self, request: Callable[Concatenate[Client, P], T], *arguments: P.args, **named: P.kwargs
    ) -> T:
        """Return the result of a request that is made only once."""
        from tasks.search.client import with_retries

        return with_retries(lambda: request(self._client, *arguments, **named), self._pause, tries=1)
