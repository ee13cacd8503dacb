"""Scan: list the files below a root, and compare them with the known files."""

from __future__ import annotations

from tasks.scan.compare import (
    Comparison,
    ImplausibleScanError,
    KnownFile,
    Move,
    compare,
    is_plausible_loss,
    lost_paths,
    pair_moves,
    refuse_implausible,
    unmounted,
)
from tasks.scan.identify import identify
from tasks.scan.walk import RootUnavailableError, excluder, expect_listable, walk

__all__ = [
    "Comparison",
    "ImplausibleScanError",
    "KnownFile",
    "Move",
    "RootUnavailableError",
    "compare",
    "excluder",
    "expect_listable",
    "identify",
    "is_plausible_loss",
    "lost_paths",
    "pair_moves",
    "refuse_implausible",
    "unmounted",
    "walk",
]
