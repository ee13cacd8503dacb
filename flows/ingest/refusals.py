"""Refuse an ingest of the folder that holds our own home."""

from __future__ import annotations

import os
from pathlib import Path

from catalog_models.errors import RefusedError


class HomeInArchiveError(RefusedError):
    """The home lies inside the archive, which is never written."""

    code = "home_in_archive"


def refuse_home_inside(folder: bytes, home: Path) -> None:
    """Raise `HomeInArchiveError` if the home lies in the archive's `folder` (absolute, no links)."""
    inside = os.path.realpath(os.fsencode(home))
    if inside == folder or inside.startswith(folder.rstrip(b"/") + b"/"):
        raise HomeInArchiveError(
            f"the home {os.fsdecode(inside)} lies inside {os.fsdecode(folder)}, which is never written: set WSOPTV_HOME "
            "to a folder outside"
        )
