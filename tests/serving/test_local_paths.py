"""`next`: only paths of our own pages are accepted."""

from __future__ import annotations

from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from serving.http.local_paths import LONGEST, destination, local_path, see_other, with_turn, without_turn

OURS = "https://tv.example/api/auth/continue"

# Texts with many of the characters that attacks use.
_PARTS = st.sampled_from(
    [
        *(
            "/",
            "//",
            "\\",
            "%2f",
            "%5C",
            "%252F",
            "%00",
            "%0d%0a",
            "\t",
            "\n",
            "\r",
            " ",
            "\0",
            "\x7f",
            "\x85",
        ),
        *(":", "@", "http:", "https://", "javascript:", "evil.example", "tv.example", ".", "..", "%2e", "?"),
        *(
            "#",
            "&",
            "=",
            "next",
            "/title/1",
            "t=9",
            "/api",
            "/sign-in",
            "／",
            "⁄",
            "\u2028",
            "é",
            "한",
            "\ud800",
        ),
    ]
)
_TEXTS = st.one_of(st.lists(_PARTS, max_size=8).map("".join), st.text(max_size=40))


@given(_TEXTS)
@example("/%09/evil.example")
@example("/%2f%2fevil.example")
@example("/a/..//evil.example")
def test_an_accepted_path_leads_to_our_own_site(written: str) -> None:
    found = local_path(written)
    if found is None:
        assert destination(written) == "/"
        return
    assert found == written
    sent = see_other(found).headers["location"]
    for shown in (found, sent, with_turn(found), unquote(found), unquote(unquote(found))):
        path = shown.partition("?")[0].partition("#")[0]
        assert path.startswith("/")
        assert not path.startswith(("//", "/\\"))
        assert path.isprintable()
        # As browsers do: they remove tabs and line ends, and read a backslash as a slash (URL Standard).
        target = urlsplit(urljoin(OURS, path.replace("\\", "/")))
        assert (target.scheme, target.netloc) == ("https", "tv.example")
    assert all(" " < character <= "~" and character != "\\" for character in found)


@given(st.lists(st.text(min_size=1, max_size=10).filter(lambda word: word.strip(".")), max_size=4), st.text())
def test_encoded_segments_and_queries_are_accepted(words: list[str], query: str) -> None:
    try:
        path = "/browse/" + "/".join(quote(word, safe="") for word in words)
        written = f"{path}?q={quote(query, safe='')}"
    except UnicodeEncodeError:
        return
    plain = all(word.isprintable() and not {"/", "\\", "%"} & set(word) for word in words)
    if plain and len(written) <= LONGEST:
        assert local_path(written) == written


@pytest.mark.parametrize(
    "written",
    [
        "/",
        "/title/1?t=9",
        "/#4f9c",
        "/search?q=a%5Cb%2F%2Fc",
        "/players/%ED%95%9C",
        "/browse?year=2023,2024&x=[1]",
    ],
)
def test_paths_of_pages_are_accepted(written: str) -> None:
    assert local_path(written) == written
    assert without_turn(with_turn(written).partition("#")[0]) == written.partition("#")[0]


@pytest.mark.parametrize(
    "written",
    [
        *(None, "", "title/1", "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example"),
        *("https://evil.example", "javascript:alert(1)", "/\t/evil.example", "/a\r\nSet-Cookie: a=b", " /a"),
        *(
            "/%2F/evil.example",
            "/%5Cevil.example",
            "/%252f/evil.example",
            "/%25%32%66/evil",
            "/%0d%0aa",
            "/a%00",
        ),
        *("/a//evil.example", "/a/..//evil", "/../evil", "/%2e%2e/evil", "/a/%c0%af", "/é", "/a b"),
        *("/api/auth/continue?next=/", "/api", "/%61pi/contents", "/sign-in?next=/", "/register"),
        "/" + "a" * LONGEST,
    ],
)
def test_other_texts_lead_to_the_first_page(written: str | None) -> None:
    assert local_path(written) is None
    assert destination(written) == "/"
