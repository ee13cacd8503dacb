"""The recorded figures and the table that is made from them."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import records
from benchmarks.records import Record
from benchmarks.registry import BENCHMARKS
from benchmarks.results import Result
from benchmarks.startup import LIBRARIES

FIGURE = Result("`x`, beside `y`", 2.0, 1.0, "s", 1.5)
RECORD = Record(FIGURE, "2031-02-03", "a machine")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the recorded results and their README."""
    for name in ("results.json", "README.md"):
        shutil.copy(records.FOLDER / name, tmp_path)
    return tmp_path


def test_the_table_is_what_the_stored_results_render_to(folder: Path) -> None:
    records.store(records.load(folder), folder)
    for name in ("results.json", "README.md"):
        assert (folder / name).read_text() == (records.FOLDER / name).read_text(), (
            "run `python -m benchmarks --table`"
        )


def test_every_stored_row_that_misses_its_claim_says_so() -> None:
    table = (records.FOLDER / "README.md").read_text()
    for record in (record for rows in records.load().values() for record in rows):
        (row,) = [line for line in table.splitlines() if line.startswith(f"| {record.result.what} |")]
        assert ("missed" in row) is not record.result.holds, row


def test_every_benchmark_can_be_imported_and_measured() -> None:
    for benchmark in BENCHMARKS.values():
        assert callable(importlib.import_module(benchmark.module).measure)


@pytest.mark.parametrize(
    ("result", "claim"),
    [
        (FIGURE, "≤ 1.5×: **missed**"),
        (replace(FIGURE, claim=2.0), "≤ 2×"),
        (replace(FIGURE, claim=None), ""),
        (replace(FIGURE, theirs=None), "≤ 1.5 s: **missed**"),
        (replace(FIGURE, theirs=None, claim=3), "≤ 3 s"),
    ],
)
def test_a_missed_claim_is_marked(result: Result, claim: str) -> None:
    assert result.cells()[-1] == claim


def test_rows_of_other_benchmarks_keep_their_dates(folder: Path) -> None:
    before = records.load(folder)
    records.store(before | {"startup": [RECORD]}, folder)
    after = records.load(folder)
    assert after == before | {"startup": [RECORD]}
    table = (folder / "README.md").read_text()
    assert "| `x`, beside `y` | 2 s | 1 s | 2.00× | ≤ 1.5×: **missed** | 2031-02-03 |" in table
    assert "- 2031-02-03: a machine" in table


def test_rows_that_no_longer_exist_vanish(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = records.load(folder)["rescan"][0].result.what
    assert gone in (folder / "README.md").read_text()
    monkeypatch.delitem(BENCHMARKS, "rescan")
    records.store(records.load(folder), folder)
    assert gone not in (folder / "README.md").read_text() + (folder / "results.json").read_text()


def test_a_readme_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="results: begin"):
        records.with_table("# Benchmarks", "table")


def _packages_of(statement: str) -> set[str]:
    """The packages that a statement loads, apart from the standard library's and our own."""
    ours = {"serving", "tasks", "orchestration", "catalog_models"}
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}} - sys.stdlib_module_names)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split()) - ours


def test_the_application_is_measured_beside_the_libraries_that_it_loads() -> None:
    assert _packages_of("import serving.app") == _packages_of(LIBRARIES)
