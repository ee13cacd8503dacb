"""The wheel: its files, and the programs that run from it without a checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from deployments.web.build import is_current
from deployments.web.built_app import standalone
from deployments.web.node import OFF
from orchestration.home import embedded_prefect_auth
from tests.cli.conftest import Command
from tests.folders import open_folder
from tests.prefect.api import LOOK_SECONDS, Api
from tests.processes import running
from tests.serving.conftest import unused_port
from tests.stack.conftest import REPOSITORY, processes, until
from tests.test_laws import PACKAGES
from tests.web.app_build import AppBuild

_START_SECONDS = 600
# Where the wheel has the web app.
_APP = "serving/web/app/"
_CHECKOUT = ("PYTHONPATH", "VIRTUAL_ENV", "PREFECT_HOME", "PREFECT_PROFILES_PATH")


@dataclass(frozen=True)
class Installed:
    """An installation of the wheel in a separate environment, with the libraries of the tests."""

    environment: Path

    def program(self, name: str) -> Path:
        return self.environment / "bin" / name

    @contextmanager
    def demo(self, home: Path, folder: Path) -> Iterator[dict[str, str]]:
        """Run `wsoptv demo` in `folder`; yield its addresses once a worker waits for runs."""
        kept = {name: value for name, value in Command(home).environment.items() if name not in _CHECKOUT}
        log = folder.with_suffix(".log")
        with log.open("wb") as output:
            demo = subprocess.Popen(
                [self.program("wsoptv"), "demo", "--port", "0"],
                cwd=folder,
                env=kept,
                stdout=output,
                stderr=output,
            )
        try:
            until(lambda: _is_ready(log) or demo.poll() is not None, _START_SECONDS, LOOK_SECONDS)
            assert _is_ready(log), log.read_text()
            yield dict(_addresses(log))
        finally:
            _end(demo, home)


def _is_ready(log: Path) -> bool:
    said = log.read_text()
    return "a worker waits for flow runs" in said and "to end it" in said


def _addresses(log: Path) -> Iterator[tuple[str, str]]:
    for found in re.finditer(r"^ *(\S.*?) +(http://\S+)", log.read_text(), re.MULTILINE):
        yield found[1], found[2]


def _end(demo: subprocess.Popen[bytes], home: Path) -> None:
    """End the demo, and those of its servers that remain."""
    demo.terminate()
    try:
        demo.wait(60)
    except subprocess.TimeoutExpired:
        demo.kill()
        demo.wait()
    finally:
        # Processes that are about to end.
        _ended, left = psutil.wait_procs(processes(home), timeout=10)
        for process in left:
            process.kill()
        psutil.wait_procs(left, timeout=10)
    assert left == [], "the demo left servers running"


def _built(sources: Path, folder: Path, app: AppBuild) -> Path:
    """Build the wheel with the backend that installers call; it takes the web app that is built."""
    build = "import sys, hatchling.build; print(hatchling.build.build_wheel(sys.argv[1]))"
    command = [sys.executable, "-c", build, str(folder)]
    environment = {**os.environ, "WSOPTV_NODE": str(app.node.program) if app.node else OFF}
    done = subprocess.run(command, cwd=sources, env=environment, capture_output=True, text=True, check=True)
    return folder / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def wheel(web_build: AppBuild, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built(REPOSITORY, tmp_path_factory.mktemp("wheel"), web_build)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Install the wheel; a path file points to the libraries.

    Path files among them, such as that of the checkout, are not read.
    """
    made = Installed(tmp_path_factory.mktemp("installed"))
    venv.create(made.environment, symlinks=True)
    paths = {"base": str(made.environment), "platbase": str(made.environment)}
    packages = Path(sysconfig.get_path("purelib", vars=paths))
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    install = [
        "-m",
        "pip",
        "--python",
        str(made.program("python")),
        "install",
        "--no-index",
        "--no-deps",
        str(wheel),
    ]
    subprocess.run([sys.executable, *install], check=True, capture_output=True)
    return made


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if ".dist-info/" not in name}
    there = {
        str(path.relative_to(REPOSITORY))
        for package in PACKAGES
        for path in (REPOSITORY / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    own = {name for name in held if not name.startswith(_APP)}
    assert own == there | {"deployments/prefect.yaml"}


def test_the_wheel_holds_the_built_web_app(wheel: Path, web_app: AppBuild) -> None:
    with zipfile.ZipFile(wheel) as opened:
        held = {name.removeprefix(_APP) for name in opened.namelist() if name.startswith(_APP)}
    there = {str(path.relative_to(web_app.folder)) for path in web_app.folder.rglob("*") if path.is_file()}
    assert held == there
    assert "server.js" in held
    assert not [name for name in held if re.search(r"node_modules/(sharp|@img|@swc/core)/", name)]


def test_the_installed_app_is_that_of_the_wheel(
    installed: Installed, web_app: AppBuild, tmp_path: Path
) -> None:
    """An installation finds its app without the checkout, and Node renders a page of it."""
    assert web_app.node is not None
    where = "from deployments.web.built_app import built_app; print(built_app())"
    found = subprocess.run(
        [installed.program("python"), "-P", "-c", where],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    app = Path(found.stdout.strip())
    assert app.is_relative_to(installed.environment)
    port = str(unused_port())
    environment = {"PORT": port, "HOSTNAME": "127.0.0.1", "WSOPTV_API": "http://127.0.0.1:9"}
    with running([web_app.node.program, "server.js"], cwd=app, env=environment):
        until(lambda: _page(f"http://127.0.0.1:{port}/sign-in").count("</form>") > 0)


def _page(url: str) -> str:
    try:
        return httpx.get(url, timeout=20).text
    except httpx.TransportError:
        return ""


def test_the_image_gets_the_same_wheel(wheel: Path, web_build: AppBuild, tmp_path: Path) -> None:
    """Built without Docker, from the files that `.dockerignore` allows and the Dockerfile copies.

    The web app is not built again: the build of the checkout is that of the image's sources.
    """
    let_in = {line[1:] for line in (REPOSITORY / ".dockerignore").read_text().split() if line.startswith("!")}
    sources = tmp_path / "src"
    sources.mkdir()
    for name in _copied():
        assert name in let_in
        if (REPOSITORY / name).exists():
            _copy(REPOSITORY / name, sources / name)
    if web_build.node:
        shutil.copytree(web_build.folder, standalone(sources / "web"))
        assert is_current(sources / "web"), "the image builds from other sources"
    assert _built(sources, tmp_path, web_build).read_bytes() == wheel.read_bytes()


_NOT_LET_IN = shutil.ignore_patterns(
    "__pycache__", "node_modules", ".next*", "next-env.d.ts", "*.tsbuildinfo"
)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=_NOT_LET_IN)
    else:
        shutil.copy(source, target)


def _copied() -> list[str]:
    """Return the paths that the Dockerfile copies from the checkout."""
    lines = (REPOSITORY / "deployments/Dockerfile").read_text().splitlines()
    copies = [line.split() for line in lines if line.startswith("COPY ") and "--from=" not in line]
    return [name for _, *names, _ in copies for name in names]


def test_the_demo_runs_from_the_wheel_alone(installed: Installed) -> None:
    """From an empty folder, until the worker has completed a run."""
    with open_folder() as folder:
        home, empty = folder / "home", folder / "empty"
        empty.mkdir()
        where = "import deployments, flows; print(deployments.__file__, flows.__file__)"
        found = subprocess.run(
            [installed.program("python"), "-P", "-c", where],
            cwd=empty,
            capture_output=True,
            text=True,
            check=True,
        )
        assert all(path.startswith(str(installed.environment)) for path in found.stdout.split())
        with installed.demo(home, empty) as addresses:
            api = Api(f"{addresses['Prefect']}/api", embedded_prefect_auth(home) or "")
            run = api.start("ingest-archive", root=str(home / "demo-archive"), settle=0, workers=1)
            for path in ("", "assets/app.js", "assets/icon.svg", "docs", "swagger/swagger-ui.css"):
                httpx.get(f"{addresses['the page']}{path}").raise_for_status()
            # A state of type Completed.
            assert api.ended(run) == "Nothing new, 1 quarantined"
        assert list(empty.iterdir()) == []
