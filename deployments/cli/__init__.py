"""The command `wsoptv`: a module for each command. Heavy libraries are imported inside functions only."""

from __future__ import annotations

from deployments.cli.main import main

__all__ = ["main"]
