"""The gate's child process: load Great Expectations, judge the tables it receives, and end with its owner."""

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

# Seconds between checks whether the owner lives.
_LOOK_SECONDS = 1.0


def main() -> None:
    """Judge each table that is received.

    Arguments: the file descriptor of the pipe, and the process id of the owner. The reply to a `Table` is
    `Verdicts`, or a text as the last message: why there are none.
    """
    line, owner = Connection(int(sys.argv[1])), int(sys.argv[2])
    _be_quiet()
    tables: SimpleQueue[Table] = SimpleQueue()
    threading.Thread(target=_listen, args=(line, owner, tables), daemon=True).start()
    try:
        suite = _load()
        while True:
            line.send(suite.evaluate(tables.get()))
    # After any error of a library, the owner judges without it.
    except Exception as error:  # noqa: BLE001
        line.send(f"{type(error).__name__}: {error}")


def _load() -> Suite:
    """Return the suite.

    What its libraries make as they load is never freed: garbage collections would take a fifth of the time.
    """
    gc.disable()
    lean_imports()
    from tasks.quality.expectations import Suite

    suite = Suite()
    gc.freeze()
    gc.enable()
    return suite


def _listen(line: Connection, owner: int, tables: SimpleQueue[Table]) -> None:
    """Receive tables, and end this process with its owner, whatever the main thread does.

    The pipe closes when the owner ends, unless a process that it forked has the other end open.
    """
    while os.getppid() == owner:
        try:
            if line.poll(_LOOK_SECONDS):
                tables.put(line.recv())
        except (EOFError, OSError):
            break
    os._exit(0)


def _be_quiet() -> None:
    """Leave Ctrl-C to the owner, and silence the libraries."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)


if __name__ == "__main__":
    main()
