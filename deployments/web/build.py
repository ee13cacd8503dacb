"""The build of the web app: `python -m deployments.web.build`, which `make web` and `make demo` run.

It builds nothing if the sources have the digest of the last build. The build of a wheel also imports this
module, without the libraries of the program.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from catalog_models.errors import ExpectedError
from deployments.web.built_app import ROOT, SERVER, STAMP, STATIC, standalone
from deployments.web.node import OFF, Node, NodeMissingError, find_node

_LOCK_FILE = "package-lock.json"
_GENERATED = frozenset({"node_modules", "next-env.d.ts", "__pycache__"})
_PRECOMPRESS = Path(__file__).with_name("precompress.mjs")
# The lines of output that are shown of a failed program.
_LAST_LINES = 30
# Codes of npm for failures of a network or of the server behind it, and for packages not in its cache.
_UNREACHABLE = re.compile(
    r"^npm error code (ECONN\w+|E(NET|HOST)UNREACH|E(NOTFOUND|TIMEDOUT|NOTCACHED)|EAI_\w+"
    r"|FETCH_ERROR|ERR_SOCKET_TIMEOUT|E50\d)\b",
    re.MULTILINE,
)

Report = Callable[[str], None]


class BuildFailedError(ExpectedError):
    """The web app cannot be built; the message has the last lines of the program that failed."""

    code = "web_build_failed"


class RegistryUnreachableError(BuildFailedError):
    """The packages cannot be installed, because npm's registry cannot be reached."""

    code = "npm_unreachable"


def is_current(sources: Path) -> bool:
    """Return whether the app is built from these sources."""
    app = standalone(sources)
    return (app / SERVER).is_file() and _read(app / STAMP) == digest_of(sources)


def build(sources: Path, node: Node, report: Report) -> bool:
    """Build the app unless it is current; return whether it was built.

    One build runs at a time; another one waits for it. Raises `BuildFailedError`, or its kind
    `RegistryUnreachableError` if the packages cannot be fetched.
    """
    with _locked(sources):
        if is_current(sources):
            return False
        digest = digest_of(sources)
        _install(sources, node, report)
        report("web: building the pages (next build)")
        # Without this, the folder would count as current while it changes.
        (standalone(sources) / STAMP).unlink(missing_ok=True)
        _run(
            sources,
            node,
            [node.program, sources / "node_modules" / "next" / "dist" / "bin" / "next", "build"],
        )
        report("web: compressing the files")
        _add_files(sources, node)
        (standalone(sources) / STAMP).write_text(digest)
        return True


def _install(sources: Path, node: Node, report: Report) -> None:
    """Install the packages of the lock file, unless they are installed."""
    modules = sources / "node_modules"
    digest = hashlib.sha256((sources / _LOCK_FILE).read_bytes()).hexdigest()
    if _read(modules / STAMP) == digest:
        return
    report("web: installing the packages of package-lock.json (npm ci); about a minute, once")
    npm = npm_command(node)
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    # Without a registry, npm would try every package for minutes. Its cache may have them all.
    _run(sources, node, command if _is_reachable(sources, node, npm) else [*command, "--offline"])
    (modules / STAMP).write_text(digest)


def _is_reachable(sources: Path, node: Node, npm: Sequence[str | Path]) -> bool:
    """Return whether npm's registry responds; not every registry has a ping."""
    try:
        _run(sources, node, [*npm, "ping", "--fetch-retries=0", "--fetch-timeout=20000"])
    except BuildFailedError as error:
        return not isinstance(error, RegistryUnreachableError)
    return True


def npm_command(node: Node) -> list[str | Path]:
    """Return the command of npm: that of the wheel, else that beside Node or on the PATH."""
    if node.npm is not None:
        return [node.program, node.npm]
    found = shutil.which("npm", path=f"{node.program.parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        raise BuildFailedError(f"{node.program} has no npm: install npm, or run `pip install 'wsoptv[web]'`")
    return [found]


def _add_files(sources: Path, node: Node) -> None:
    """Copy the static files to the folder of the app, under their paths in URLs, and compress them."""
    app = standalone(sources)
    files = app / STATIC
    shutil.rmtree(files, ignore_errors=True)
    shutil.copytree(sources / ".next" / "static", files / "_next" / "static")
    if (sources / "public").is_dir():
        shutil.copytree(sources / "public", files, dirs_exist_ok=True)
    _run(sources, node, [node.program, _PRECOMPRESS, files])


def _run(sources: Path, node: Node, command: Sequence[str | Path]) -> None:
    environment = {
        **os.environ,
        "NEXT_TELEMETRY_DISABLED": "1",
        "NODE_ENV": "production",
        # The running app does not need the packages for the build.
        "npm_config_include": "dev",
        "PATH": f"{node.program.parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    done = subprocess.run(
        command,
        cwd=sources,
        env=environment,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        last = "\n".join(done.stdout.splitlines()[-_LAST_LINES:])
        kind = RegistryUnreachableError if _UNREACHABLE.search(done.stdout) else BuildFailedError
        raise kind(f"{' '.join(map(str, command))} failed:\n{last}")


def digest_of(sources: Path) -> str:
    """Return a digest of the sources, and of the script that compresses."""
    digest = hashlib.sha256(_PRECOMPRESS.read_bytes())
    for path in sorted(_files(sources)):
        name = path.relative_to(sources).as_posix().encode()
        digest.update(b"%d %b" % (len(name), name))
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(sources: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(sources):
        folders[:] = [name for name in folders if not _is_generated(name)]
        yield from (Path(parent, name) for name in names if not _is_generated(name))


def _is_generated(name: str) -> bool:
    return name in _GENERATED or name.startswith(".next") or name.endswith(".tsbuildinfo")


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the app of the checkout; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deployments.web.build", description="Build the web app.")
    parser.add_argument(
        "--optional", action="store_true", help="succeed with a message if it cannot be built"
    )
    optional = parser.parse_args(arguments).optional
    sources, setting = ROOT / "web", os.environ.get("WSOPTV_NODE") or None
    if setting == OFF or not (sources / _LOCK_FILE).is_file():
        _report("web: there is nothing to build")
        return 0
    try:
        if is_current(sources):
            return 0
        built = build(sources, find_node(setting), _report)
    except (NodeMissingError, BuildFailedError, OSError) as error:
        _report(f"web: {error}")
        if optional:
            _report("web: WSOPTV shows its plain page instead")
        return 0 if optional else 1
    _report("web: built" if built else "web: unchanged")
    return 0


def _report(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
