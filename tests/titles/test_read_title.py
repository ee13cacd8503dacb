"""Titles and fields read from made-up names in the conventions of the archive."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.titles import Title, explain_title, read_title
from tasks.titles.shapes import SHAPES, Shape
from tasks.titles.spelling import spell
from tasks.titles.vocabulary.events import WORDS, Word

VEGAS = "ARCHIVE/WSOP/WSOP Bracelet Event/WSOP-LAS VEGAS"
EUROPE = "ARCHIVE/WSOP/WSOP Bracelet Event/WSOP-EUROPE/2031 WSOP-Europe"
PARADISE = "ARCHIVE/WSOP/WSOP Bracelet Event/WSOP-PARADISE/2031 WSOP-PARADISE SUPER MAIN EVENT"
OLD = "ARCHIVE/WSOP/WSOP ARCHIVE (PRE-2016)"
CIRCUIT = "ARCHIVE/WSOP/WSOP Circuit Event"

READ: list[tuple[str, str, dict[str, Any]]] = [
    (f"{OLD}/WSOP 1984/WSOP_1984.mxf", "WSOP 1984", {"year": 1984, "region": "las_vegas", "episode": None}),
    (
        f"{OLD}/WSOP 1984/wsop-1984-me-nobug.mp4",
        "WSOP 1984 Main Event",
        {"event_type": "main_event", "variant": None},
    ),
    (
        f"{OLD}/WSOP 2004/Generics/2004 WSOP Show 9 3k NLTH_ESM000999722.mov",
        "WSOP 2004 3K No-Limit Hold'em – Episode 9",
        {"buy_in": 3000, "currency": None, "game": "NLHE", "episode": 9, "variant": "generic"},
    ),
    (
        f"{OLD}/WSOP 2006/WSOP 2006 Show 29 ME 9_ES0699165413_GMPO 999.mov",
        "WSOP 2006 Main Event – Episode 29",
        {"episode": 29, "event_type": "main_event", "event_number": None},
    ),
    (
        f"{OLD}/WSOP 2007/ESPN 2007 WSOP SEASON 5 SHOW 31.mov",
        "WSOP 2007 – Season 5 Episode 31",
        {"season": 5, "episode": 31},
    ),
    (
        f"{OLD}/WSOP 2009/Masters/2009 WSOP ME26 Final Table Part 2.mov.mov",
        "WSOP 2009 Main Event – Episode 26 Final Table Part 2",
        {"stage": "final_table", "part": 2, "variant": "master"},
    ),
    (f"{OLD}/WSOP 2011/WS11_GM02_NB.mp4", "WSOP 2011 Grudge Match – Episode 2", {"event_type": "other"}),
    (
        f"{OLD}/WSOP 2015/NC/WSOP15_NC03_NB.mp4",
        "WSOP 2015 National Championship – Episode 3",
        {"variant": None, "episode": 3},
    ),
    (
        f"{OLD}/WSOP 2014/WSOP14_ME19-FINAL_4CH.mp4",
        "WSOP 2014 Main Event – Episode 19",
        {"stage": None},
    ),
    (
        f"{OLD}/WSOP 2003/2003 WSOP Best of ALL INS_ES0499136869.mov",
        "WSOP 2003 Best of All-Ins",
        {"content_type": "best_of"},
    ),
    (
        f"{VEGAS}/2031 WSOP - LAS Vegas/2031 WSOP Event #13 -$3,000 Freezeout No Limit Hold'em Final Table.mp4",
        "WSOP 2031 Event #13 $3,000 Freezeout No-Limit Hold'em – Final Table",
        {
            "event_number": 13,
            "buy_in": 3000,
            "currency": "USD",
            "stage": "final_table",
            "content_type": "stream",
        },
    ),
    (
        f"{VEGAS}/2031 WSOP-LAS VEGAS/WSOP 2031 Bracelet Events _ Event #46 $250K Super High Roller  Final Table/"
        "WSOP 2031 Bracelet Events _ Event #46 $250K Super High Roller_789647313.mp4",
        "WSOP 2031 Event #46 $250K Super High Roller – Final Table",
        {"buy_in": 250_000, "stage": "final_table", "event_name": "Super High Roller"},
    ),
    (
        f"{VEGAS}/2031 WSOP-LAS VEGAS/WSOP 2031 MAIN EVENT/WSOP 2031 Main Event _ Day 4 (part 1,2)/"
        "WSOP 2031 Main Event _ Day 2A_B_C (Part 2).mp4",
        "WSOP 2031 Main Event – Day 2ABC Part 2",
        {"day": "2ABC", "part": 2},
    ),
    (
        f"{VEGAS}/2031 WSOP-LAS VEGAS/WSOP 2031 MAIN EVENT/WSOP 2031 Main Event Day 1B & $100K PLO Final Table.mp4",
        "WSOP 2031 Main Event – Day 1B & $100K Pot-Limit Omaha Final Table",
        {"day": "1B", "stage": None, "buy_in": None, "game": None},
    ),
    (
        f"{VEGAS}/2031 WSOP-LAS VEGAS (PokerGo Clip)/Clean/14-wsop-2031-be-ev-26-25k-nlh-hr-ft-ash-82-vs-birch-54-Clean.mp4",
        "WSOP 2031 Event #26 25K No-Limit Hold'em High Roller – Final Table: Ash vs Birch",
        {
            "event_number": 26,
            "buy_in": 25_000,
            "players": ("ash", "birch"),
            "hands": ("82", "54"),
            "episode": None,
        },
    ),
    (
        f"{EUROPE}/2031 WSOP-EUROPE #13 GGMILLION€ FINAL/NO COMMENTARY WITH GRAPHICS VER/HyperDeck_0110-003.mp4",
        "WSOP Europe 2031 Event #13 GGMillion€ – Recording 110",
        {"region": "europe", "event_number": 13, "stage": None, "variant": "no_commentary", "episode": None},
    ),
    (
        f"{EUROPE}/2031 WSOP-EUROPE #14 MAIN EVENT/STREAM/🏆€10,350 WSOPE MAIN EVENT NLH European Championship - Day 7 👑.mp4",
        "WSOP Europe 2031 Event #14 €10,350 Main Event No-Limit Hold'em European Championship – Day 7",
        {"buy_in": 10_350, "currency": "EUR", "event_number": 14, "event_type": "main_event"},
    ),
    (
        f"{PARADISE}/Hand Clip/Day 3/1217_Hand_09_Alex ASH Th9c vs Birch(4th) KhJc_PGM.mp4",
        "WSOP Paradise 2031 Super Main Event – Day 3 Hand 9: Alex Ash vs Birch",
        {
            "date": "2031-12-17",
            "hand_number": 9,
            "players": ("Alex ASH", "Birch"),
            "hands": ("Th9c", "KhJc"),
            "variant": "program",
            "content_type": "hand_clip",
        },
    ),
    (
        "ARCHIVE/WSOP/X/2031 WSOP-PARADISE/STREAM/WSOP Paradise $1,500 Mystery Millions (Final Table) - Ann Ash & Bo Birch.mp4",
        "WSOP Paradise 2031 $1,500 Mystery Millions – Final Table: Ann Ash & Bo Birch",
        {"players": ("Ann Ash", "Bo Birch"), "content_type": "stream"},
    ),
    (
        f"{CIRCUIT}/WSOP Super Ciruit/2031 WSOP Super Circuit Cyprus/$5M GTD   WSOP Super Circuit Cyprus Main Event - Day 6-005.mp4",
        "WSOP Super Circuit Cyprus 2031 Main Event – Day 6",
        {"region": "super_circuit", "buy_in": None},
    ),
    (
        f"{CIRCUIT}/WSOP-Circuit/2031 WSOP Circuit LA/2031 WSOP-C LA SUBCLIP/WCLA31-11.mp4",
        "WSOP Circuit Los Angeles 2031 – Clip 11",
        {"region": "circuit", "episode": None, "content_type": "clip"},
    ),
    (
        "ARCHIVE/GGMillions/310514_Super High Roller Poker FINAL TABLE with Ann Ash.mp4",
        "GGMillions Super High Roller – Final Table with Ann Ash",
        {"brand": "GGMILLIONS", "date": "2031-05-14", "year": None, "players": ("Ann Ash",)},
    ),
    (
        "ARCHIVE/MPP/2031 MPP Cyprus/$2M GTD   $2K Luxon Pay Grand Final/$2M GTD   $2K Luxon Pay Grand Final – Day 1E.mp4",
        "MPP Cyprus 2031 $2K Luxon Pay Grand Final – Day 1E",
        {"buy_in": 2000, "stage": None, "day": "1E"},
    ),
    ("ARCHIVE/PAD/PAD S22/pad-s22-ep02-003.mp4", "Poker After Dark – Season 22 Episode 2", {"brand": "PAD"}),
    (
        "ARCHIVE/GOG 최종/e32/E32_GOG_final_edit_클린본_20311031.mp4",
        "Game of Gold – Episode 32",
        {"variant": "clean", "date": "2031-10-31", "year": None},
    ),
    ("Clips/시퀀스 77.mp4", "시퀀스 77", {"brand": "OTHER", "content_type": "clip"}),
]


@pytest.mark.parametrize(("path", "display", "fields"), READ, ids=[row[1] for row in READ])
def test_a_path_is_read_into_its_title_and_fields(path: str, display: str, fields: dict[str, Any]) -> None:
    title = read_title(path)
    assert title.display_title == display
    assert {name: getattr(title, name) for name in fields} == fields


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_each_shape_reads_its_example(shape: Shape) -> None:
    title = read_title(f"{shape.example}.mp4")
    assert title.rule == shape.name
    assert title.confidence >= 0.4


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.official)
def test_official_words_are_in_the_vocabulary(word: Word) -> None:
    assert spell(word.official).text == word.official


TWINS = [
    ("WSOP 2005/MXFs/WSOP_2005_43.mxf", "WSOP 2005/Generic/WSOP 2005 Show 43 ME 23 Generic_ESM000999820.mov"),
    ("WSOP 2011/WS11_ME29_NB.mp4", "WSOP 2011/WSOP_2011_35_ME29.mxf"),
    (
        "WSOP 2016/WSOP16_ME43_NB.mp4",
        "WSOP 2016/2016 World Series of Poker - Main Event Show 43 - GMPO 2975.mxf",
    ),
    ("WSOP 2015/WSOP15_ME31_4CHAN-v2.mov", "WSOP 2015/WSOP15_ME31_FINAL_4CH.mov"),
    ("GOG/e03/E03_GOG_final_edit_20311113.mp4", "GOG/e03/E03_GOG_final_edit_클린본_20311110.mp4"),
    (
        f"{PARADISE}/Hand Clip/Day 2/1216_Hand_11_Ash A8d vs Birch 5d5h_PGM.mp4",
        f"{PARADISE}/Hand Clip/Day 2/1216_Hand_11_Ash A8d vs Birch 5d5h_Clean.mp4",
    ),
    ("x/WSOP 2031 Main Event _ Day 3 (720p).mp4", "x/WSOP 2031 Main Event _ Day 3 (1080p) (1)-003.mov"),
    ("x/(PokerGO) WSOP 2031 Event #13 $1.5K PLO.mp4", "x/(YouTube) WSOP 2031 Event #13 $1.5K PLO.mp4"),
    (
        "c/46-wsop-2031-me-day1d-3way-hand-Ash-nut-fl-CLEAN.mp4",
        "m/46-wsop-2031-me-day1D-birch-99s-vs-ash-A3dd.mp4",
    ),
]
STRANGERS = [
    ("WSOP 2005/WSOP_2005_42.mxf", "WSOP 2005/WSOP_2005_43.mxf"),
    ("WSOP 2009/2009 WSOP ME31.mov", "WSOP 2009/2009 WSOP Show 31 30K Razz.mov"),
    ("WSOP 2009/2009 WSOP ME29 Final Table Part 1.mov", "WSOP 2009/2009 WSOP ME29 Final Table Part 2.mov"),
    (
        "x/2004 WSOP Tournament of Champs_ES0400999908.mov",
        "x/2004 WSOP Tournament of Champs_ES0400999909.mov",
    ),
    ("e/Day 3/HyperDeck_0128.mp4", "e/Day 5/HyperDeck_0128.mp4"),
    ("a/Untitled.mp4", "b/Untitled.mp4"),
    ("m/2031.WSOP.Day.1.mp4", "m/2031.WSOP.Day.2.mp4"),
    (
        "GGMillions/Super High Roller Poker FINAL TABLE with Ann Ash.mp4",
        "GGMillions/Super High Roller Poker FINAL TABLE with Bo Birch.mp4",
    ),
]


@pytest.mark.parametrize(("one", "other"), TWINS, ids=[pair[0] for pair in TWINS])
def test_twins_share_a_key(one: str, other: str) -> None:
    assert read_title(one).content_key == read_title(other).content_key


@pytest.mark.parametrize(("one", "other"), STRANGERS, ids=[pair[0] for pair in STRANGERS])
def test_different_programmes_have_different_keys(one: str, other: str) -> None:
    assert read_title(one).content_key != read_title(other).content_key


@pytest.mark.parametrize(
    "path",
    [
        "a/._x.mp4",
        ".DS_Store",
        "Thumbs.db",
        "x.pek",
        "x.mxf.xmp",
        "list.csv",
        "a.zip",
        "a.lnk",
        "x.mp4.part",
        ".isg/a.mp4",
    ],
)
def test_files_that_are_not_videos_are_ignored(path: str) -> None:
    title = read_title(path)
    assert title == Title(path, ignored=True, confidence=1.0, rule="no-video")


def test_a_folder_never_overrides_the_name() -> None:
    title = read_title("WSOP 2030 MAIN EVENT/Day 2/WSOP 2031 Event #5 $1K Seniors _ Day 1.mp4")
    assert (title.year, title.day, title.event_number, title.event_type) == (2031, "1", 5, "bracelet")


def test_an_explanation_names_rule_text_and_fields() -> None:
    found = explain_title("WSOP 2031/WS31_Show_11_ME07_NB.mp4")
    said = {(reading.rule, reading.text): reading.fields for reading in found.readings}
    assert said["episode", "11"] == {"episode": 11}
    assert said["mark", "NB"] == {}
    assert found.title == read_title("WSOP 2031/WS31_Show_11_ME07_NB.mp4")


@pytest.mark.parametrize(
    ("name", "players", "hands"),
    [
        ("1218_Hand_35_Ash KsQd vsBirch 7c7d_PGM", ("Ash", "Birch"), ("KsQd", "7c7d")),
        ("1218_hand_22_ash AhKdvsbirch 7c7d_PGM", ("ash", "birch"), ("AhKd", "7c7d")),
        ("1213_Hand_30_Ash KhKd  vsBirch 9s 9d_Clean.mp4", ("Ash", "Birch"), ("KhKd", "9s9d")),
        ("1219_Hand_40_Ash (2nd) Ac Kd vs Birch 7h7c _Clean", ("Ash", "Birch"), ("AcKd", "7h7c")),
        ("1218_Hand_20_Ash(Seat 3) 99 vs Birch AK", ("Ash", "Birch"), ("99", "AK")),
        ("1216_Hand_21_Ash AdAc_Clean", ("Ash",), ("AdAc",)),
        ("1219_Hand_44_Ash Kc6d vs BIRCH A6c(1st)_PGM", ("Ash", "BIRCH"), ("Kc6d", "A6c")),
        (
            "28-wsop-2031-be-ev-55-250k-nlh-shr-day2-Ash-AQ-doubles-thru-Birch-99s-clean",
            ("Ash", "Birch"),
            ("AQ", "99"),
        ),
        ("5-wsop-2031-be-ev-08-ash-eliminated-5th-Birch-gets-bluff-thru-cedar", None, None),
    ],
)
def test_seats_are_read_with_any_spacing(
    name: str, players: tuple[str, ...] | None, hands: tuple[str, ...] | None
) -> None:
    title = read_title(f"2031 WSOP-PARADISE/{name}.mp4")
    assert (title.players, title.hands) == (players, hands)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        (
            "WSOP Paradise GGMillion$ Cash Game - $1,000 $2,000 Pot Limit Omaha",
            {"buy_in": None, "game": "PLO"},
        ),
        (
            "2031 WSOP Event #66 - $10,000 2-7 Lowball Triple Draw Championship",
            {"event_name": "2-7 Lowball Triple Draw Championship"},
        ),
        (
            "2031 WSOP International Super Circuit - London £2K High Roller",
            {"buy_in": 2000, "currency": None, "event_name": "High Roller"},
        ),
        (
            "WSOP15_ME33_60_FINAL_4CH_Revised",
            {"episode": 33, "display_title": "WSOP 2015 Main Event – Episode 33"},
        ),
        ("WE31-PE-01", {"display_title": "WSOP Europe 2031 – Player Emotion 1", "year": 2031}),
        ("Myestery Bounty 700K", {"event_name": "Mystery Bounty", "buy_in": None}),
    ],
)
def test_similar_names_are_distinguished(name: str, fields: dict[str, Any]) -> None:
    title = read_title(f"{name}.mp4")
    assert {field: getattr(title, field) for field in fields} == fields
