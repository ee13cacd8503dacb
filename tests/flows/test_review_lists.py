"""Lists of files that wait for a moderator: paged, with the root of each file."""

from __future__ import annotations

from catalog_models.reads.review_lists import list_quarantined, list_uncertain
from tests.plugins.ingest import Archive, Ingest


def test_the_same_path_in_two_roots_is_distinguished_and_paged(archive: Archive, ingest: Ingest) -> None:
    for root in ("one", "two"):
        archive.put(f"{root}/odd/take.mp4")
        archive.put(f"{root}/bad.mp4", b"no video")
        ingest(archive.root / root)
    roots = {str(archive.root / root) for root in ("one", "two")}
    with ingest.session() as session:
        pages = [list_quarantined(session, 1, offset) for offset in range(3)]
        assert [(len(page.items), page.total) for page in pages] == [(1, 2), (1, 2), (0, 2)]
        quarantined = [row for page in pages for row in page.items]
        assert {(row.root, row.path) for row in quarantined} == {(root, "bad.mp4") for root in roots}
        assert all("not a video" in row.message for row in quarantined)
        uncertain = list_uncertain(session, 10)
        assert {(row.root, row.path) for row in uncertain.items} == {(root, "odd/take.mp4") for root in roots}
        assert list_uncertain(session, 1, 1).items == uncertain.items[1:]
