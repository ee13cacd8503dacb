"""`wsoptv missing` and `wsoptv forget`, as users run them."""

from __future__ import annotations

from tests.cli.conftest import Command
from tests.plugins.ingest import Archive


def test_missing_files_are_listed_and_forgotten_by_folder(wsoptv: Command, archive: Archive) -> None:
    files = [archive.put(f"2009/Show 11/{number}.mp4") for number in (1, 2)]
    archive.put("stays.mp4")
    wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    assert wsoptv("missing").stdout == ""
    for file in files:
        file.unlink()
    assert wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")["missing"] == 2
    folder = f"{archive.root}/2009/Show 11/"
    status = wsoptv("status").stdout
    assert "missing: 2 files (restore them, or forget those" in status
    assert f"  {folder} — 2 files, since 2" in status
    assert "missing_files" in status
    assert wsoptv("missing").stdout.startswith(f"{folder} — 2 files, since 2")
    assert [line["path"] for line in wsoptv.json("missing")["lines"]] == ["2009/Show 11/"]
    assert wsoptv.json("forget", "stays.mp4", code=3)["error"]["code"] == "file_present"
    assert wsoptv.json("forget", "nowhere.mp4", code=3)["error"]["code"] == "not_missing"
    assert wsoptv("forget", "2009/Show 11/1.mp4").stdout == "2009/Show 11/1.mp4: 1 missing file forgotten\n"
    assert wsoptv.json("forget", folder) == {"paths": [{"path": folder, "files": 1}]}
    seen = wsoptv.json("status")
    assert (seen["missing"], seen["alerts"], seen["roots"][0]["missing"]) == (
        {"files": 0, "lines": []},
        [],
        0,
    )
