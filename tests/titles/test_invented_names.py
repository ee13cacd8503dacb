"""The accuracy of titles read from the invented names of benchmarks/title_names."""

from __future__ import annotations

import pytest

from benchmarks.title_accuracy import NAMES, Reading, accuracy, plot, read_all, reliability


@pytest.fixture(scope="module")
def readings() -> dict[str, list[Reading]]:
    return {name: read_all(name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_nearly_all_fields_and_titles_are_right(name: str, readings: dict[str, list[Reading]]) -> None:
    found = accuracy(readings[name])
    assert found.fields >= 0.97
    assert found.titles >= 0.92
    assert found.flawless >= 0.88


def test_no_player_is_invented(readings: dict[str, list[Reading]]) -> None:
    invented = [
        reading.expected.path
        for name in NAMES
        for reading in readings[name]
        if any(wrong.startswith("players is ") and "is None" not in wrong for wrong in reading.wrong)
    ]
    assert invented == []


def test_a_value_is_right_at_least_as_often_as_its_confidence_says(
    readings: dict[str, list[Reading]],
) -> None:
    every = [reading for name in NAMES for reading in readings[name]]
    bins = reliability(every)
    for row in bins:
        assert row.right >= row.confidence, plot(bins)
    (highest,) = reliability(reading for reading in every if reading.title.confidence > 0.9)
    assert highest.right >= 0.99
