"""Errors of commands: messages for people, JSON for programs, and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

from deployments.cli.output import one_line
from deployments.terminal.text import encodable

if TYPE_CHECKING:
    from pydantic import ValidationError

FAILED, USAGE, REFUSED = 1, 2, 3


@contextmanager
def reported_errors(as_json: bool = False) -> Iterator[None]:
    """Turn expected errors into a message and an exit code; unexpected ones keep their traceback."""
    from pydantic import ValidationError
    from sqlalchemy.exc import SQLAlchemyError

    from catalog_models.errors import ExpectedError, RefusedError

    try:
        yield
    except ValidationError as error:
        fail(USAGE, "settings", _settings_message(error), as_json)
    except RefusedError as error:
        fail(REFUSED, error.code, error.on_command_line, as_json)
    except ExpectedError as error:
        fail(FAILED, error.code, error.on_command_line, as_json)
    except SQLAlchemyError as error:
        # A signal interrupted a ping: this error of the connection would hide the interruption.
        if (interruption := _interruption(error)) is not None:
            raise interruption from None
        first = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
        fail(FAILED, "database", f"the database failed: {first}. Run `wsoptv doctor` for details.", as_json)
    except BrokenPipeError:
        # The reader closed the pipe: click ends the command without a message.
        raise
    except OSError as error:
        fail(FAILED, "system", str(error), as_json)


def fail(code: int, kind: str, message: str, as_json: bool = False) -> NoReturn:
    """Print an error, with `--json` also as the last line of standard output; exit with the code."""
    click.echo(f"wsoptv: {encodable(message)}", err=True)
    if as_json:
        click.echo(one_line({"error": {"code": kind, "message": message}}))
    sys.exit(code)


def _interruption(error: BaseException) -> KeyboardInterrupt | None:
    """Return the interruption that caused the error, if one did."""
    before = error.__cause__ or error.__context__
    if before is None or isinstance(before, KeyboardInterrupt):
        return before
    return _interruption(before)


def _settings_message(error: ValidationError) -> str:
    problems = error.errors(include_input=False)
    messages = [f"{'.'.join(map(str, problem['loc']))}: {_problem_message(problem)}" for problem in problems]
    return "a setting is not valid: " + "; ".join(messages)


def _problem_message(problem: Mapping[str, Any]) -> str:
    return "must be bytes, like 800GB" if problem["type"].startswith("byte_size") else str(problem["msg"])
