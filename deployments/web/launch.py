"""The launcher of Node: `python -I -S launch.py PARENT APP NODE ARGUMENT…`; the process becomes Node.

The kernel kills the process when the thread that started it ends. If root started it, it becomes the account
`nobody`, provided that the account can read the app and run Node. Popen could do the same by `preexec_fn`,
but not safely in a process with threads.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys

_PR_SET_PDEATHSIG = 1
_ACCOUNT = "nobody"
_SERVER = "server.js"


def main(parent: int, app: str, command: list[str]) -> None:
    """Give up root's rights, bind this process to its parent, and execute the command."""
    if os.geteuid() == 0:
        _give_up_root(app, command[0])
    # A change of account resets this request, so it comes last.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        # The parent ended before the request.
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def _give_up_root(app: str, program: str) -> None:
    try:
        account = pwd.getpwnam(_ACCOUNT)
    except KeyError:
        return
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(account.pw_gid)
    os.seteuid(account.pw_uid)
    reachable = os.access(os.path.join(app, _SERVER), os.R_OK, effective_ids=True) and os.access(
        program, os.X_OK, effective_ids=True
    )
    os.seteuid(0)
    os.setegid(0)
    if not reachable:
        os.setgroups(groups)
        return
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
