"""The user of this shell, as the audit log records it."""

from __future__ import annotations

import getpass
import os
from typing import TYPE_CHECKING

from deployments.terminal.text import printable

if TYPE_CHECKING:
    from catalog_models.tables import Actor


def operator() -> Actor:
    """Return the system user that runs the command."""
    from catalog_models.tables import Actor

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        # In containers a user may have no name.
        name = f"uid {os.getuid()}"
    return Actor(f"{printable(name)} (command line)")
