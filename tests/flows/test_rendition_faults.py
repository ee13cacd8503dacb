"""Faults of renditions: killed processes, full disks, bad files, interrupted archives."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from catalog_models.tables import Rendition
from flows.renditions import render as rendering
from tasks.media.folders import FolderUnusableError
from tasks.renditions import encoder
from tests.buckets import S3
from tests.flows.conftest import MKV, MXF, Render
from tests.flows.test_renditions import look, rendition_files, title
from tests.plugins.ingest import Archive, Ingest
from tests.processes import running


@pytest.mark.parametrize("step", ["make_rendition", "publish", "_expect_alike"])
def test_a_kill_at_any_step_leaves_nothing_unfinished(
    masters: Archive, ingest: Ingest, render: Render, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class KilledError(BaseException):
        """Ends the process like kill -9, without any cleanup."""

    real = getattr(rendering, step)

    def killed(*arguments: Any) -> None:
        real(*arguments)
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(rendering, step, killed)
        patch.setattr(rendering, "discard", lambda _target: None)
        patch.setattr(rendering, "_forget", lambda *_arguments: None)
        with pytest.raises(KilledError):
            render()
    assert (title(ingest, 1).status, len(rendition_files(ingest))) == ("preparing", 1)
    assert render().made == 0, "it counts as another run's work until its lease expires"
    with ingest.session() as session, session.begin():
        session.execute(text("update renditions set claimed_until = now() - interval '1 s'"))
    again = render()
    assert (again.made, again.removed, len(rendition_files(ingest)), title(ingest, 1).status) == (
        1,
        1,
        1,
        "ready",
    )


def test_an_unacknowledged_commit_is_not_a_failure(
    masters: Archive, ingest: Ingest, render: Render, unacknowledged_commits: None
) -> None:
    assert (render().made, title(ingest, 1).status, len(rendition_files(ingest))) == (1, "ready", 1)


def test_a_full_disk_is_reported_and_leaves_nothing(
    masters: Archive, ingest: Ingest, render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(rendering, "spare_room", lambda _folder: 1_000)
        done = render()
    assert "are free in" in done.failed[0]
    assert (rendition_files(ingest), ingest.rows(Rendition)) == ([], [])
    assert render().made == 1, "it is tried again when there is room"


def test_a_failure_of_ffmpeg_is_reported_and_retried_only_on_request(
    masters: Archive, ingest: Ingest, render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = encoder.command_of
    with monkeypatch.context() as patch:
        patch.setattr(
            encoder, "command_of", lambda *arguments: [*real(*arguments)[:-2], "/nowhere/at.all", "-y"]
        )
        done = render()
    assert "ffmpeg failed" in done.failed[0]
    (row,) = ingest.rows(Rendition)
    assert (row.state, "ffmpeg failed" in row.problem, rendition_files(ingest)) == ("failed", True, [])
    assert render().plans == []
    assert render(content_ids=(title(ingest, 1).id,)).made == 1


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (1, "Error writing trailer: No space left on device"),
        (1, "av_interleaved_write_frame(): Disk quota exceeded"),
        (0, "[in#0] Error during demuxing: Input/output error"),
        (0, "[matroska] Read error at pos. 4711"),
        (1, "Error opening input: Stale file handle"),
        (1, "[https] Server returned 5XX Server Error reply"),
        (-9, ""),
        (255, ""),
    ],
)
def test_failures_not_caused_by_the_file_are_retried(
    masters: Archive, ingest: Ingest, render: Render, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    ends = "kill -9 $$" if code < 0 else f"exit {code}"
    script = f'"$@"; echo "{said}" >&2; {ends}'
    real = encoder.command_of
    with monkeypatch.context() as patch:
        patch.setattr(encoder, "command_of", lambda *arguments: ["sh", "-c", script, "sh", *real(*arguments)])
        assert len(render().failed) == 1
    assert (rendition_files(ingest), ingest.rows(Rendition)) == ([], [])
    assert render().made == 1


def test_a_stalled_archive_is_retried(
    masters: Archive, ingest: Ingest, render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(encoder, "command_of", lambda *_: ["sleep", "60"])
        patch.setattr(encoder, "STALLED", 0.1)
        assert "is the archive available?" in render().failed[0]
    assert (rendition_files(ingest), render().made) == ([], 1)


def test_a_file_that_changes_during_the_read_is_left_for_the_next_run(
    masters: Archive, ingest: Ingest, render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = encoder._run

    def meddled(*arguments: Any) -> None:
        real(*arguments)
        (masters.root / MKV).write_bytes(b"another film")

    monkeypatch.setattr(encoder, "_run", meddled)
    done = render()
    assert "changed while it was read" in done.failed[0]
    assert (rendition_files(ingest), ingest.rows(Rendition)) == ([], [])


def test_a_folder_in_the_archive_is_refused(masters: Archive, render: Render) -> None:
    inside = masters.root / "renditions"
    inside.mkdir()
    with pytest.raises(FolderUnusableError, match="WSOPTV_RENDITIONS"):
        render(settings={"renditions": inside})


def test_ffmpeg_ends_with_its_worker(tmp_path: Path) -> None:
    """After kill -9 of the worker, no ffmpeg continues to write for hours."""
    if encoder._bound()[:1] != ["setpriv"]:
        pytest.skip("setpriv (util-linux) is not there")
    program = f"""
import subprocess, sys
from tasks.renditions.encoder import _bound
child = subprocess.Popen([*_bound(), {sys.executable!r}, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
child.wait()
"""
    with running([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        # setpriv needs a moment to take effect.
        time.sleep(0.2)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        if Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()


def test_a_master_in_a_bucket_is_read_from_there(
    s3: S3, archive: Archive, ingest: Ingest, render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.made += 1
    s3.put(MXF, archive.video("mxf"))
    ingest(s3.location)
    s3.weather.clear()
    s3.weather.fails = lambda _path: len(s3.weather.asked) > 3
    assert "does not respond" in render(transcode=True).failed[0]
    assert ingest.rows(Rendition) == []
    s3.weather.clear()
    real = encoder._input

    def from_now_on(source: Any) -> Any:
        # Bytes of a response: ffmpeg continues with the next.
        s3.weather.cut = 40_000
        return real(source)

    alike = rendering._expect_alike

    def fine(*arguments: Any) -> None:
        s3.weather.clear()
        alike(*arguments)

    monkeypatch.setattr(encoder, "_input", from_now_on)
    monkeypatch.setattr(rendering, "_expect_alike", fine)
    assert render(transcode=True).made == 1
    (made,) = rendition_files(ingest)
    assert uuid.UUID(made.name)
    assert look(made).verdict.playability == "direct"
