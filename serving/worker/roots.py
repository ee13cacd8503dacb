"""The folders and buckets that runs started by the API may read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Root
from orchestration.allowed_roots import is_allowed
from serving.worker.errors import ParametersRefusedError, RootNotAllowedError

_SECONDS = 5.0
_NAMED = "root"
# The `format` of `flows.observed.parameters.Folder` in a schema.
_MARK = "folder"


@dataclass(frozen=True, slots=True)
class AllowedRoots:
    """The roots of `WSOPTV_ROOTS`. If it is not set, `archives` and the roots of the catalogue.

    `archives` are those of `NAS_MOUNT_PATH` and `AWS_S3_BUCKET`.
    """

    named: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()

    async def expect(
        self, session: AsyncSession, parameters: Mapping[str, Any], schema: Mapping[str, Any]
    ) -> None:
        """Raise `RootNotAllowedError` if a parameter names a folder or bucket outside of these roots."""
        locations = list(_locations(parameters, schema))
        if locations:
            roots = self.named or (*self.archives, *await session.scalars(select(Root.path)))
            for location in locations:
                if not await _is_allowed(location, roots):
                    raise RootNotAllowedError(location)


def _locations(parameters: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parameters that are locations. Raises `ParametersRefusedError` if one is not text.

    Empty text is skipped, because the schema refuses it.
    """
    for name, value in parameters.items():
        if _is_location(name, schema) and value not in (None, ""):
            if not isinstance(value, str):
                raise ParametersRefusedError(
                    f"The flow does not accept these parameters: '{name}' must be text."
                )
            yield value


def _is_location(name: str, schema: Mapping[str, Any]) -> bool:
    """Return whether a parameter is a location, by its format or, for older deployments, by its name."""
    known = schema.get("properties")
    shape = known.get(name) if isinstance(known, dict) else None
    parts = (shape, *shape.get("anyOf", ())) if isinstance(shape, dict) else ()
    return name == _NAMED or any(isinstance(part, dict) and part.get("format") == _MARK for part in parts)


async def _is_allowed(location: str, roots: Iterable[str | bytes]) -> bool:
    """Return whether a location is allowed. Runs in a thread, because a network drive may hang."""
    try:
        async with asyncio.timeout(_SECONDS):
            return await asyncio.to_thread(is_allowed, location, list(roots))
    except TimeoutError:
        raise RootNotAllowedError(location, "it did not respond within 5 s") from None
