"""HTTP dates and preconditions. For the cases of RFC 9110 §13, see `test_range_suite`."""

from __future__ import annotations

import calendar
import datetime as dt
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.http.conditional import Conditions, Outcome, Validators, evaluate, range_applies
from serving.http.dates import format_http_date, parse_http_date

NOW = calendar.timegm((2026, 6, 1, 12, 0, 0))
MODIFIED = calendar.timegm((1994, 11, 6, 8, 49, 37))
CURRENT = Validators.of_file(MODIFIED * 10**9 + 5, 0x2A, NOW)
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    "text", [DATE, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun Nov 06 08:49:37 1994"]
)
def test_three_date_formats_are_parsed(text: str) -> None:
    assert parse_http_date(text, NOW) == MODIFIED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "784111777",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Thu, 31 Feb 2024 08:49:37 GMT",
        "Thu, 01 Feb 2024 24:00:00 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        f"{DATE}, {DATE}",
        f"{DATE} ",
        "Sun, ٠6 Nov 1994 08:49:37 GMT",
    ],
)
def test_invalid_dates_are_none(text: str) -> None:
    assert parse_http_date(text, NOW) is None


@pytest.mark.parametrize(("two_digits", "year"), [("26", 2026), ("76", 2076), ("77", 1977), ("99", 1999)])
def test_two_digit_years_are_at_most_fifty_years_ahead(two_digits: str, year: int) -> None:
    parsed = parse_http_date(f"Friday, 01-Jan-{two_digits} 00:00:00 GMT", NOW)
    assert parsed == calendar.timegm((year, 1, 1, 0, 0, 0))


@given(seconds=st.integers(0, calendar.timegm((9999, 12, 31, 23, 59, 59))))
def test_formatted_dates_are_parsed_back(seconds: int) -> None:
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    assert format_http_date(seconds) == format_datetime(moment, usegmt=True)
    assert parse_http_date(format_http_date(seconds), NOW) == seconds


def test_the_entity_tag_equals_that_of_nginx() -> None:
    assert CURRENT.etag == '"2ebc98a1-2a"'
    assert CURRENT.headers == {"etag": '"2ebc98a1-2a"', "last-modified": DATE}


def test_a_future_modification_time_is_sent_as_now() -> None:
    future = Validators.of_file((NOW + 3600) * 10**9, 1, NOW + 0.5)
    assert future.modified == NOW
    assert not future.settled


TAG, OTHER = CURRENT.etag, '"other"'
PROCEED, NOT_MODIFIED = Outcome.PROCEED, Outcome.NOT_MODIFIED


def test_a_date_within_the_second_of_the_change_is_a_weak_validator() -> None:
    fresh = Validators.of_file(MODIFIED * 10**9, 1, MODIFIED + 0.9)
    assert not range_applies(DATE, fresh, MODIFIED + 0.9)
    assert range_applies(fresh.etag, fresh, MODIFIED + 0.9)


tags = st.lists(
    st.sampled_from([TAG, f"W/{TAG}", OTHER, f"W/{OTHER}", '"a,b"', '""']), min_size=1, max_size=5
)
commas = st.sampled_from([",", ", ", " ,\t", ",,"])


@given(sent=tags, comma=commas)
def test_tag_lists_match_like_sets(sent: list[str], comma: str) -> None:
    value = comma.join(sent)
    weak = {tag.removeprefix("W/") for tag in sent}
    assert (evaluate(Conditions(if_match=value), CURRENT, NOW) is PROCEED) == (TAG in sent)
    assert (evaluate(Conditions(if_none_match=value), CURRENT, NOW) is NOT_MODIFIED) == (TAG in weak)


@given(st.builds(Conditions, *(st.none() | st.text(max_size=40) for _ in range(5))))
def test_no_header_raises_an_error(conditions: Conditions) -> None:
    assert evaluate(conditions, CURRENT, NOW) in Outcome
    assert range_applies(conditions.if_range, CURRENT, NOW) in (True, False)


def test_a_hostile_list_is_parsed_quickly() -> None:
    """Blanks between commas can be matched in 2^n ways. The regular expression must not try all of them."""
    for hostile in (" ," * 5_000 + "x", ", " * 5_000 + "x", " , " * 5_000 + "x"):
        assert evaluate(Conditions(if_none_match=hostile), CURRENT, NOW) is Outcome.PROCEED
