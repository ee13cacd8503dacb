"""The folders and buckets that a run started over the API may read."""

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
_MARK = "folder"  # the `format` that `flows.observed.parameters.Folder` has in a schema


@dataclass(frozen=True, slots=True)
class AllowedRoots:
    """The roots of `WSOPTV_ROOTS`; without it `archives` (`NAS_MOUNT_PATH`, `AWS_S3_BUCKET`) and those of the catalogue."""

    named: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()

    async def expect(
        self, session: AsyncSession, parameters: Mapping[str, Any], schema: Mapping[str, Any]
    ) -> None:
        """Raise `RootNotAllowedError` if a parameter names a folder or bucket outside of them."""
        locations = list(_locations(parameters, schema))
        if locations:
            roots = self.named or (*self.archives, *await session.scalars(select(Root.path)))
            for location in locations:
                if not await _is_allowed(location, roots):
                    raise RootNotAllowedError(location)


def _locations(parameters: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    """Raises `ParametersRefusedError`. An empty text is left to the schema, which refuses it."""
    for name, value in parameters.items():
        if _is_location(name, schema) and value not in (None, ""):
            if not isinstance(value, str):
                raise ParametersRefusedError(f"The flow does not take these parameters: '{name}' is no text.")
            yield value


def _is_location(name: str, schema: Mapping[str, Any]) -> bool:
    """By name, too: a deployment of an older version has no mark in its schema."""
    known = schema.get("properties")
    shape = known.get(name) if isinstance(known, dict) else None
    parts = (shape, *shape.get("anyOf", ())) if isinstance(shape, dict) else ()
    return name == _NAMED or any(isinstance(part, dict) and part.get("format") == _MARK for part in parts)


async def _is_allowed(location: str, roots: Iterable[str | bytes]) -> bool:
    """Follow links in a thread: a network drive that hangs must not hang the server."""
    try:
        async with asyncio.timeout(_SECONDS):
            return await asyncio.to_thread(is_allowed, location, list(roots))
    except TimeoutError:
        raise RootNotAllowedError(location, "it did not respond within 5 s") from None
