"""The embedded servers of a home: PostgreSQL and Redis from wheels, a Prefect server and its worker.

A keeper process runs each group of servers until its last user ends.
"""

from __future__ import annotations

from deployments.stack.errors import StackError
from deployments.stack.programs import embedded_versions
from deployments.stack.shutdown import Shutdown, shut_down
from deployments.stack.state import StackState, describe_stack
from deployments.stack.use import Stack, is_own_prefect, prefect_auth, use_prefect, use_stack, use_worker
from deployments.stack.users import StackUser

__all__ = [
    "Shutdown",
    "Stack",
    "StackError",
    "StackState",
    "StackUser",
    "describe_stack",
    "embedded_versions",
    "is_own_prefect",
    "prefect_auth",
    "shut_down",
    "use_prefect",
    "use_stack",
    "use_worker",
]
