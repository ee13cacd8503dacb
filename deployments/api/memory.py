"""Memory allocation of a process that sends video files."""

from __future__ import annotations

import ctypes

# malloc.h
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_MIB = 1 << 20


def keep_freed_memory() -> None:
    """Have glibc keep up to 32 MiB of freed memory for the next buffers (`mallopt(3)`).

    By default it returns each MiB to the kernel and allocates it again; the 200 page faults cost as much as
    sending it. Threads read the buffers, and each arena keeps its own freed memory: two arenas are enough.
    Other C libraries keep their defaults.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 2)
        mallopt(_M_MMAP_THRESHOLD, 4 * _MIB)
        mallopt(_M_TRIM_THRESHOLD, 32 * _MIB)
