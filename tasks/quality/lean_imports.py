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


def lean_imports() -> None:
    """Hide the optional libraries from this process, and replace the required ones by empty modules.

    Call this before anything imports them.
    """
    sys.modules.update({name: ModuleType(name) for name in _REQUIRED})
    # The import of a module that is None fails.
    sys.modules.update(dict.fromkeys(_EXTRAS))  # type: ignore[arg-type]
