"""The rules as a suite of Great Expectations: one expectation per rule, one validation per batch.

Only the gate's child makes a `Suite` (see `gate.py`): the libraries take seconds and 200 MB to load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasks.quality.checks import Between, Cell, Check
from tasks.quality.rules import RULES
from tasks.quality.table import Table, Verdict, Verdicts

if TYPE_CHECKING:
    import pandas
    from great_expectations.core import ExpectationValidationResult
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
        rules: list[Expectation] = [_expectation(rule.name, rule.check) for rule in RULES]
        suite = context.suites.add(gx.ExpectationSuite("gate", expectations=rules))
        definition = gx.ValidationDefinition(name="gate", data=batch, suite=suite)
        self._validation = context.validation_definitions.add(definition)

    def evaluate(self, table: Table) -> Verdicts:
        """Judge a batch in one validation. Raise RuntimeError if a rule could not be evaluated."""
        batch = {"dataframe": _frame(table)}
        done = self._validation.run(batch_parameters=batch, result_format=_RESULT_FORMAT)
        return dict(map(_verdict, done.results))


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


def _verdict(result: ExpectationValidationResult) -> tuple[str, Verdict]:
    config = result.expectation_config
    name = str(config.kwargs["column"]) if config else "a rule"
    found = result.result
    if "unexpected_index_list" not in found:
        raise RuntimeError(f"{name} could not be evaluated: {result.exception_info}")
    failed = tuple(str(row[_FILE]) for row in found["unexpected_index_list"])
    return name, Verdict(int(found["element_count"]) - int(found["missing_count"]), failed)
