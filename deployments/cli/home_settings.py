"""The settings of commands that do not start the servers of the home."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestration.settings import Settings


def load_settings() -> Settings:
    """Return the settings; first remove the leftovers of killed backups and exports, as `open_runtime` does.

    Raises `ValidationError`.
    """
    from orchestration.settings import Settings
    from tasks.export.unfinished_folders import remove_abandoned

    settings = Settings()
    remove_abandoned(settings.home)
    return settings
