"""One visit to a file for its facts and its pictures: on a NAS, and for a short clip, opening it costs most."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from catalog_models.values import Inspection, Picture, Playability, text_of
from tasks.media.film import Film
from tasks.media.reading import KeyPicture
from tasks.metadata.inspection import inspect
from tasks.thumbnails.pictures import Album, look, write

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Easel:
    """The place of a file's pictures: below `folder`, under `name` and an ending."""

    folder: Path
    name: str


@dataclass(frozen=True, slots=True)
class Visit:
    """The result of a visit; `pictures` is empty if none were wanted or could be made."""

    inspection: Inspection
    pictures: tuple[Picture, ...] = ()

    @property
    def is_broken(self) -> bool:
        """Whether the file looks broken, also because reading it failed halfway."""
        return self.inspection.verdict.playability is Playability.BROKEN


def visit(path: bytes, size: int, mtime_ns: int, easel: Easel | None) -> Visit:
    """Inspect the absolute `path` and, with an `easel`, make its pictures at the same opening.

    Raises what `inspect` raises. Pictures that fail are left to the thumbnails stage, which reports the reason.
    """
    if easel is None:
        return Visit(inspect(path, size, mtime_ns))
    albums: list[Album] = []

    def take_pictures(film: Film, first: KeyPicture) -> None:
        try:
            albums.append(look(film, first))
        except Exception as error:  # noqa: BLE001  # the facts are good in any case
            log.info("%s: its pictures are made apart: %s", text_of(path), error)

    inspection = inspect(path, size, mtime_ns, take_pictures)
    return Visit(inspection, _written(albums, easel))


def _written(albums: list[Album], easel: Easel) -> tuple[Picture, ...]:
    try:
        return write(albums[0], easel.folder, easel.name) if albums else ()
    except Exception as error:  # noqa: BLE001  # a full disk, an empty album
        log.info("the pictures of %s are made apart: %s", easel.name, error)
        return ()
