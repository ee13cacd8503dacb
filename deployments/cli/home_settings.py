"""The settings of commands that do not start the servers of the home."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestration.settings import Settings


def load_settings() -> Settings:
    """Return the settings, after removing what killed backups and exports left, as `enter` does for other commands.

    Raises `ValidationError`.
    """
    from orchestration.settings import Settings
    from tasks.export.unfinished_folders import remove_abandoned

    settings = Settings()
    remove_abandoned(settings.home)
    return settings
