"""Imports of Great Expectations without the libraries that the gate does not use.

Its package imports all of its expectations and data sources, and with them SciPy, Altair, SQLAlchemy and
boto3: half of its loading time.
"""

from __future__ import annotations

import sys
from types import ModuleType

# Optional libraries: `great_expectations.compatibility`.
_EXTRAS = ("sqlalchemy", "boto3", "botocore")
# Libraries that it imports in any case, for one statistical test and its charts.
_REQUIRED = ("scipy.stats", "altair")
# Data sources that it only names: the gate has a table in memory. Their models take a fifth of the time.
_SOURCES = (
    *(
        f"{engine}_{place}"
        for engine in ("pandas", "spark")
        for place in ("file_path", "filesystem", "dbfs", "s3")
    ),
    *(
        f"{engine}_{cloud}_storage"
        for engine in ("pandas", "spark")
        for cloud in ("google_cloud", "azure_blob")
    ),
    *("alloy", "aurora", "bigquery", "citus", "databricks_sql", "fabric", "neon", "postgres", "redshift"),
    *("snowflake", "sql_server", "sqlite"),
)


class _Unused(ModuleType):
    """A module whose names can be imported, and stand for nothing."""

    def __getattr__(self, name: str) -> type:
        # The import machinery also reads attributes of modules.
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def lean_imports() -> None:
    """Hide the optional libraries from this process, and replace the required ones and the data sources.

    Call this before anything imports them.
    """
    sys.modules.update({name: ModuleType(name) for name in _REQUIRED})
    fluent = "great_expectations.datasource.fluent"
    sources = (f"{fluent}.{source}_datasource" for source in _SOURCES)
    sys.modules.update({name: _Unused(name) for name in sources})
    # The import of a module that is None fails.
    sys.modules.update(dict.fromkeys(_EXTRAS))  # type: ignore[arg-type]
