"""The words of titles and searches, and the terms of a search."""

from __future__ import annotations

import re
from unicodedata import normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from catalog_models.engine import make_engine
from catalog_models.search.document import document_of
from catalog_models.search.text import LONGEST, chunks, tokens
from serving.search.highlights import highlight
from serving.search.terms import MOST, terms_of, tsquery, words_of
from serving.search.vocabulary import Vocabulary, allowed_errors

ANY = st.text(max_size=200)
ODD = st.text(alphabet="a1 &|!:*'\"()<>\\-–,.$€%_한글éß２\x01😀", max_size=60)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("WSOP 2031 Main Event – Day 1A", ["wsop", "2031", "main", "event", "day", "1a"]),
        ("$10,000", ["10000", "10k"]),
        ("10K", ["10k", "10000"]),
        ("€1,000,000", ["1000000", "1m"]),
        ("$1.5K", ["1500"]),
        ("2000", ["2000"]),
        ("2-7 Triple-Draw -5", ["2", "7", "triple", "draw", "5"]),
        ("Hold’em", ["holdem", "hold", "em"]),
        ("H.O.R.S.E.", ["horse", "h", "o", "r", "s", "e"]),
        ("Åsa Møller-Łuk", ["asa", "moller", "luk"]),
        ("네그라누", ["네그라누"]),
        ("WSOP한국 2024년 10K결승전", ["wsop", "한국", "2024", "년", "10k", "10000", "결승전"]),
        ("ＤＡＹ　２ Ⅳ", ["day", "2", "iv"]),
        ("& | ! :* ' 😀 \0", []),
        ("", []),
    ],
)
def test_words_of_a_text(written: str, words: list[str]) -> None:
    assert tokens(written) == words
    assert tokens(normalize("NFD", written)) == words, "for both forms of accents"


@given(st.one_of(ANY, ODD))
def test_words_are_letters_and_digits_without_case(written: str) -> None:
    for word in tokens(written):
        assert word.isalnum()
        assert 0 < len(word) <= LONGEST
        assert tokens(word)[0] == word, "a word remains a single word"


@given(st.integers(0, 10**12))
def test_a_number_is_never_altered(number: int) -> None:
    assert tokens(f"x {number} y") == ["x", str(number), "y"]
    assert words_of(f"{number}") == [str(number)]
    assert str(number) in tokens(f"${number:,}")
    (term,) = terms_of([str(number)], Vocabulary(["number", f"{number}9", f"{number}a"]))
    assert term.corrected is None
    found = [wanted for wanted in term.wanted if wanted.matches(str(number + 1))]
    assert found == []


@given(st.one_of(ANY, ODD))
def test_highlights_are_in_escaped_text(title: str) -> None:
    terms = terms_of(words_of(title), Vocabulary())
    marked = highlight(title, terms)
    plain = re.sub("</?em>", "", marked)
    assert "<" not in plain
    assert "<em><em>" not in marked
    for sign, entity in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'"), ("&amp;", "&")):
        plain = plain.replace(sign, entity)
    assert plain == normalize("NFC", title)


@given(st.one_of(ANY, ODD))
def test_a_chunk_is_a_part_of_its_text(written: str) -> None:
    composed, end = normalize("NFC", written), 0
    for chunk in chunks(written):
        assert end <= chunk.start < chunk.end <= len(composed)
        end = chunk.end


def test_queries_and_words_in_the_database(database_url: str) -> None:
    engine = make_engine(database_url)
    try:
        _any_text_is_a_query(engine)
        _words_survive_the_database(engine)
    finally:
        engine.dispose()


def _any_text_is_a_query(engine: Engine) -> None:
    with engine.connect() as connection:

        @given(st.one_of(ANY, ODD, st.text(alphabet="a'\\ &1한", min_size=1_000, max_size=3_000)))
        def ask(written: str) -> None:
            words = words_of(written)
            assert len(words) <= MOST
            for weight in ("", "A") if words else ():
                query = tsquery(terms_of(words, Vocabulary(["abcd"])), weight)
                assert connection.scalar(text("select numnode(cast(:q as tsquery))"), {"q": query}) > 0

        ask()


def _words_survive_the_database(engine: Engine) -> None:
    """The vector has exactly the words of the document: the database does not split them further."""
    scripts = st.text(alphabet="aZ19 .,'-éßøłКир한글漢字かなαΩ$K", max_size=80)
    with engine.connect() as connection:

        @given(scripts)
        @example("1E1K 12e34abc5 a1e1k 2e5e5 1e1한")
        def ask(title: str) -> None:
            written = document_of({"title": title}).search_title
            stored = connection.scalar(
                text("select tsvector_to_array(to_tsvector('simple', :t))"), {"t": written}
            )
            assert set(stored) == set(written.split())

        ask()


def test_a_noun_and_its_number_are_a_single_word() -> None:
    assert words_of("Main Event Day 1A") == ["main", "event", "day1a"]
    assert words_of("ep 11") == ["episode11"]
    assert words_of("main event 2031") == ["main", "event", "2031"]
    assert words_of("main event 12") == ["main", "event", "12"]
    assert words_of("event 2031") == ["event", "2031"], "a year is no number of an event"


