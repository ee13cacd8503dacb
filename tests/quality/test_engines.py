"""Both engines read the same declarations and return the same findings."""

from __future__ import annotations

import dataclasses

from hypothesis import HealthCheck, given, settings

from tasks.quality import Case, Gate, PlainJudge
from tests.quality.cases import BATCHES, case


# An example costs the child a fifth of a second, whatever its number of files: so test a few large batches.
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(batch=BATCHES)
def test_engines_find_the_same_in_any_batch(gate: Gate, batch: list[Case]) -> None:
    found, plain = gate.judge(batch), PlainJudge().judge(batch)
    assert found.engine == "great_expectations", found.reason
    assert dataclasses.replace(found, engine="plain", seconds=0) == dataclasses.replace(plain, seconds=0)


def test_every_failing_row_of_a_large_batch_is_named(gate: Gate) -> None:
    batch = [case(size=number % 2) for number in range(500)]
    judgement = gate.judge(batch)
    assert judgement.engine == "great_expectations"
    assert judgement.quarantined == [file.id for file in batch if not file.size]
    (tally,) = [tally for tally in judgement.tallies if tally.rule == "empty"]
    assert (tally.evaluated, tally.failed) == (500, 250)
