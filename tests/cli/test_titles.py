"""`wsoptv titles`, `review` and `edit`, as people and programs use them."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.cli.conftest import WSOPTV, Command
from tests.plugins.ingest import Archive


def read(*arguments: str, given: bytes) -> list[dict[str, object]]:
    done = subprocess.run([WSOPTV, "titles", *arguments], input=given, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_paths_are_read_line_by_line_or_by_nul() -> None:
    lines = read(given=b"WSOP 2031/WSOP_2031_4.mxf\n\n._x.mp4\n\xff\xfe.mp4")
    assert [line["display_title"] for line in lines] == ["WSOP 2031 – Episode 4", None, None, "\\xff\\xfe"]
    assert [line["ignored"] for line in lines] == [False, True, True, False]
    nul = read("-0", given=b"a\nb/WSOP_2031_4.mxf\0WSOP_2031_5.mxf\0")
    assert [line["path"] for line in nul] == ["a\nb/WSOP_2031_4.mxf", "WSOP_2031_5.mxf"]


def test_many_paths_keep_their_order() -> None:
    lines = read(given=b"".join(b"WSOP_2031_%d.mxf\n" % (number % 90) for number in range(9_000)))
    assert [line["episode"] for line in lines] == [number % 90 for number in range(9_000)]


def test_a_closed_pipe_ends_the_command_without_an_error() -> None:
    done = subprocess.run(  # noqa: S602
        f"yes WSOP_2031_4.mxf | head -200000 | {WSOPTV} titles | head -1",
        shell=True,
        capture_output=True,
        check=True,
    )
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""


def test_reading_needs_no_database_and_no_heavy_library() -> None:
    code = (
        "import sys; from deployments.cli.main import main\n"
        "try: main(['titles'])\n"
        "except SystemExit: pass\n"
        "heavy = {'sqlalchemy', 'psycopg', 'fastapi', 'pydantic', 'av', 'cv2', 'PIL', 'redis', 'rich'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


def test_an_explanation_names_rules_and_parts() -> None:
    path = "WSOP 2031/WS31_Show_11_ME07_NB.mp4"
    done = subprocess.run([WSOPTV, "titles", "--explain", path], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("WSOP 2031 Main Event – Episode 11\nrule show, confidence 0.95\n")
    assert "'11'  →  episode 11" in done.stdout
    assert "'NB'  →  ignored" in done.stdout


def test_an_edited_title_leaves_the_review_list_and_stays(wsoptv: Command, archive: Archive) -> None:
    archive.put("reviewed thing.mp4")
    wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    (item,) = [row for row in wsoptv.json("review")["items"] if row["title"] == "reviewed thing"]
    assert "reviewed thing" in wsoptv("review").stdout
    said = wsoptv.json("edit", item["id"], "title=Named = now", "year=2031")
    assert said == {"id": item["id"], "title": "Named = now"}
    wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0", "--full")
    (listed,) = wsoptv.json("list", "Named = now")["items"]
    assert (listed["id"], listed["year"]) == (item["id"], 2031)
    assert wsoptv.json("titles", "--diff")["changed"] == 0
    assert wsoptv.json("edit", item["id"], "year=soon", code=2)["error"]["code"] == "invalid_edit"
    assert wsoptv.json("edit", "00000000-0000-0000-0000-000000000000", "year=2031", code=3)["error"]
    assert wsoptv.json("edit", item["id"], "year", code=2)["error"]["code"] == "usage"
    assert wsoptv.json("titles", "--apply", code=2)["error"]["code"] == "usage"


def test_titles_are_hidden_confirmed_merged_and_split(wsoptv: Command, archive: Archive) -> None:
    archive.put("placed/one.mp4")
    archive.put("placed/two.mp4")
    ingest = ("ingest", "--no-prefect", str(archive.root), "--settle", "0", "--full")
    wsoptv.json(*ingest)

    def ids() -> dict[str, str]:
        return {
            row["title"]: row["id"] for row in wsoptv.json("list")["items"] if row["title"] in ("one", "two")
        }

    known = ids()
    assert wsoptv.json("confirm", known["one"]) == {"id": known["one"], "title": "one"}
    assert known["one"] not in {row["id"] for row in wsoptv.json("review")["items"]}
    wsoptv.json("hide", known["two"])
    wsoptv.json(*ingest)
    assert ids() == {"one": known["one"]}
    wsoptv.json("show", known["two"])
    assert ids() == known
    wsoptv.json("merge", known["one"], known["two"])
    wsoptv.json(*ingest)
    assert ids() == {"one": known["one"]}
    assert wsoptv.json("hide", known["two"], code=3)["error"]["code"] == "no_such_title"
    split = wsoptv.json("split", known["one"], str(archive.root / "placed/two.mp4"))
    wsoptv.json(*ingest)
    assert ids() == {"one": known["one"], "two": split["id"]}
    refused = wsoptv.json("split", known["one"], str(archive.root / "placed/one.mp4"), code=3)
    assert refused["error"]["code"] == "invalid_placing"
    assert wsoptv.json("split", known["one"], "nowhere.mp4", code=3)["error"]["code"] == "unknown_file"


def test_names_of_players_are_proposed_and_confirmed(wsoptv: Command, archive: Archive) -> None:
    archive.put("learned/9-wsop-2031-me-ft-hs-Ashbrook-wins.mp4")
    wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")

    def proposed() -> list[str]:
        return [row["name"] for row in wsoptv.json("titles", "--learn")["items"]]

    assert "Ashbrook" in proposed()
    assert "Ashbrook" in wsoptv("titles", "--learn").stdout
    wsoptv.json("titles", "--learn", "--confirm", "Ann Ashbrook")
    assert "Ashbrook" not in proposed()
    assert wsoptv.json("titles", "--learn", "--confirm", " ", code=2)["error"]["code"] == "invalid_name"
    assert wsoptv.json("titles", "--confirm", "Ann", code=2)["error"]["code"] == "usage"