def test_a_document_has_other_names_of_its_words() -> None:
    document = document_of(
        {
            "title": "WSOP 2031 Poker Players Championship – Day 3",
            "short_title": "Poker Players Championship – Day 3",
            "buy_in": 50_000,
            "game": "PLO8",
            "day": "3",
            "event_number": 7,
            "episode": 11,
            "stage": "final_table",
            "region": "europe",
            "players": ["Ann Negreanu"],
            "file_path": "WSOP 2031/Masters/PPC_x.mxf",
        }
    )
    assert {"wsop", "2031", "players", "day3"} <= set(document.search_title.split())
    fields = set(document.search_fields.split())
    assert {"50000", "50k", "ppc", "omaha", "event7", "episode11", "ep11", "ft", "europe", "ann"} <= fields
    assert "네그라누" in fields
    assert "masters" not in fields
    assert "masters" in document.search_path.split()
    assert document.search_players == ["ann", "ann negreanu", "negreanu"]


VOCABULARY = Vocabulary(["ashbrook", "ashby", "final", "table", "wexley", "2031", "day3"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ashborok", "ashbrook"),
        ("ashbroook", "ashbrook"),
        ("wexly", "wexley"),
        ("wxelye", None),
        ("tabel", "table"),
        ("fin", None),
        ("2032", None),
        ("day4", None),
        ("zzzzzzzz", None),
    ],
)
def test_typing_errors(typed: str, meant: str | None) -> None:
    assert VOCABULARY.nearest(typed) == meant


@given(st.text(alphabet="abc123", min_size=1, max_size=12))
def test_a_correction_is_near_and_changes_no_digit(typed: str) -> None:
    near = Vocabulary(["abcab", "cabbac", "abc1", "aabbccaabb"]).nearest(typed)
    if near is not None:
        assert not any(character.isdigit() for character in typed)
        assert abs(len(near) - len(typed)) <= allowed_errors(typed)


def test_only_the_last_word_may_be_unfinished_unless_no_word_matches() -> None:
    def queried(search: str) -> str:
        return tsquery(terms_of(words_of(search), VOCABULARY))

    assert queried("final tab") == "('final') & ('tab':*)"
    assert queried("fin table") == "('fin':*) & ('table':*)"
    assert queried("ashborok 2031") == "('ashborok' | 'ashbrook') & ('2031')"
    years = " | ".join(f"'203{year}'" for year in range(10))
    assert queried("final 203") == f"('final') & ('203' | {years})"
    assert queried("203 final").startswith("('203') & ")
    assert queried("final 25") == "('final') & ('25')"


@pytest.mark.parametrize(
    ("searched", "title", "marked"),
    [
        ("한국결승전", "한국 결승전", "<em>한국</em> <em>결승전</em>"),
        ("한국 결승전", "한국결승전", "<em>한국결승전</em>"),
        ("결승전", "한국결승전", "한국<em>결승전</em>"),
        (
            "한국결승전하이라이트",
            "한국 <b> 결승전하이라이트",
            "<em>한국</em> &lt;b&gt; <em>결승전하이라이트</em>",
        ),
        ("결승전하이라이트", "한국결승전 하이라이트", "한국<em>결승전</em> <em>하이라이트</em>"),
        ("한국결", "한국 결승전", "<em>한국</em> <em>결승전</em>"),
        ("헬무스", "헬무스의 블러프", "<em>헬무스</em>의 블러프"),
        ("결", "한국 결승전", "한국 <em>결승전</em>"),
        ("wsop결승전", "WSOP 결승전", "<em>WSOP</em> <em>결승전</em>"),
        ("한국", "대한 국민", "대한 국민"),
        (normalize("NFD", "한국결승전"), normalize("NFD", "한국 결승전"), "<em>한국</em> <em>결승전</em>"),
    ],
)
def test_korean_is_found_and_marked_with_other_spaces(searched: str, title: str, marked: str) -> None:
    document = document_of({"title": title}).search_title.split()
    terms = terms_of(words_of(searched), Vocabulary(document))
    matches = all(any(one.matches(word) for one in term.wanted for word in document) for term in terms)
    assert matches == ("<em>" in marked)
    assert highlight(title, terms) == marked


def test_a_joined_search_that_no_title_has_is_split() -> None:
    vocabulary = Vocabulary(["메인이벤트", "메인", "이벤트", "파이널테이블", "결승전"])
    terms = terms_of(words_of("2031 메인이벤트결승전파이널"), vocabulary)
    assert [term.typed for term in terms] == ["2031", "메인이벤트", "결승전", "파이널"]
    assert [one.begins for one in terms[-1].wanted] == [True]


def test_a_long_korean_text_keeps_its_words() -> None:
    text = " ".join(f"{'가나다라마바사아'[at % 8]}단어" for at in range(900))
    document = document_of({"title": "x", "description": text}).search_fields.split()
    assert len(document) <= 1_000
    assert set(text.split()) <= set(document)


@given(st.text(alphabet="가나다 a1", max_size=30))
def test_a_korean_title_is_found_without_its_spaces(title: str) -> None:
    document = document_of({"title": title}).search_title.split()
    for run in re.findall("[가-힣 ]+", normalize("NFC", title)):
        if 2 <= len(joined := run.replace(" ", "")) <= 16:
            assert joined in document
