"""Start a program that cannot read secrets from files, such as Prefect's server:

    python -m deployments.prefect.secret_environment NAME… -- PROGRAM ARGUMENT…

Each NAME that is set by `NAME_FILE` is set in the environment of that program only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from orchestration.secret_files import SUFFIX, SecretFileError, secret


def main(arguments: Sequence[str]) -> NoReturn:
    """Replace this process with the program."""
    at = arguments.index("--")
    names, command = arguments[:at], arguments[at + 1 :]
    try:
        found = {name: secret(name) for name in names}
    except SecretFileError as error:
        sys.exit(f"{error.variable}: {error}")
    for name, value in found.items():
        os.environ.pop(name + SUFFIX, None)
        if value is not None:
            os.environ[name] = value
    os.execvp(command[0], [*command])  # noqa: S606 - the command of the compose file


if __name__ == "__main__":
    main(sys.argv[1:])
