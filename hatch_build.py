"""The hook of hatchling that puts the built web app into the wheel."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebAppHook(BuildHookInterface[Any]):
    """Builds the web app if its sources have changed, and adds it to the wheel if Node.js is available."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files of the app; an editable installation uses those of the checkout."""
        root = Path(self.root)
        sources = root / "web"
        if version == "editable" or not (sources / "package-lock.json").is_file():
            return
        # The build backend does not put the checkout on the path.
        sys.path.insert(0, self.root)
        try:
            app = _built(sources, self.app.display_info)
        finally:
            sys.path.remove(self.root)
        if app is None:
            return
        build_data["force_include"][str(app)] = "serving/web/app"


def _built(sources: Path, report: Any) -> Path | None:
    """Return the folder of the app, built if necessary, or None with a message if it cannot be built."""
    from catalog_models.errors import ExpectedError
    from deployments.web.build import build, is_current
    from deployments.web.built_app import standalone
    from deployments.web.node import OFF, find_node

    setting = os.environ.get("WSOPTV_NODE") or None
    if setting == OFF:
        report("web: WSOPTV_NODE=off, the wheel has no web app")
        return None
    try:
        if not is_current(sources):
            build(sources, find_node(setting), report)
    except (ExpectedError, OSError) as error:
        report(f"web: {error}\nweb: the wheel has no web app; WSOPTV will show its plain page")
        return None
    return standalone(sources)
