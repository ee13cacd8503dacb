"""The recorded results: a committed JSON file, and the table in the README that is made from it."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from benchmarks.registry import BENCHMARKS
from benchmarks.results import Result

FOLDER = Path(__file__).parent
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"

_HEAD = "| what | measured | beside | ratio | claim | date |\n| --- | --- | --- | --- | --- | --- |"


@dataclass(frozen=True)
class Record:
    """A result with the day of its run and the machine that ran it."""

    result: Result
    date: str
    machine: str


Records = Mapping[str, Sequence[Record]]
"""By the name of the benchmark."""


def machine_line(archive: Path | None) -> str:
    """Describe this machine, and the archive that the benchmark read, if any."""
    memory = psutil.virtual_memory().total / 2**30
    cores = os.cpu_count()
    line = f"{platform.machine()}, {cores} cores, {memory:.0f} GiB, Python {platform.python_version()}"
    return line if archive is None else f"{line}; {_described(archive)}"


def _described(archive: Path) -> str:
    sizes = [
        os.stat(os.path.join(folder, name)).st_size
        for folder, _folders, names in os.walk(os.fsencode(archive))
        for name in names
    ]
    return f"an archive of {len(sizes):,} files, {sum(sizes) / 1e9:.2g} GB"


def load(folder: Path = FOLDER) -> dict[str, list[Record]]:
    """Return the recorded results of existing benchmarks, in their order."""
    stored = json.loads((folder / "results.json").read_text())
    return {name: [_record(row) for row in stored[name]] for name in BENCHMARKS if name in stored}


def _record(row: dict[str, str | float | None]) -> Record:
    date, machine = row.pop("date"), row.pop("machine")
    return Record(Result(**row), str(date), str(machine))  # type: ignore[arg-type]


def store(records: Records, folder: Path = FOLDER) -> None:
    """Write the results, and the table in the README from them."""
    rows = {
        name: [asdict(one.result) | {"date": one.date, "machine": one.machine} for one in records[name]]
        for name in BENCHMARKS
        if name in records
    }
    _write(folder / "results.json", json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    readme = folder / "README.md"
    _write(readme, with_table(readme.read_text(), render(records)))


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text)
    part.replace(path)


def render(records: Records) -> str:
    """Return the table in Markdown, followed by the machine of each date."""
    ordered = [record for name in BENCHMARKS for record in records.get(name, ())]
    rows = [f"| {' | '.join([*one.result.cells(), one.date])} |" for one in ordered]
    dates: dict[str, set[str]] = {}
    for one in ordered:
        dates.setdefault(one.machine, set()).add(one.date)
    machines = [f"- {', '.join(sorted(days))}: {machine}" for machine, days in dates.items()]
    return "\n".join([_HEAD, *rows, "", "Measured on:", "", *machines])


def with_table(readme: str, table: str) -> str:
    """Return the README with this table between its two markers.

    Raises `ValueError` if they are missing.
    """
    before, begin, rest = readme.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"benchmarks/README.md needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"
