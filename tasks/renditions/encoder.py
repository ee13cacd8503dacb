"""Make a rendition with ffmpeg, in a temporary file beside its final place."""

from __future__ import annotations

import os
import re
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import ffmpeg
import imageio_ffmpeg

from catalog_models.errors import ExpectedError
from tasks.media.container import CONTAINERS
from tasks.media.folders import show_to_all
from tasks.media.remote import RemoteSource
from tasks.media.sound import Mix
from tasks.media.source import FileSource, open_source
from tasks.media.source_protocol import Source
from tasks.renditions.filters import filters
from tasks.renditions.recipe import Recipe
from tasks.renditions.tracks import Tracks

STALLED = 300.0
"""Seconds without progress after which ffmpeg is stopped. A hanging NAS never makes progress."""

# Seconds between checks of ffmpeg and of a cancellation.
_LOOK = 1.0


_REMOTE = {
    "protocol_whitelist": "http,https,tls,tcp",
    "reconnect": 1,
    "reconnect_on_network_error": 1,
    "reconnect_on_http_error": "5xx",
    # Seconds, after pauses of 0, 1, 3 and 7.
    "reconnect_delay_max": 8,
}

# Signals by which ffmpeg crashes.
_OF_THE_FILE = (signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGILL, signal.SIGBUS)
# The exit code after SIGTERM or SIGINT, which ffmpeg handles.
_ASKED_TO_END = 255
_FULL = re.compile("No space left|Disk quota exceeded")
_BROKEN_OFF = re.compile("Input/output error|Stale file handle|Read error at pos")
_AWAY = re.compile(f"{_BROKEN_OFF.pattern}|Server returned [45]|timed out|Connection re|ends prematurely")


class RenditionFailedError(ExpectedError):
    """A rendition of this file cannot be made; nothing of it remains."""

    code = "rendition_failed"


class RenditionPutOffError(ExpectedError):
    """The archive, the disk or the machine failed, not the file.

    A later try may succeed; nothing of it remains.
    """

    code = "rendition_put_off"


@dataclass(frozen=True, slots=True)
class Original:
    """A file at a location, as it was scanned, and the tracks to use."""

    path: bytes
    size: int
    mtime_ns: int
    tracks: Tracks


def make_rendition(original: Original, recipe: Recipe, part: Path, tell: Callable[[float], None]) -> None:
    """Write the complete rendition to `part` and sync it; the caller publishes it.

    About once a second `tell` is called with the seconds of video that are done; it may raise. Raise
    `RenditionFailedError`, `RenditionPutOffError`, `SourceChangedError`, `SourceGoneError` and OSError.
    """
    try:
        with open_source(original.path, original.size, original.mtime_ns) as source:
            _run(source, original, recipe, part, tell)
        with part.open("rb") as written:
            show_to_all(written.fileno())
            os.fsync(written.fileno())
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def _run(
    source: Source, original: Original, recipe: Recipe, part: Path, tell: Callable[[float], None]
) -> None:
    with ExitStack() as held:
        said = held.enter_context(TemporaryFile())
        # Fails if another process is writing it.
        held.enter_context(open(part, "xb"))
        command = [*_bound(), *command_of(_input(source), original.tracks, recipe, part)]
        kept = (source.descriptor,) if isinstance(source, FileSource) else ()
        running = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, pass_fds=kept
        )
        held.enter_context(_ended(running))
        _watch(running, part, tell)
        _require_well(running.wait(), _words(said), part)


def _bound() -> list[str]:
    """Return a prefix that ends ffmpeg with this thread, even after kill -9, and lowers its priority."""
    bound = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    return [*bound, *(["nice", "-n", "10"] if shutil.which("nice") else [])]


def _input(source: Source) -> dict[str, Any]:
    """Return ffmpeg's input options: only the protocols and video formats that it needs."""
    assert isinstance(source, FileSource | RemoteSource)  # noqa: S101
    remote = isinstance(source, RemoteSource)
    name = source.opened.url() if isinstance(source, RemoteSource) else source.medium
    options = _REMOTE if remote else {"protocol_whitelist": "file"}
    return {"filename": name, "format_whitelist": CONTAINERS, **options}


