"""The account of this shell, as it stands in the audit log."""

from __future__ import annotations

import getpass
import os
from typing import TYPE_CHECKING

from deployments.terminal.text import printable

if TYPE_CHECKING:
    from catalog_models.tables import Actor


def operator() -> Actor:
    """Return the account that runs the command."""
    from catalog_models.tables import Actor

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        # An account without a name, as containers have them.
        name = f"uid {os.getuid()}"
    return Actor(f"{printable(name)} (command line)")
