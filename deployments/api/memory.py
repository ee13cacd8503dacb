"""How a process that sends films takes its memory."""

from __future__ import annotations

import ctypes

# malloc.h
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_MIB = 1 << 20


def keep_freed_memory() -> None:
    """Have glibc keep the last freed 32 MiB for the next piece of a film (`mallopt(3)`; others do as they do).

    Left to itself it gives each MiB back to the kernel and takes it anew, whose 200 page faults cost as much as sending
    it. Two arenas, for pieces are read by threads and each arena keeps what is freed in it.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 2)
        mallopt(_M_MMAP_THRESHOLD, 4 * _MIB)
        mallopt(_M_TRIM_THRESHOLD, 32 * _MIB)
