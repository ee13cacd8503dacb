"""The renderer: the Node process that makes the pages of the web app, as processes of the API see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path


class Phase(IntEnum):
    """The state of the renderer.

    `OFF`: this application has none, and the plain page is its only page.
    """

    OFF = 0
    NOT_BUILT = 1
    NO_NODE = 2
    STARTING = 3
    READY = 4
    SILENT = 5
    ENDED = 6


_PROBLEMS = {
    Phase.NOT_BUILT: "This is the plain page: the web app is not part of this installation. Its operator can run "
    "`make web` in a checkout, or install a wheel that contains it.",
    Phase.NO_NODE: "This is the plain page: Node.js 20.9 or later, which makes the others, was not found. The operator "
    "can install it, run `make node` in a checkout, or set WSOPTV_NODE.",
    Phase.SILENT: "This is the plain page: the program that makes the others does not respond. Reload in a moment; "
    "for the operator, `wsoptv doctor` and web.log say more.",
    Phase.ENDED: "This is the plain page: the program that makes the others has ended and is started again. Reload in "
    "a moment; for the operator, web.log says more.",
}


@dataclass(frozen=True, slots=True)
class RendererState:
    """The phase of the renderer, and the port on 127.0.0.1 at which it listens while it is ready."""

    phase: Phase
    port: int = 0

    @property
    def problem(self) -> str | None:
        """Return the problem and its remedy, or None while the renderer works or starts."""
        return _PROBLEMS.get(self.phase)


def _off() -> RendererState:
    return RendererState(Phase.OFF)


@dataclass(frozen=True, slots=True)
class Renderer:
    """The renderer, as an API process sees it.

    `read` returns its current state. `files` is the folder with the static files of the web app, if it is
    built. `key` is the random key of this start. `most` limits the pages that are rendered for this process
    at the same time.
    """

    read: Callable[[], RendererState] = _off
    files: Path | None = None
    key: str = field(default="", repr=False)
    most: int = 64

    @property
    def is_off(self) -> bool:
        """Return whether the application has no web app."""
        return self.read().phase is Phase.OFF


NO_RENDERER = Renderer()
"""The renderer of an application without a web app."""
