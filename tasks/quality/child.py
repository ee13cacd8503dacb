"""The program of the gate's child: loads Great Expectations, judges what comes down the line, ends with its owner."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
import warnings
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tasks.quality.lean_imports import lean_imports
from tasks.quality.table import Table

if TYPE_CHECKING:
    from tasks.quality.expectations import Suite

_LOOK_SECONDS = 1.0  # between looks whether the owner lives


def main() -> None:
    """Arguments: the line's file descriptor, the owner's process id. Answers each `Table` with its `Verdicts`; a text
    is the reason why there is none, and the last answer."""
    line, owner = Connection(int(sys.argv[1])), int(sys.argv[2])
    _be_quiet()
    tables: SimpleQueue[Table] = SimpleQueue()
    threading.Thread(target=_listen, args=(line, owner, tables), daemon=True).start()
    try:
        suite = _load()
        while True:
            line.send(suite.evaluate(tables.get()))
    except Exception as error:  # noqa: BLE001  # whatever a library thinks of: the owner judges without it
        line.send(f"{type(error).__name__}: {error}")


def _load() -> Suite:
    """Return the suite. What its libraries make as they load is never freed: garbage collections take a fifth of the time."""
    gc.disable()
    lean_imports()
    from tasks.quality.expectations import Suite

    suite = Suite()
    gc.freeze()
    gc.enable()
    return suite


def _listen(line: Connection, owner: int, tables: SimpleQueue[Table]) -> None:
    """Take what comes, and end this process with its owner, whatever the main thread is at.

    The line closes when the owner ends, unless a process that it forked holds the other end, too.
    """
    while os.getppid() == owner:
        try:
            if line.poll(_LOOK_SECONDS):
                tables.put(line.recv())
        except (EOFError, OSError):
            break
    os._exit(0)


def _be_quiet() -> None:
    """Ctrl-C is the owner's to handle; what the libraries want to tell is told to nobody."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)


if __name__ == "__main__":
    main()
