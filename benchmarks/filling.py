"""Invented titles in the catalogue, with the documents, words, files and pictures that flows would write."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import select, text

from benchmarks.invented import titles
from catalog_models.tables import MediaFile
from catalog_models.values import (
    Fingerprint,
    Inspection,
    MediaFacts,
    Picture,
    Playability,
    ScannedFile,
    Verdict,
)
from catalog_models.writes import contents, media_files, roots, stage_results, thumbnails
from orchestration.transactions import Transaction, Transactions

_BATCH = 1_000


def fill(transactions: Transactions, count: int) -> None:
    """Add `count` titles; then vacuum and analyse the tables, as autovacuum would."""
    new = titles(count)
    while rows := list(islice(new, _BATCH)):
        transactions.run(_add, rows)
    with transactions.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


def _add(work: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    series = contents.series_ids(work.session, [(row["series"], row) for row in rows])
    files = _files(work, rows)
    contents.create(
        work.session,
        [
            {name: value for name, value in row.items() if name != "series"}
            | {"series_id": series[row["series"]], "best_file_id": file, "file_path": _path(row)}
            for row, file in zip(rows, files, strict=True)
        ],
    )


def _files(work: Transaction, rows: Sequence[Mapping[str, Any]]) -> list[uuid.UUID]:
    root, _below = roots.find_or_create(work.session, b"/invented")
    paths = [_path(row).encode() for row in rows]
    media_files.add(work.session, root.id, [ScannedFile(path, 1_000_000, 0, 0) for path in paths])
    found = select(MediaFile.path, MediaFile.id).where(
        MediaFile.root_id == root.id, MediaFile.path.in_(paths)
    )
    ids = dict(work.session.execute(found).tuples().all())
    stage_results.store_inspections(
        work.session, {ids[path]: _inspection(row) for path, row in zip(paths, rows, strict=True)}
    )
    thumbnails.store(work.session, dict.fromkeys(ids.values(), _PICTURES), 1)
    return [ids[path] for path in paths]


def _path(row: Mapping[str, Any]) -> str:
    return f"ARCHIVE/{row['series']}/{row['title'].replace(' ', '_')}_{row['content_key'].split()[1]}.mp4"


def _inspection(row: Mapping[str, Any]) -> Inspection:
    plays = row["status"] == "ready"
    verdict = (
        Verdict(Playability.DIRECT) if plays else Verdict(Playability.TRANSCODE, ("video_codec:prores",))
    )
    facts = MediaFacts(container="mp4", duration_seconds=row["duration_seconds"], decodes=True)
    return Inspection(Fingerprint(1_000_000, row["content_key"].encode()), facts, verdict)


_PICTURES = [
    Picture("poster", "poster.jpg", 1280, 720, 40_000, "0" * 16, (320, 640, 1280), bytes(19)),
    Picture("preview", "preview.webp", 1920, 108, 20_000, "0" * 16, parts=10),
    Picture("storyboard", "storyboard-1.webp", 3200, 1800, 300_000, "0" * 16, parts=3),
    Picture("storyboard_index", "storyboard.vtt", 3200, 1800, 20_000, "0" * 16),
]
