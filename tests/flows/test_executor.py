"""Work in batches, as it comes."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from flows.job.bench import batches


@given(items=st.lists(st.integers()), size=st.integers(1, 20))
def test_batches_hold_all_items_in_their_order_and_all_but_the_last_are_full(
    items: list[int], size: int
) -> None:
    made = list(batches(items, size))
    assert [item for batch in made for item in batch] == items
    assert all(len(batch) == size for batch in made[:-1])
    assert all(0 < len(batch) <= size for batch in made[-1:])


@given(taken=st.integers(1, 5), size=st.integers(1, 20))
def test_no_more_is_drawn_than_the_batches_that_were_asked_for_hold(taken: int, size: int) -> None:
    """What is drawn is claimed: files that nobody works at yet must stay free for others."""
    drawn: list[int] = []

    def claims() -> Iterator[int]:
        for number in range(1000):
            drawn.append(number)
            yield number

    batch = batches(claims(), size)
    for _ in range(taken):
        next(batch)
    assert len(drawn) == taken * size
