"""The thumbnails step: a poster, a storyboard and its index, from one opening of a file."""

from __future__ import annotations

import os
from pathlib import Path

from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from catalog_models.values import Picture
from tasks.media.film import Film, film_of
from tasks.media.reading import (
    KeyPicture,
    UnreadableError,
    main_video,
    open_container,
    read_only,
    sample_aspect,
)
from tasks.media.source import open_source
from tasks.thumbnails.album import Album
from tasks.thumbnails.geometry import Shrinker
from tasks.thumbnails.sampling import cues, moments, onward, sample
from tasks.thumbnails.scoring import BLANK
from tasks.thumbnails.writing import jpeg, write_all

GENERATOR = 2
"""The version of what this step makes: raise it, and every picture is made anew."""


class UndecodableError(Exception):
    """Not one picture of the file could be decoded; the message is for people."""


def make_pictures(path: bytes, size: int, mtime_ns: int, folder: Path, name: str) -> tuple[Picture, ...]:
    """Write `<name>.poster.jpg`, `.storyboard.jpg` and `.storyboard.vtt` below `folder`; `name` may hold slashes.

    The absolute `path` must be as a scan saw it, with `size` bytes and `mtime_ns`. Raises `UndecodableError`,
    `SourceChangedError`, `SourceGoneError`, and OSError of the archive or of the folder (ENOSPC). Whatever is
    raised, earlier pictures stay and nothing half-written is left.
    """
    with open_source(path, size, mtime_ns) as source:
        try:
            with open_container(source) as container:
                album = look(film_of(container, _moving_picture(container)))
        except UnreadableError as error:
            raise UndecodableError(str(error)) from error
        except (FFmpegError, MemoryError) as error:
            raise UndecodableError(
                "its pictures are damaged, or take more memory than one file may"
            ) from error
    return write(album, folder, name)


def _moving_picture(container: InputContainer) -> VideoStream:
    video = main_video(container)
    if video is None:
        raise UnreadableError("it holds no moving picture")
    read_only(container, video)
    return video


def look(film: Film, first: KeyPicture | None = None) -> Album:
    """Decode what pictures are made of. Only the film's track is read.

    `first` is what was decoded of it already. Raises FFmpegError and MemoryError.
    """
    album = Album(Shrinker(sample_aspect(film.video), film.matrix), cues(film.seconds))
    for moment, frame in sample(film, moments(film.seconds), first):
        if frame is not None:
            album.take(frame, moment.tile)
    if album.best_score < BLANK:  # black lead-ins, slates, bars: what comes behind them?
        for frame in onward(film):
            album.take(frame)
            if album.best_score >= BLANK:
                break
    return album


def write(album: Album, folder: Path, name: str) -> tuple[Picture, ...]:
    """Make the pictures of an album and write them, all or none. Raises `UndecodableError` for an empty one, OSError."""
    poster = album.poster()
    if poster is None:
        raise UndecodableError("none of its pictures could be decoded")
    sprite, index = album.storyboard()
    made = {
        "poster": (f"{name}.poster.jpg", poster, jpeg(poster)),
        "storyboard": (f"{name}.storyboard.jpg", sprite, jpeg(sprite)),
        "storyboard_index": (f"{name}.storyboard.vtt", sprite, index.encode()),
    }
    write_all({os.path.join(folder, file): content for file, _, content in made.values()})
    return tuple(
        Picture(kind, file, pixels.shape[1], pixels.shape[0], len(content))
        for kind, (file, pixels, content) in made.items()
    )
