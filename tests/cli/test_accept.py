"""`wsoptv accept`, as users run it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Command
from tests.media.clips import ffmpeg
from tests.plugins.ingest import Archive


def clip(path: Path, seconds: int) -> bytes:
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=s=64x48:r=10:d={seconds}", "-pix_fmt", "yuv420p", str(path))
    return path.read_bytes()


def test_a_shorter_file_is_accepted(wsoptv: Command, archive: Archive, tmp_path: Path) -> None:
    archive.put("cut down.mp4", clip(tmp_path / "long.mp4", 9))
    archive.put("text.mp4", b"no video")
    wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    archive.put("cut down.mp4", clip(tmp_path / "short.mp4", 3))
    assert wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")["quarantined"] == 2
    said = wsoptv("status").stdout
    assert "is now 0:00:03" in said
    assert "wsoptv accept" in said
    whole = str(archive.root / "cut down.mp4")
    assert wsoptv.json("accept", whole) == {
        "files": [{"path": "cut down.mp4", "quarantined": False, "messages": []}]
    }
    assert wsoptv.json("list", "cut down")["total"] == 1
    bad = wsoptv("accept", "text.mp4", "cut down.mp4")
    assert bad.returncode == 1
    assert "text.mp4: still quarantined: " in bad.stdout
    assert "cut down.mp4: accepted" in bad.stdout


def test_an_unknown_path_is_refused(wsoptv: Command) -> None:
    assert wsoptv.json("accept", "nowhere.mp4", code=3)["error"]["code"] == "unknown_file"
    assert wsoptv.json("accept", code=2)["error"]["code"] == "usage"
