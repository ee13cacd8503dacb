"""The players of a title: by the shape of the name, in lists, and in sentences."""

from __future__ import annotations

import pytest

from tasks.titles import KNOWN, known_players, propose_players, read_title


@pytest.mark.parametrize(
    ("path", "players"),
    [
        ("WSOP 2031 Main Event Final Table - Ann Ash & Bo Birch.mp4", ("Ann Ash", "Bo Birch")),
        ("WSOP 2031 Main Event Final Table (Ash, Birch & Cedar).mp4", ("Ash", "Birch", "Cedar")),
        ("wsop31_me_d5_ash_vs_birch.mp4", ("ash", "birch")),
        ("HSP_S12_EP02_Ann Ash v Bo Birch.mp4", ("Ann Ash", "Bo Birch")),
        ("Clips/Phil Ivey Goes All-In.mp4", ("Phil Ivey",)),
        ("Clips/Hellmuth Wins Huge Pot vs Negreanu.mp4", ("Hellmuth", "Negreanu")),
        ("9-wsop-2031-me-ft-hs-Ashbrook-wins.mp4", ("Ashbrook",)),
        ("WSOP 2031 Main Event Day 6 - Ann Ash Wins.mp4", ("Ann Ash",)),
        ("WSOP 2031 - 홍길동 vs 김철수 - Day 3.mp4", ("홍길동", "김철수")),
    ],
)
def test_players_are_found(path: str, players: tuple[str, ...]) -> None:
    assert read_title(path).players == players


@pytest.mark.parametrize(
    "path",
    [
        "Clips/Quad Aces Wins The Pot.mp4",
        "Clips/Everyone Wins This Hand.mp4",
        "Clips/Old Man Coffee Doubles Up.mp4",
        "Clips/Set Over Set vs Full House.mp4",
        "Clips/Man vs Machine.mp4",
        "Clips/A9o vs KQo.mp4",
        "9-wsop-2031-me-ft-river-killer-wins.mp4",
        "9-wsop-2031-me-ft-hs-quads-wins.mp4",
        "5-wsop-2031-be-ev-08-ash-eliminated-5th-Birch-gets-bluff-thru-cedar.mp4",
        "WSOP 2031 Main Event Day 2 - Feature Table & Secondary Table.mp4",
        "WSOP 2031 Main Event Day 2 (Cards, Chips & Action).mp4",
        "WSOP 2031 Main Event Day 1 - Silver Legacy & Golden Nugget.mp4",
        "WSOP 2031 Main Event Day 1 - Press Conference & Photo Shoot.mp4",
        "Clips/Sunny Day Wins.mp4",
        "Clips/Lucky Luke Wins.mp4",
        "Clips/Dealer Error Wins Pot.mp4",
        "Clips/Snowball Effect Takes Over.mp4",
        "Clips/Sudden Death Becomes Reality.mp4",
        "Hustler Casino Live - Max Pain Monday.mp4",
        "EPT_Las Vegas H264.mp4",
        "PAD_Macau_H265.mp4",
    ],
)
def test_no_player_is_invented(path: str) -> None:
    assert read_title(path).players is None


def test_a_known_player_is_found_where_the_name_alone_says_too_little() -> None:
    path = "5-wsop-2031-be-ev-08-Ashbrook-eliminated-5th-Birchfield-gets-bluff-thru.mp4"
    assert read_title(path).players is None
    known = known_players(["Ann Ashbrook", "Bo Birchfield"])
    assert read_title(path, known).players == ("Ashbrook", "Birchfield")
    assert read_title("Clips/Ann Ashbrook in tears.mp4", known).players == ("Ann Ashbrook",)
    assert read_title("Clips/Ashbrook in tears.mp4", known).players is None


def test_a_family_name_that_is_a_word_takes_a_first_name() -> None:
    known = known_players(["Lucky King"])
    assert read_title("9-wsop-2031-me-ft-king-on-the-river.mp4", known).players is None
    assert read_title("Clips/Lucky King Wins.mp4", known).players == ("Lucky King",)


def test_a_guessed_player_lowers_the_confidence() -> None:
    guessed = read_title("9-wsop-2031-me-ft-hs-Ashbrook-wins.mp4")
    known = read_title("9-wsop-2031-me-ft-hs-Ashbrook-wins.mp4", known_players(["Ann Ashbrook"]))
    assert guessed.confidence <= 0.85 < known.confidence


def test_no_names_leave_the_vocabulary_as_it_is() -> None:
    assert known_players([]) is KNOWN
    assert known_players(["Phil Ivey", " "]) is KNOWN


def test_unknown_names_are_proposed_the_most_frequent_first() -> None:
    paths = [
        "9-wsop-2031-me-ft-hs-Ashbrook-wins.mp4",
        "8-wsop-2031-me-day3-hs-Ashbrook-eliminated-9th.mp4",
        "5-wsop-2031-be-ev-08-Elmwood-eliminated-5th-Larchmont-gets-bluff-thru.mp4",
        "Clips/Phil Ivey Goes All-In.mp4",
        "._litter.mp4",
    ]
    found = [(proposal.name, proposal.files, proposal.path) for proposal in propose_players(paths, KNOWN)]
    assert found == [("Ashbrook", 2, paths[0]), ("Elmwood", 1, paths[2]), ("Larchmont", 1, paths[2])]
    assert propose_players(paths, known_players(["Ann Ashbrook", "Elmwood", "Larchmont"])) == []
