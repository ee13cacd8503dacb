"""Settings of all tests. Fixtures that several folders share are in `tests/plugins`."""

from __future__ import annotations

import gc
import os
import signal

import hypothesis
import pytest

from tests import buckets

pytest_plugins = (
    "tests.plugins.statements",
    "tests.plugins.servers",
    "tests.plugins.clips",
    "tests.plugins.ingest",
    "tests.plugins.prefect_server",
    "tests.plugins.web_app",
)

# The duration of an example depends on the machine, not on the program.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# Before any test forks a server of processes, which keeps the environment of that moment.
buckets.reserve_endpoint()

# Only tests of the web app start its renderer, whether or not the checkout has a built app.
os.environ["WSOPTV_NODE"] = "off"

# A shell starts background jobs with SIGINT ignored, and every process that a test starts would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests that share a server which starts slowly are one group: one worker of pytest-xdist runs them all. Two
# groups have a Prefect server each, because one group would take longer than all other tests together.
_WHOLE_PROGRAMS = ("test_workers.py", "test_interruptions.py", "test_deploy.py", "test_wheel.py")
_BROWSER = "tests/web/test_in_browser"
_FIRST = ("prefect", "gate", _BROWSER, "tests/prefect", "tests/stack", "tests/cli", "tests/flows")
_LONGER = ("prefect", _BROWSER, "tests/prefect", "tests/stack", "tests/cli")
_LONGER_SECONDS = 600


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test its group, and start the longest groups first (docs/decisions/0023-the-suite.md)."""
    for item in items:
        group = _group(item)
        item.add_marker(pytest.mark.xdist_group(group))
        if group.startswith(_LONGER):
            item.add_marker(pytest.mark.timeout(_LONGER_SECONDS))
    items.sort(key=_rank)


def pytest_collection_finish() -> None:
    """Exclude the imported modules from garbage collections, each of which would traverse all libraries."""
    gc.collect()
    gc.freeze()


def _group(item: pytest.Item) -> str:
    fixtures = getattr(item, "fixturenames", ())
    if "prefect" in fixtures:
        return "prefect and programs" if item.path.name in _WHOLE_PROGRAMS else "prefect"
    return "gate" if "gate" in fixtures else item.nodeid.partition("::")[0]


def _rank(item: pytest.Item) -> int:
    group = _group(item)
    return next((rank for rank, first in enumerate(_FIRST) if group.startswith(first)), len(_FIRST))
