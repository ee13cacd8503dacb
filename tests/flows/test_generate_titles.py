"""Files of one programme become one title, and new rules show their changes before they are applied."""

from __future__ import annotations

import pytest

from catalog_models.tables import Content, KnownPlayer, MediaFile
from flows.generate_titles import retitle
from flows.ingest import titles as titling
from flows.ingest.player_names import InvalidNameError, confirm_players, find_proposals
from flows.ingest.titles import TitleDiff
from flows.job.context import JobContext
from flows.job.executor import run_in_threads
from orchestration.transactions import Transactions
from tasks.catalogue.edits import edit_title
from tasks.titles import Title, read_title
from tests.plugins.ingest import ANN, Archive, Ingest


@pytest.fixture
def transactions(ingest: Ingest) -> Transactions:
    return Transactions(ingest.engine, ingest.events.append)


def test_twins_become_one_title_and_the_choice_of_the_file_is_explained(
    archive: Archive, ingest: Ingest
) -> None:
    archive.put("WSOP 2031/Clean/WSOP 2031 Main Event Day 3_Clean.mp4")
    archive.put("WSOP 2031/PGM/WSOP 2031 Main Event Day 3_PGM.mp4")
    archive.put("WSOP 2031/MXFs/WSOP 2031 Main Event Day 3.mxf")
    assert ingest(archive.root).programmes == 1
    (content,) = ingest.titles().values()
    assert content.title == "WSOP 2031 Main Event – Day 3"
    assert content.file_path is not None
    assert content.file_path.endswith("_PGM.mp4")
    assert content.best_file_reason == "the best of 3 files: plays as it is, 576 lines, program cut"


def test_names_without_a_programme_are_distinguished_by_root(archive: Archive, ingest: Ingest) -> None:
    archive.put("one/Show/ep1.mp4")
    archive.put("two/Show/ep1.mp4")
    ingest(archive.root / "one")
    assert ingest(archive.root / "two").programmes == 2


@pytest.fixture
def new_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use rules of a later version, which read Day 3 as Day 9."""

    def read(path: str) -> Title:
        return read_title(path.replace("Day 3", "Day 9"))

    monkeypatch.setattr(titling, "read_title", read)


def test_new_rules_show_their_changes_before_they_are_applied(
    archive: Archive, ingest: Ingest, transactions: Transactions, new_rules: None
) -> None:
    with pytest.MonkeyPatch.context() as old:
        old.setattr(titling, "read_title", read_title)
        archive.put("WSOP 2031 Main Event Day 3.mp4")
        archive.put("WSOP 2031 Main Event Day 4.mp4")
        ingest(archive.root)
    before = {row.id: row.title for row in ingest.rows(Content)}
    context = JobContext(ingest.settings, transactions, ingest.pool)

    def run(*, apply: bool) -> TitleDiff:
        return run_in_threads(context, lambda steps: retitle(steps, apply=apply))

    found = run(apply=False)
    assert (found.files, found.changed, found.retitled, found.regrouped) == (2, 1, 1, 1)
    assert found.samples[0].after == "WSOP 2031 Main Event – Day 9"
    assert {row.id: row.title for row in ingest.rows(Content)} == before
    run(apply=True)
    after = {row.id: row.title for row in ingest.rows(Content)}
    assert after.keys() == before.keys()
    assert sorted(after.values()) == ["WSOP 2031 Main Event – Day 4", "WSOP 2031 Main Event – Day 9"]
    assert run(apply=False).changed == 0


def test_other_files_and_edits_say_who_is_a_player(
    archive: Archive, ingest: Ingest, transactions: Transactions
) -> None:
    name = "5-wsop-2031-be-ev-08-Ashbrook-eliminated-5th-Birchfield-gets-bluff-thru"
    archive.put(f"{name}.mp4")
    ingest(archive.root)
    (content,) = ingest.titles().values()
    assert content.players is None
    archive.put("1217_Hand_40_Ashbrook KcQs vs Elmwood KdKs.mp4")
    ingest(archive.root)
    edit = {"players": ["Bo Birchfield"]}
    transactions.run(lambda work: edit_title(work.session, content.id, edit, (), ANN))
    context = JobContext(ingest.settings, transactions, ingest.pool)
    found = run_in_threads(context, lambda steps: retitle(steps, apply=True))
    assert [sample.fields for sample in found.samples] == [["players"]]
    (file,) = [row for row in ingest.rows(MediaFile) if row.path_text == f"{name}.mp4"]
    assert file.title is not None
    assert file.title["players"] == ["Ashbrook", "Birchfield"]


def test_the_seats_of_hands_are_known_in_the_same_run(archive: Archive, ingest: Ingest) -> None:
    archive.put("1217_Hand_40_Ashbrook KcQs vs Elmwood KdKs.mp4")
    archive.put("WSOP 2031 Main Event - Ashbrook wins.mp4")
    ingest(archive.root)
    assert {row.title: row.players for row in ingest.rows(Content)} == {
        "Hand 40: Ashbrook vs Elmwood": ["Ashbrook", "Elmwood"],
        "WSOP 2031 Main Event – Ashbrook wins": ["Ashbrook"],
    }


def test_a_person_confirms_the_names_that_sentences_propose(
    archive: Archive, ingest: Ingest, transactions: Transactions
) -> None:
    archive.put("9-wsop-2031-me-ft-hs-Ashbrook-wins.mp4")
    archive.put("8-wsop-2031-me-day3-hs-Ashbrook-eliminated-9th.mp4")
    ingest(archive.root)
    found = transactions.run(lambda work: find_proposals(work.session))
    assert [(row.name, row.files) for row in found.items] == [("Ashbrook", 2)]
    with pytest.raises(InvalidNameError, match="is not a name"):
        transactions.run(lambda work: confirm_players(work.session, ["77"], ANN))
    for _twice in range(2):
        transactions.run(lambda work: confirm_players(work.session, [" Ann  Ashbrook"], ANN))
    assert [(row.name, row.confirmed_by) for row in ingest.rows(KnownPlayer)] == [("Ann Ashbrook", "ann")]
    assert transactions.run(lambda work: find_proposals(work.session)).total == 0
