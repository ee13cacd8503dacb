"""The state of the renderer in memory that the processes of the API share."""

from __future__ import annotations

import ctypes
import multiprocessing
from pathlib import Path

from serving.kernel.renderer import Phase, Renderer, RendererState

_PORT_BITS = 16


class SharedState:
    """The phase and the port in one number of eight bytes, so that no process reads half a change."""

    def __init__(self) -> None:
        self._value = multiprocessing.get_context("spawn").RawValue(ctypes.c_uint64, 0)

    def set(self, phase: Phase, port: int = 0) -> None:
        """Change the state."""
        self._value.value = (int(phase) << _PORT_BITS) | port

    def read(self) -> RendererState:
        """Return the state."""
        value = int(self._value.value)
        return RendererState(Phase(value >> _PORT_BITS), value & ((1 << _PORT_BITS) - 1))


class SharedRenderer:
    """The description of the renderer that each process of the API gets when it starts."""

    def __init__(self, state: SharedState, files: Path | None, key: str, most: int) -> None:
        self._state, self._files, self._key, self._most = state, files, key, most

    def renderer(self) -> Renderer:
        """Return the renderer as this process sees it."""
        return Renderer(self._state.read, self._files, self._key, self._most)
