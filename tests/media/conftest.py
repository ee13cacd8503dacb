"""Clips for the tests that read video."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.media.clips import clip_maker


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    return clip_maker(tmp_path_factory.mktemp("clips"))
