"""The commands, as people and programs use them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from deployments.cli.errors import reported_errors
from deployments.signals import Terminated
from tests.cli.conftest import Command
from tests.plugins.ingest import Archive


def test_help_of_every_command(wsoptv: Command) -> None:
    commands = [line.split()[0] for line in wsoptv("--help").stdout.split("Commands:\n")[1].splitlines()]
    assert set(commands) >= {
        "ingest",
        "status",
        "list",
        "search",
        "serve",
        "up",
        "down",
        "migrate",
        "doctor",
        "retry",
        "demo",
    }
    for command in commands:
        assert "Usage: wsoptv" in wsoptv(command, "--help").stdout


def test_help_loads_no_library_but_click() -> None:
    code = (
        "import sys\n"
        "from deployments.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "heavy = {'ctypes', 'json', 'multiprocessing', 'socket', 'subprocess'}\n"
        "print(*sorted(names & heavy | names - sys.stdlib_module_names))\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    # Modules that the virtual environment itself loads do not count.
    assert {name for name in loaded if not name.startswith("_")} == {"click", "deployments"}


def test_titles_are_listed_as_text_and_as_json(wsoptv: Command, archive: Archive) -> None:
    archive.put("listed show.mp4")
    wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    (item,) = wsoptv.json("list", "listed")["items"]
    assert (item["title"], item["status"], item["files"]) == ("listed show", "ready", 1)
    assert "listed show" in wsoptv("list", "LISTED").stdout


def test_a_search_finds_what_viewers_find(wsoptv: Command, archive: Archive) -> None:
    archive.put("WSOP 2031/WSOP 2031 Main Event Day 1A Fernsby.mp4")
    archive.put("WSOP 2031/WSOP 2031 Main Event Day 11 Fernsby.mp4")
    wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    said = wsoptv.json("search", "fernsbuy", "day", "1a")
    assert [item["day"] for item in said["items"]] == ["1A"]
    assert (said["corrected"], said["engine"]) == ("fernsby day1a", "postgres")
    shown = wsoptv("search", "fernsby", "day 11")
    assert "Day 11" in shown.stdout
    assert "no title" in wsoptv("search", "quarrelsome").stderr
    assert wsoptv.json("search", "x" * 501, code=2)["error"]["code"] == "usage"


def test_status_names_bad_files_and_their_problems(wsoptv: Command, archive: Archive) -> None:
    archive.put("notes\n.mp4", b"no video")
    assert wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")["quarantined"] == 1
    status = wsoptv.json("status")
    (trouble,) = [row for row in status["quarantined"] if row["path"] == "notes\n.mp4"]
    assert "not a video" in trouble["message"]
    assert "notes .mp4" in wsoptv("status").stdout


def test_an_unreadable_file_fails_and_is_tried_again(wsoptv: Command, archive: Archive) -> None:
    if os.geteuid() == 0:
        pytest.skip("root can read every file: an unprivileged user is needed")
    path = archive.put("closed.mp4")
    path.chmod(0)
    assert wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0", code=1)["failed"] == 1
    assert wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0", code=1)["failed"] == 1
    path.chmod(0o600)
    assert wsoptv.json("retry", "--no-prefect")["failed"] == 0


def test_refusals_have_their_own_exit_code(wsoptv: Command, archive: Archive) -> None:
    gone = wsoptv.json("ingest", "--no-prefect", str(archive.root / "nowhere"), code=3)
    assert "mounted" in gone["error"]["message"]
    path = archive.put("a.mp4")
    wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    path.unlink()
    assert wsoptv.json("ingest", "--no-prefect", str(archive.root), code=3)["error"]["code"] == "implausible"
    assert wsoptv.json("ingest", "--no-prefect", str(archive.root), "--accept-missing")["missing"] == 1


def test_wrong_usage_has_its_own_exit_code(wsoptv: Command) -> None:
    assert wsoptv("ingest", "--workers", "none").returncode == 2
    assert wsoptv("ingest", NAS_MOUNT_PATH="").returncode == 2
    assert wsoptv("status", WSOPTV_PROBE_DEADLINE="soon").returncode == 2


def test_doctor_finds_no_problem_in_a_good_home(wsoptv: Command, archive: Archive) -> None:
    archive.put("a.mp4")
    wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    checks = {check["name"]: check for check in json.loads(wsoptv("doctor", "--json").stdout)["checks"]}
    assert all(check["ok"] for check in checks.values()), checks
    assert {"archive", "postgres", "redis", "ffmpeg", "home", "room"} <= set(checks)


def test_doctor_reports_problems_with_their_remedies(wsoptv: Command, tmp_path: Path) -> None:
    done = wsoptv("doctor", "--json", NAS_MOUNT_PATH=str(tmp_path / "unmounted"))
    assert done.returncode == 1
    bad = [check for check in json.loads(done.stdout)["checks"] if check["name"] == "NAS_MOUNT_PATH"]
    assert "mount" in bad[0]["mend"]


@pytest.mark.usefixtures("weather")
def test_doctor_reports_the_problem_of_a_bucket(wsoptv: Command) -> None:
    def says(**environment: str) -> str:
        checks = json.loads(wsoptv("doctor", "--json", **environment).stdout)["checks"]
        (check,) = [check for check in checks if check["name"] in ("AWS_S3_BUCKET", "settings")]
        assert not check["ok"]
        assert check["mend"]
        return str(check["says"])

    assert "the bucket nowhere does not exist" in says(AWS_S3_BUCKET="s3://nowhere/films")
    assert "name of a bucket" in says(AWS_S3_BUCKET="No/Bucket")


def test_an_external_database_must_be_migrated_first(wsoptv: Command, empty_database_url: str) -> None:
    refused = wsoptv("list", DATABASE_URL=empty_database_url)
    assert refused.returncode == 3
    assert "wsoptv migrate" in refused.stderr
    assert wsoptv("migrate", DATABASE_URL=empty_database_url).returncode == 0
    assert wsoptv("list", DATABASE_URL=empty_database_url).returncode == 0


def test_a_home_inside_the_archive_is_refused(wsoptv: Command, archive: Archive) -> None:
    inside = archive.root / "state"
    refused = wsoptv("ingest", str(archive.root), WSOPTV_HOME=str(inside))
    assert refused.returncode == 3
    assert not inside.exists()


def test_every_error_is_an_object_with_json(wsoptv: Command, tmp_path: Path) -> None:
    wrong = wsoptv.json("ingest", "--no-prefect", str(tmp_path), "--workers", "0", code=2)
    assert wrong["error"]["code"] == "usage"
    assert (
        wsoptv.json("ingest", "--no-prefect", str(tmp_path), "--settle", "nan", code=2)["error"]["code"]
        == "usage"
    )
    nameless = wsoptv.json("ingest", "--no-prefect", os.fsencode(tmp_path) + b"/\xff", code=3)
    assert "\\xff" in nameless["error"]["message"]
    assert wsoptv.json("list", b"\xff")["total"] == 0


def test_copies_are_listed_with_their_reasons(wsoptv: Command, archive: Archive) -> None:
    archive.put("WSOP 2031 Main Event Day 1.mp4")
    wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    (title,) = wsoptv.json("list")["items"]
    dry = wsoptv.json("promote", title["id"], "--dry-run")
    assert [one["name"] for one in dry["plan"]["copy"]] == [title["title"]]
    assert "0 copied" not in wsoptv("promote", "--no-prefect", title["id"]).stdout
    told = wsoptv("cache").stdout
    assert title["title"] in told
    assert "0 views in 7 days" in told
    (copy,) = wsoptv.json("cache")["copies"]
    assert (copy["hits"], copy["played"]) == (0, False)
    assert "the budget is 0" in wsoptv("promote", "--no-prefect", WSOPTV_CACHE_BYTES="0").stderr
    checks = json.loads(wsoptv("doctor", "--json", WSOPTV_CACHE=str(archive.root / "x")).stdout)["checks"]
    assert [check["ok"] for check in checks if check["name"] == "cache"] == [False]


def test_playability_is_counted_with_reasons(wsoptv: Command, archive: Archive) -> None:
    sizes = [archive.put(f"{number}.mp4").stat().st_size for number in (1, 2)]
    archive.put("a.mkv")
    archive.put("b.mxf")
    archive.put("c.mp4", b"no film")
    archive.put("gone.mp4")
    wsoptv("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    (archive.root / "gone.mp4").unlink()
    wsoptv("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    said = wsoptv.json("playability")
    assert {name: amount["files"] for name, amount in said["verdicts"].items()} == {
        "direct": 2,
        "remux": 1,
        "transcode": 1,
        "broken": 1,
        "unread": 0,
    }
    assert said["verdicts"]["direct"]["bytes"] == sum(sizes)
    assert {reason["reason"] for reason in said["reasons"] if reason["verdict"] == "remux"} == {
        "container:matroska"
    }
    assert "needs another container" in wsoptv("playability").stdout


def test_a_database_error_does_not_hide_a_signal() -> None:
    """SIGTERM interrupts a ping of SQLAlchemy: psycopg then refuses to change the busy connection."""
    hiding = ProgrammingError("can't change 'autocommit' now", None, Exception())
    hiding.__context__ = Terminated()
    with pytest.raises(Terminated), reported_errors():
        raise hiding
