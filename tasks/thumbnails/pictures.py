"""The thumbnails step: open a file once, and make all its pictures.

`look` decodes pictures and collects them in an `Album`. `write` encodes them, writes them to temporary files,
reads them back, and renames them to their final names.
"""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Iterable
from hashlib import blake2b
from io import BufferedRandom
from pathlib import Path

from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from catalog_models.picture_files import poster_path, sheet_path
from catalog_models.values import Picture
from tasks.media.container import (
    KeyPicture,
    UnreadableError,
    main_video,
    open_container,
    read_only,
    sample_aspect,
)
from tasks.media.film import Film, film_of
from tasks.media.source import open_source
from tasks.thumbnails.album import Album
from tasks.thumbnails.encoding import POSTER_QUALITY, TILE_QUALITY, jpeg, webp
from tasks.thumbnails.frame_selection import BLANK, cues, moments, onward, preview_frames, sample
from tasks.thumbnails.generator import UndecodableError
from tasks.thumbnails.scaler import Scaler
from tasks.thumbnails.storyboard import webvtt
from tasks.thumbnails.thumbhash import thumbhash


class UnverifiedError(OSError):
    """A file differs when it is read back: the disk may be failing."""


def make_pictures(path: bytes, size: int, mtime_ns: int, folder: Path, name: str) -> tuple[Picture, ...]:
    """Write the poster, preview and storyboard below `folder`, named `name` with their extensions.

    `name` may contain slashes. The absolute `path` must be unchanged since a scan saw it with `size` bytes
    and `mtime_ns`. Raise `UndecodableError`, `SourceChangedError`, `SourceGoneError`, and OSError of the
    archive or the folder (ENOSPC). After an error, earlier pictures stay and no unfinished file is left.
    """
    with open_source(path, size, mtime_ns) as source:
        try:
            with open_container(source) as container:
                album = look(film_of(container, _moving_picture(container)))
        except UnreadableError as error:
            raise UndecodableError(str(error)) from error
        except (FFmpegError, MemoryError) as error:
            raise UndecodableError(
                "its pictures are damaged, or need more memory than allowed for one file"
            ) from error
    return write(album, folder, name)


def _moving_picture(container: InputContainer) -> VideoStream:
    video = main_video(container)
    if video is None:
        raise UnreadableError("it has no moving picture")
    read_only(container, video)
    return video


def look(film: Film, first: KeyPicture | None = None, seconds: float = math.inf) -> Album:
    """Decode the pictures of an album. Only the film's track is read.

    `first` is a picture that was decoded before. Raise FFmpegError and MemoryError, and TimeoutError after
    more than `seconds`.
    """
    end = time.monotonic() + seconds
    scaler = Scaler(sample_aspect(film.video), film.matrix)
    album = Album(scaler, cues(film.seconds), preview_frames(film.seconds))
    for moment, frame in sample(film, moments(film.seconds), first):
        if time.monotonic() > end:
            raise TimeoutError("its pictures take too long")
        if frame is not None:
            album.take(frame, moment.tile, moment.frame)
    # After black lead-ins, slates or bars, search later pictures.
    if album.best_score < BLANK:
        for frame in onward(film):
            album.take(frame)
            if album.best_score >= BLANK:
                break
    return album


def write(album: Album, folder: Path, name: str) -> tuple[Picture, ...]:
    """Make the pictures of an album and write them, all or none.

    Raise `UndecodableError` for an empty album, and OSError.
    """
    poster = album.poster()
    if poster is None:
        raise UndecodableError("none of its pictures could be decoded")
    shown, (strip, frames) = album.tiles(), album.preview()
    sheets, size = album.storyboard.sheets(), album.storyboard.sheet_size
    fallback, preview = f"{name}.poster.jpg", f"{name}.preview.webp"
    storyboard, index = f"{name}.storyboard-1.webp", f"{name}.storyboard.vtt"
    files = {
        fallback: jpeg(poster.fallback),
        **{
            poster_path(fallback, width): webp(picture, POSTER_QUALITY)
            for width, picture in poster.pictures.items()
        },
        preview: webp(strip, TILE_QUALITY),
        **{sheet_path(storyboard, number): sheet for number, sheet in enumerate(sheets, start=1)},
    }
    version = _version(files.values())
    # Renamed last, because it refers to the sheets.
    files[index] = webvtt(album.cues, shown, album.storyboard, version).encode()
    write_all({os.path.join(folder, file): content for file, content in files.items()})
    smallest, widest = (poster.pictures[choose(poster.pictures)] for choose in (min, max))
    height, width = widest.shape[:2]
    return (
        Picture(
            "poster",
            fallback,
            width,
            height,
            len(files[fallback]),
            version,
            widths=tuple(poster.pictures),
            thumbhash=thumbhash(smallest),
        ),
        Picture(
            "preview", preview, strip.shape[1], strip.shape[0], len(files[preview]), version, parts=frames
        ),
        Picture("storyboard", storyboard, *size, len(files[storyboard]), version, parts=len(sheets)),
        Picture("storyboard_index", index, *size, len(files[index]), version),
    )


def _version(contents: Iterable[bytes]) -> str:
    """Return a word that identifies the content of the pictures."""
    digest = blake2b(digest_size=8)
    for content in contents:
        digest.update(content)
    return digest.hexdigest()


def write_all(files: dict[str, bytes]) -> None:
    """Write all files or none: if one fails, earlier files stay and no part of a new one is left.

    Raise OSError (ENOSPC if the disk is full).
    """
    for folder in {os.path.dirname(final) for final in files}:
        os.makedirs(folder, exist_ok=True)
    aside = {final: final + ".part" for final in files}
    try:
        for final, part in aside.items():
            with open(part, "w+b") as file:
                file.write(files[final])
                _verify(file, files[final])
        for final, part in aside.items():
            os.replace(part, final)
    except BaseException:
        for part in aside.values():
            with contextlib.suppress(OSError):
                os.unlink(part)
        raise


def _verify(file: BufferedRandom, content: bytes) -> None:
    """Read a file back, and raise `UnverifiedError` if it differs.

    Comparing bytes costs a tenth of decoding them.
    """
    file.seek(0)
    if file.read() != content:
        raise UnverifiedError(f"{file.name} differs when it is read back: is the disk failing?")
