"""Imports of Great Expectations without the libraries that the gate does not use.

Its package imports all of its expectations and data sources, and with them SciPy, Altair, SQLAlchemy and
boto3: half of the time it takes to load.
"""

from __future__ import annotations

import sys
from types import ModuleType

# Extras, without which it works: `great_expectations.compatibility`.
_EXTRAS = ("sqlalchemy", "boto3", "botocore")
# It imports these in any case, for the functions of a statistical test and of its pictures.
_REQUIRED = ("scipy.stats", "altair")


def lean_imports() -> None:
    """Hide the extras from this process, and replace the required libraries by empty modules.

    Call this before anything imports them.
    """
    sys.modules.update({name: ModuleType(name) for name in _REQUIRED})
    # An import of None fails.
    sys.modules.update(dict.fromkeys(_EXTRAS))  # type: ignore[arg-type]
