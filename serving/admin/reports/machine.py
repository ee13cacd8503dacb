"""The state of the machine that this process runs on."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil


def machine_status(home: Path) -> dict[str, Any]:
    """Return the version, the load (from 0 to 1), the memory, and the disk of the home, in bytes.

    Blocks on the disk.
    """
    memory = psutil.virtual_memory()
    folder = next(place for place in (home, *home.parents) if place.exists())
    disk = psutil.disk_usage(str(folder))
    return {
        "version": version("wsoptv"),
        "started_at": psutil.Process().create_time(),
        "load": round(psutil.getloadavg()[0] / (psutil.cpu_count() or 1), 3),
        "memory_bytes": memory.total,
        "memory_available_bytes": memory.available,
        "process_bytes": psutil.Process().memory_info().rss,
        "disk_bytes": disk.total,
        "disk_free_bytes": disk.free,
    }
