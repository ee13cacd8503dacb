"""The built web app for tests, which `make test` builds in the background: one build for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deployments.web.build import RegistryUnreachableError, build
from deployments.web.built_app import ROOT, standalone
from deployments.web.node import Node, NodeMissingError, find_node

SOURCES = ROOT / "web"


@dataclass(frozen=True)
class AppBuild:
    """The folder of the built app and its Node.js, or the reason why they are missing."""

    folder: Path
    node: Node | None
    missing: str = ""


def app_build() -> AppBuild:
    """Build the app of the checkout, or wait for a build that runs; an unchanged tree builds nothing.

    Raises `BuildFailedError` for faults of the sources. A missing Node.js or network is no fault.
    """
    folder = standalone(SOURCES)
    try:
        node = find_node(None)
        build(SOURCES, node, print)
    except NodeMissingError as error:
        return AppBuild(folder, None, f"no Node.js: {error}")
    except RegistryUnreachableError:
        return AppBuild(folder, None, "npm's registry cannot be reached, so the web app cannot be built")
    return AppBuild(folder, node)
