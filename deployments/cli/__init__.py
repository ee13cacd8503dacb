"""The command `wsoptv`. Modules here import heavy libraries inside functions only, so that it starts at once."""

from __future__ import annotations

from deployments.cli.main import main

__all__ = ["main"]
