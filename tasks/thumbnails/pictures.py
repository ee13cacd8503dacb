"""The thumbnails step: make a poster, a storyboard and its index in one opening of a file.

`look` decodes pictures and collects them in an `Album`. `write` encodes its poster and storyboard, writes
them to temporary files, reads them back, and renames them to their final names.
"""

from __future__ import annotations

import contextlib
import io
import os
from io import BufferedRandom
from pathlib import Path

import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

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
from tasks.thumbnails.frame_selection import BLANK, cues, moments, onward, sample, score
from tasks.thumbnails.generator import UndecodableError
from tasks.thumbnails.scaler import Pixels, ScaledFrame, Scaler, padded
from tasks.thumbnails.storyboard import Sprite, webvtt

POSTER_BOX = (640, 360)
TILE_BOX = (320, 320)
"""Pixels. A tile is 320 wide, or 320 high if the video is taller than wide."""
_QUALITY = 80


class UnverifiedError(OSError):
    """A file differs when it is read back: the disk may be failing."""


def make_pictures(path: bytes, size: int, mtime_ns: int, folder: Path, name: str) -> tuple[Picture, ...]:
    """Write `<name>.poster.jpg`, `.storyboard.jpg` and `.storyboard.vtt` below `folder`.

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


def look(film: Film, first: KeyPicture | None = None) -> Album:
    """Decode the pictures of an album. Only the film's track is read.

    `first` is a picture that was decoded before. Raise FFmpegError and MemoryError.
    """
    album = Album(Scaler(sample_aspect(film.video), film.matrix), cues(film.seconds))
    for moment, frame in sample(film, moments(film.seconds), first):
        if frame is not None:
            album.take(frame, moment.tile)
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


class Album:
    """Collects the tiles of a storyboard, and the best picture for the poster, the only one in full size."""

    def __init__(self, scaler: Scaler, cues: tuple[tuple[float, float], ...]) -> None:
        self._scaler = scaler
        self._cues = cues
        self._sprite = Sprite(len(cues))
        # The number of each cue, and of the tile that it shows.
        self._shown: dict[int, int] = {}
        self._last: VideoFrame | None = None
        self._last_small: ScaledFrame | None = None
        self._last_tile: int | None = None
        self._best: VideoFrame | None = None
        self.best_score = -1.0

    def take(self, frame: VideoFrame, cue: int | None = None) -> None:
        """Consider a picture for the poster, and show it in a cue. It may be the same as the previous one."""
        if frame is not self._last or self._last_small is None:
            self._last, self._last_small, self._last_tile = (
                frame,
                self._scaler.shrink(frame, TILE_BOX),
                None,
            )
            self._consider(frame, self._last_small)
        if cue is not None:
            if self._last_tile is None:
                self._last_tile = self._sprite.add(self._tile(frame, self._last_small))
            self._shown[cue] = self._last_tile

    def _tile(self, frame: VideoFrame, small: ScaledFrame) -> Pixels:
        """Return a picture in colour, no larger than the first tile: a stream may change its size."""
        tile = self._scaler.colour(small)
        size = self._sprite.size
        if size is None or (tile.shape[1] <= size[0] and tile.shape[0] <= size[1]):
            return tile
        return self._scaler.colour(self._scaler.shrink(frame, size))

    def _consider(self, frame: VideoFrame, small: ScaledFrame) -> None:
        value = score(small.grey())
        if value > self.best_score:
            self._best, self.best_score = frame, value

    def poster(self) -> Pixels | None:
        """Return the best picture, centred on 640 × 360 dark pixels; None without a picture."""
        if self._best is None:
            return None
        picture = self._scaler.colour(self._scaler.shrink(self._best, POSTER_BOX))
        return padded(picture, POSTER_BOX)

    def storyboard(self) -> tuple[Pixels, str]:
        """Return the sprite and its index. A cue without a picture shows the previous one."""
        if not self._shown and self._best is not None:
            tile = self._scaler.colour(self._scaler.shrink(self._best, TILE_BOX))
            self._shown[0] = self._sprite.add(tile)
        shown, current = [], 0
        for cue in range(len(self._cues)):
            current = self._shown.get(cue, current)
            shown.append(current)
        return self._sprite.pixels(), webvtt(self._cues, shown, self._sprite)


def jpeg(pixels: Pixels) -> bytes:
    """Encode a colour picture as JPEG."""
    height, width = pixels.shape[:2]
    picture = Image.frombuffer("RGBX", (width, height), np.ascontiguousarray(pixels), "raw", "RGBX", 0, 1)
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=_QUALITY)
    return encoded.getvalue()


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
