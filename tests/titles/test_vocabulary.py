"""The vocabulary's files: editors change them without Python, and errors give their place."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tasks.titles
from tasks.titles import BRAND_TITLES, BRANDS, read_title
from tasks.titles.vocabulary.events import read_words
from tasks.titles.vocabulary.loading import Entry, VocabularyError, parse
from tasks.titles.vocabulary.marks import read_marks
from tasks.titles.vocabulary.series import read_series

PACKAGE = Path(tasks.titles.__file__).parent
PAGE = Path(__file__).parents[2] / "docs/titles.md"


def read_with(brands: str, folder: Path, *paths: str) -> list[dict[str, object]]:
    """Read paths with a copy of the reader to whose brands this text was appended."""
    shutil.copytree(PACKAGE, folder / "tasks/titles", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "tasks/__init__.py").touch()
    with (folder / "tasks/titles/vocabulary/brands.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{brands}\n")
    code = (
        "import dataclasses, json, sys; from tasks.titles import read_title\n"
        "print(json.dumps([dataclasses.asdict(read_title(path)) for path in sys.argv[1:]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *paths], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise VocabularyError(done.stderr.splitlines()[-1])
    titles: list[dict[str, object]] = json.loads(done.stdout)
    return titles


def documented_brand() -> str:
    found = re.search(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found
    return "\n".join(line.strip() for line in found[1].splitlines())


def test_a_brand_of_the_page_is_read_without_python(tmp_path: Path) -> None:
    code, dotted, korean, unknown = read_with(
        documented_brand(),
        tmp_path,
        "LNS31_RENO_EV07_D2_NB.mp4",
        "Late.Night.Stakes.S02E11.1080p.WEB.h264-GRP.mkv",
        "레이트 나이트 스테이크스 2031 타호 메인이벤트 3일차.mp4",
        "LNS_ELKO_2031_ME_FT.mp4",
    )
    assert code["display_title"] == "Late Night Stakes Reno 2031 Event #7 – Day 2"
    assert (code["brand"], code["year"], code["event_number"], code["day"]) == ("LNS", 2031, 7, "2")
    assert dotted["display_title"] == "Late Night Stakes – Season 2 Episode 11"
    assert korean["display_title"] == "Late Night Stakes Lake Tahoe 2031 Main Event – Day 3"
    assert unknown["display_title"] == "Late Night Stakes Elko 2031 Main Event – Final Table"


def test_a_show_may_count_its_seasons_and_call_them_otherwise(tmp_path: Path) -> None:
    brand = (
        '[[series]]\nbrand = "UKP"\ntitle = "UK Poker Night"\nspellings = ["UKP"]\n'
        'season = "Series"\nseasons_until = 99'
    )
    (title,) = read_with(brand, tmp_path, "UKP14_EP03_NB.mp4")
    assert title["display_title"] == "UK Poker Night – Series 14 Episode 3"


@pytest.mark.parametrize(
    ("brands", "message"),
    [
        ('[[series]]\ntitle = "X"', r"brands.toml, series \d+ \(X\) lacks 'brand'"),
        ('[[series]]\nbrand = "x y"\ntitle = "X"', "brand = 'x y': capitals, digits and underscores"),
        ('[[series]]\nbrand = "X"\ntitle = "X"\nspelling = ["x"]', "has an unknown key 'spelling'"),
        ('[[series]]\nbrand = "X"\ntitle = "X"\nspellings = "x"', "spellings = 'x': a list of texts"),
        ('[[series]]\nbrand = "X"\ntitle = "X"\nspellings = ["EPT"]', "spelling 'EPT', which another series"),
        ('[[series]]\nbrand = "X"\ntitle = "X"\ncodes = ["WS"]', "code 'WS', which another series"),
        ('[[series]]\nbrand = "X"\ntitle = "X"\nregion = "europe"', "the WSOP alone has regions"),
        ('[[series]]\nbrand = "X"\ntitle = "X"\nsince = "soon"', "since = 'soon': a whole number"),
        (
            '[[series]]\nbrand = "X"\ntitle = "X"\n[series.places]\nReno = "RNO"',
            "places Reno = 'RNO': a list",
        ),
        ('[[series]\nbrand = "X"', "brands.toml is not TOML"),
    ],
)
def test_an_error_names_the_entry_and_the_key(brands: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=message):
        read_with(brands, tmp_path, "X.mp4")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[word]]\nname = "X"\ngame = "CHESS"', r"word 1 \(X\) game = 'CHESS': one of NLHE, PLO"),
        ('[[word]]\nname = "X"\nkind = "big"', "kind = 'big'"),
        ('[[word]]\nname = "X"\nserial = "yes"', "serial = 'yes': true or false"),
        ("word = 1", "word: a list of tables"),
    ],
)
def test_an_error_of_an_event_is_named(text: str, message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        read_words(parse("events.toml", text))


def test_a_wrong_expression_of_a_mark_is_named() -> None:
    with pytest.raises(
        VocabularyError, match=r"mark 1 \(edit\) has the pattern '\(', which is not a regular"
    ):
        read_marks(parse("marks.toml", "[[mark]]\nname = 'edit'\npatterns = ['(']"))


def test_each_brand_is_read_by_its_spellings_and_has_a_title() -> None:
    file = parse("brands.toml", (PACKAGE / "vocabulary/brands.toml").read_text("utf-8"))
    every, _names, _codes = read_series(file)
    assert {series.brand for series in every} | {"OTHER"} == set(BRANDS)
    for entry in file.entries("series", "title"):
        for spelling in entry.texts("spellings"):
            title = read_title(f"{spelling} 2031 Day 2.mp4")
            assert (title.brand, title.year, title.day) == (entry.text("brand"), 2031, "2"), spelling
    assert BRAND_TITLES["HSP"] == "High Stakes Poker"


def test_an_entry_without_its_name_is_named_by_its_place() -> None:
    with pytest.raises(VocabularyError, match=r"word 2 \(without name\) lacks 'name'"):
        read_words(parse("events.toml", '[[word]]\nname = "X"\n[[word]]\ngame = "PLO"'))


def test_an_entry_takes_no_other_types() -> None:
    entry = Entry("x.toml", {"text": 1, "table": [], "texts": [""]})
    for read in (lambda: entry.text("text"), lambda: entry.inner("table"), lambda: entry.texts("texts")):
        with pytest.raises(VocabularyError, match=r"^x\.toml "):
            read()
