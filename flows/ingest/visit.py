"""Open a file once for its facts and its pictures: on a NAS, opening a file costs most.

Only the reading processes decode. So the functions import the libraries for that, and the process that calls
the pool does not load them.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from catalog_models.values import Inspection, Picture, Playability, path_as_text

if TYPE_CHECKING:
    from tasks.media.container import KeyPicture
    from tasks.media.film import Film
    from tasks.thumbnails.album import Album

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PictureTarget:
    """The place for the pictures of a file: below `folder`, with names that begin with `name`.

    A visit leaves pictures that take longer than `seconds` to the thumbnails stage.
    """

    folder: Path
    name: str
    seconds: float = math.inf


@dataclass(frozen=True, slots=True)
class Visit:
    """The result of opening a file; `pictures` is empty if none were wanted or could be made."""

    inspection: Inspection
    pictures: tuple[Picture, ...] = ()

    @property
    def is_broken(self) -> bool:
        """Return whether the file looks broken, which may also mean that reading it failed halfway."""
        return self.inspection.verdict.playability is Playability.BROKEN


def visit(path: bytes, size: int, mtime_ns: int, target: PictureTarget | None) -> Visit:
    """Inspect the absolute `path` and, with a `target`, make its pictures in the same opening.

    Raise the errors of `inspect`. Pictures that fail are left to the thumbnails stage, which reports the
    reason.
    """
    from tasks.metadata.inspection import inspect
    from tasks.thumbnails.pictures import look

    if target is None:
        return Visit(inspect(path, size, mtime_ns))
    albums: list[Album] = []

    def take_pictures(film: Film, first: KeyPicture) -> None:
        try:
            albums.append(look(film, first, target.seconds))
        # The facts are valid in any case.
        except Exception as error:  # noqa: BLE001
            log.info("%s: left the pictures to the thumbnails stage: %s", path_as_text(path), error)

    inspection = inspect(path, size, mtime_ns, take_pictures)
    return Visit(inspection, _written(albums, target))


def make_pictures(path: bytes, size: int, mtime_ns: int, target: PictureTarget) -> tuple[Picture, ...]:
    """Make the pictures of the absolute `path`. Raise the errors of `tasks.thumbnails.pictures`."""
    from tasks.thumbnails import pictures

    return pictures.make_pictures(path, size, mtime_ns, target.folder, target.name)


def _written(albums: list[Album], target: PictureTarget) -> tuple[Picture, ...]:
    from tasks.thumbnails.pictures import write

    try:
        return write(albums[0], target.folder, target.name) if albums else ()
    # A full disk, an empty album.
    except Exception as error:  # noqa: BLE001
        log.info("%s: left the pictures to the thumbnails stage: %s", target.name, error)
        return ()
