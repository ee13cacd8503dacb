"""The rules as a suite of Great Expectations: one expectation per rule.

Only the gate's child makes a `Suite` (see `gate.py`): the libraries take seconds and 200 MB to load.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tasks.quality.checks import Between, Cell, Check
from tasks.quality.rule import Rule
from tasks.quality.rules import RULES
from tasks.quality.table import Table, Verdict, Verdicts

if TYPE_CHECKING:
    import pandas
    from great_expectations.core import ExpectationSuite, ExpectationValidationResult
    from great_expectations.data_context.types.base import DataContextConfig
    from great_expectations.expectations.expectation import Expectation

# The column that names a row.
_FILE = "file"
_RESULT_FORMAT = {
    # Every failing row, not a sample of twenty.
    "result_format": "COMPLETE",
    "unexpected_index_column_names": [_FILE],
    "return_unexpected_index_query": False,
}


class Suite:
    """The rules as Great Expectations reads them, in memory. Loading takes seconds."""

    def __init__(self) -> None:
        import great_expectations as gx

        context = gx.get_context(mode="ephemeral", project_config=_configuration())
        asset = context.data_sources.add_pandas("archive").add_dataframe_asset("files")
        batch = asset.add_batch_definition_whole_dataframe("batch")
        self._batches = batch
        self._suite = context.suites.add(_suite("gate", RULES))

    def evaluate(self, table: Table) -> Verdicts:
        """Judge a batch. Raise RuntimeError if a rule could not be evaluated.

        The first validation finds the rules that fail, the second their rows. Most rules hold in most
        batches, and the lists of rows take half of the time of a validation.
        """
        batch = self._batches.get_batch({"dataframe": _frame(table)})
        done = batch.validate(self._suite, result_format="BOOLEAN_ONLY")
        failing = {_column_of(result) for result in done.results if not result.success}
        verdicts = {rule.name: Verdict(_applies(table.columns[rule.name]), ()) for rule in RULES}
        if failing:
            rules = [rule for rule in RULES if rule.name in failing]
            found = batch.validate(_suite("failing", rules), result_format=_RESULT_FORMAT)
            verdicts |= map(_verdict, found.results)
        return verdicts


def _configuration() -> DataContextConfig:
    """Return a configuration that keeps everything in memory, shows no progress bars and reports nothing.

    Without it, a context creates a temporary folder.
    """
    from great_expectations.data_context.types import base

    return base.DataContextConfig(
        store_backend_defaults=base.InMemoryStoreBackendDefaults(),
        progress_bars=base.ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )


def _suite(name: str, rules: Sequence[Rule]) -> ExpectationSuite:
    import great_expectations as gx

    return gx.ExpectationSuite(name, expectations=[_expectation(rule.name, rule.check) for rule in rules])


def _applies(cells: Sequence[Cell]) -> int:
    """Return how many files a rule applies to."""
    return sum(cell is not None for cell in cells)


def _expectation(name: str, check: Check) -> Expectation:
    from great_expectations.expectations.core.expect_column_values_to_be_between import (
        ExpectColumnValuesToBeBetween,
    )
    from great_expectations.expectations.core.expect_column_values_to_be_in_set import (
        ExpectColumnValuesToBeInSet,
    )

    if isinstance(check, Between):
        return ExpectColumnValuesToBeBetween(column=name, min_value=check.minimum, max_value=check.maximum)
    return ExpectColumnValuesToBeInSet(column=name, value_set=list(check.values))


def _frame(table: Table) -> pandas.DataFrame:
    """Return the table with columns of numbers, because an empty column of objects cannot be compared."""
    import pandas

    columns = {rule.name: _column(table.columns[rule.name], rule.check) for rule in RULES}
    return pandas.DataFrame({_FILE: table.files, **columns})


def _column(cells: list[Cell], check: Check) -> pandas.Series[Any]:
    import pandas

    return pandas.Series(cells, dtype="float64" if isinstance(check, Between) else "object")


def _column_of(result: ExpectationValidationResult) -> str:
    """Return the column of an expectation, which is the name of its rule."""
    config = result.expectation_config
    return str(config.kwargs["column"]) if config else "a rule"


def _verdict(result: ExpectationValidationResult) -> tuple[str, Verdict]:
    name = _column_of(result)
    found = result.result
    if "unexpected_index_list" not in found:
        raise RuntimeError(f"{name} could not be evaluated: {result.exception_info}")
    failed = tuple(str(row[_FILE]) for row in found["unexpected_index_list"])
    return name, Verdict(int(found["element_count"]) - int(found["missing_count"]), failed)
