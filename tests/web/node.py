"""Node.js for the tests of the renderer's process, and why those are skipped without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deployments.web.node import NodeMissingError, find_node

STUB_APP = Path(__file__).parent / "stub_app"


def _missing() -> str:
    try:
        find_node(None)
    except NodeMissingError as error:
        return str(error)
    return ""


NEEDS_NODE = pytest.mark.skipif(bool(_missing()), reason=f"no Node.js: {_missing()}")
