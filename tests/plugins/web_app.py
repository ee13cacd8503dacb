"""The built web app, which the tests of its pages and of the wheel share."""

from __future__ import annotations

import pytest

from tests.web.app_build import AppBuild, app_build


@pytest.fixture(scope="session")
def web_build() -> AppBuild:
    """Return the build of the web app, or the reason why there is none. Faults of its sources fail."""
    return app_build()


@pytest.fixture(scope="session")
def web_app(web_build: AppBuild) -> AppBuild:
    """Return the build of the web app; without one, skip the test with the reason."""
    if web_build.node is None:
        pytest.skip(web_build.missing)
    return web_build
