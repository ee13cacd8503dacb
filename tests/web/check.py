"""The check of the web app, which `make check` runs: its build, then every script of `npm run check`.

`make test` runs it beside the tests that wait for the build. Unchanged sources are checked once.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from deployments.web.build import BuildFailedError, digest_of, npm_command
from deployments.web.node import Node
from tests.web.app_build import SOURCES, app_build

_CHECKED = Path("node_modules", ".checked")
_NICENESS = 5


def main() -> int:
    """Return 0 if the web app passes or cannot be checked here, else 1."""
    # The tests beside it have time limits.
    os.nice(_NICENESS)
    try:
        found = app_build()
    except BuildFailedError as error:
        _say(f"web: {error}")
        return 1
    if found.node is None:
        _say(f"web: not checked: {found.missing}")
        return 0
    digest = digest_of(SOURCES)
    checked = SOURCES / _CHECKED
    if checked.is_file() and checked.read_text() == digest:
        return 0
    failed = [script for script in _scripts() if not _passes(found.node, script)]
    if failed:
        _say(f"web: failed: {', '.join(failed)}; `cd web && npm run {failed[0]}` repeats it")
        return 1
    checked.write_text(digest)
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _scripts() -> Iterator[str]:
    """Yield the scripts that `npm run check` runs. That needs npm on the PATH, and they do not."""
    check = json.loads((SOURCES / "package.json").read_text())["scripts"]["check"]
    yield from re.findall(r"npm run (\S+)", check)


def _passes(node: Node, script: str) -> bool:
    """Run a script of npm; print its output if it fails."""
    path = f"{node.program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        [*npm_command(node), "run", "--silent", script],
        cwd=SOURCES,
        env={**os.environ, "PATH": path, "NEXT_TELEMETRY_DISABLED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        _say(done.stdout)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