def command_of(opened: dict[str, Any], tracks: Tracks, recipe: Recipe, part: Path) -> list[str]:
    """Return ffmpeg's command line, starting with its program."""
    read = ffmpeg.input(**opened)
    streams = [read[str(tracks.video)]]
    if recipe.encodes_audio and len(tracks.audio) == 2:
        pair = [read[str(number)] for number in tracks.audio]
        streams.append(ffmpeg.filter(pair, "join", inputs=2, channel_layout="stereo"))
    elif recipe.encodes_audio and tracks.audio and tracks.mix is not None:
        streams.append(_mixed(read[str(tracks.audio[0])], tracks.mix))
    elif tracks.audio:
        streams.append(read[str(tracks.audio[0])])
    written = ffmpeg.output(
        *streams, str(part), **_video(tracks, recipe), **_audio(recipe), **_container(recipe)
    )
    options = ["-nostdin", "-v", "error", "-progress", "pipe:1", "-stats_period", "1"]
    written = written.global_args(*options).overwrite_output()
    return list(written.compile(cmd=imageio_ffmpeg.get_ffmpeg_exe()))


def _mixed(sound: Any, mix: Mix) -> Any:
    return sound.filter("channelmap", map=mix.taken, channel_layout=mix.layout).filter("pan", mix.pan)


def _video(tracks: Tracks, recipe: Recipe) -> dict[str, Any]:
    if not recipe.encodes_video:
        return {"c:v": "copy"} | ({"bsf:v": "dts2pts"} if recipe.restamps else {})
    return {
        "c:v": "libx264",
        "preset": "medium",
        "crf": 20,
        "profile:v": "high",
        "pix_fmt": "yuv420p",
        "vf": filters(tracks.colours, fields=tracks.fields),
        # Interlaced frames yield two pictures, progressive ones yield one.
        "fps_mode": "vfr",
        # Players seek to these.
        "force_key_frames": "expr:gte(t,n_forced*2)",
    }


def _audio(recipe: Recipe) -> dict[str, Any]:
    return {"c:a": "aac", "b:a": "192k", "ac": 2} if recipe.encodes_audio else {"c:a": "copy"}


def _container(recipe: Recipe) -> dict[str, Any]:
    if recipe.container == "webm":
        return {"f": "webm", "cues_to_front": 1}
    return {"f": "mp4", "movflags": "+faststart"}


@contextmanager
def _ended(running: subprocess.Popen[bytes]) -> Iterator[None]:
    with running:
        try:
            yield
        finally:
            running.kill()


def _watch(running: subprocess.Popen[bytes], part: Path, tell: Callable[[float], None]) -> None:
    """Wait until ffmpeg ends.

    At the end it moves the index to the front, which writes but reports nothing.
    """
    assert running.stdout is not None  # noqa: S101
    seen, since, done = (0.0, 0), time.monotonic(), 0.0
    for lines in _read(running.stdout):
        done = max([done, *_seconds(lines)])
        tell(done)
        if (now := (done, part.stat().st_mtime_ns)) != seen:
            seen, since = now, time.monotonic()
        elif time.monotonic() - since > STALLED:
            raise RenditionPutOffError(
                f"ffmpeg made no progress for {STALLED:g} seconds: is the archive available?"
            )


def _read(pipe: IO[bytes]) -> Iterator[bytes]:
    """Yield new output, or nothing, at least once a second until the pipe closes."""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            came = os.read(pipe.fileno(), 65_536) if selector.select(_LOOK) else None
            if came == b"":
                return
            yield came or b""


def _seconds(lines: bytes) -> Iterator[float]:
    for line in lines.splitlines():
        name, _, value = line.partition(b"=")
        if name == b"out_time_us" and value.strip().isdigit():
            yield int(value) / 1e6


def _words(said: IO[bytes]) -> list[str]:
    said.seek(0)
    return said.read()[-20_000:].decode("utf-8", "replace").splitlines()


def _require_well(code: int, said: Sequence[str], part: Path) -> None:
    """Raise if ffmpeg failed.

    It exits with 0 even if its input ended early, because the output is complete to it.
    """
    if any(map(_FULL.search, said)):
        raise RenditionPutOffError(f"no space left in {part.parent}")
    reason = " / ".join(said[-3:])[-500:] or "without an error message"
    # With exit code 0 it may have reconnected.
    if any(map((_AWAY if code else _BROKEN_OFF).search, said)):
        raise RenditionPutOffError(f"the file could not be read to its end: {reason}")
    if code == _ASKED_TO_END or (code < 0 and -code not in _OF_THE_FILE):
        raise RenditionPutOffError("ffmpeg was stopped by another process")
    if code:
        raise RenditionFailedError(f"ffmpeg failed: {reason}")
