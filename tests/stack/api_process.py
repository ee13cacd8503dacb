"""A supervisor of processes that only beat: `python -m tests.stack.api_process COUNT HANG STOP`.

It prints READY. On SIGUSR1 a process hangs and holds Python's interpreter lock. On SIGTERM it ends unless
it hangs. While the file that `FAILING` names exists, processes fail at their start; while the one that
`STARTING` names exists, they keep starting.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

from deployments.api.pulse import Pulse
from deployments.api.supervisor import Deadlines, Replacements, StartFailedError, Supervisor
from tests.stack.hanging_program import hang

FAILING = "BEATING_FAILING"
STARTING = "BEATING_STARTING"


def beat(_listener: socket.socket, pulse: Pulse, _replacements: Replacements) -> None:
    if Path(os.environ.get(FAILING, "/nonexistent")).exists():
        sys.exit(3)
    while Path(os.environ.get(STARTING, "/nonexistent")).exists():
        time.sleep(0.05)
    signal.signal(signal.SIGUSR1, lambda *_: hang())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        pulse.beat()
        time.sleep(0.05)


def ready() -> None:
    sys.stdout.write("READY\n")
    sys.stdout.flush()


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    count, hang_deadline, stop = sys.argv[1:]
    listener = socket.create_server(("127.0.0.1", 0))
    deadlines = Deadlines(hang=float(hang_deadline), stop=float(stop))
    with closing(listener), suppress(KeyboardInterrupt):
        try:
            Supervisor(beat, listener, int(count), ready, deadlines).run()
        except StartFailedError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main()
