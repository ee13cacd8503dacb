"""The executor of a flow run: a step is a task run, and an input from another step is an edge."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast

from prefect import State, Task, allow_failure
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.context import TaskRunContext
from prefect.futures import PrefectFuture
from prefect.logging import get_run_logger
from prefect.states import Cancelled, Completed, Failed
from prefect.tasks import exponential_backoff

from catalog_models.errors import ExpectedError
from flows.job.context import CancelledRunError, JobContext
from flows.job.executor import Later
from flows.job.steps import Made, Step, StepResult, Value

T = TypeVar("T")


class PrefectExecutor:
    """Runs steps as task runs of the flow run that this thread is in.

    `failed_in`: the task runs in which steps gave up on files, by file.
    """

    def __init__(self, context: JobContext) -> None:
        self.context = context
        self.failed_in: dict[uuid.UUID, uuid.UUID] = {}
        self._tasks: dict[str, Task[..., Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.context.cancellation.request("another step of the run failed")

    def submit(self, step: Step[Value, Made], value: Value | Later[Value], *after: Later[Any]) -> Later[Made]:
        """Start a task run as soon as its input is there."""
        if step.name not in self._tasks:
            self._tasks[step.name] = self._task(step)
        # A future that is an argument itself would cost a request for the state of its run.
        given = [value.future] if isinstance(value, _TaskRun) else [_Opaque(value)]
        wait_for = [allow_failure(one.future) for one in after if isinstance(one, _TaskRun)]
        before = (value,) if isinstance(value, _TaskRun) else ()
        return _TaskRun(self._tasks[step.name].submit(given, wait_for=wait_for), before)

    def _task(self, step: Step[Value, Made]) -> Task[..., Any]:
        def run(value: list[_Opaque[Value]]) -> State[_Opaque[Made]]:
            try:
                made = step.run(self.context, value[0].value, get_run_logger())
            except CancelledRunError as error:
                return Cancelled(message=str(error), data=error)
            except ExpectedError as error:
                # Returned, not raised: an expected error has no traceback in the log.
                return Failed(message=str(error), data=error)
            self._note_failures(made)
            name = "Completed with problems" if made.problems else "Completed"
            message = "; ".join(filter(None, (made.did, made.problems)))
            return Completed(name=name, message=message, data=_Opaque(made))

        def name(parameters: dict[str, Any]) -> str:
            return step.run_name(parameters["value"][0].value)

        return Task(
            run,
            name=step.name,
            description=step.description,
            tags=[step.tag],
            retries=step.retries,
            retry_delay_seconds=exponential_backoff(backoff_factor=2),
            retry_condition_fn=_may_pass,
            task_run_name=cast("Any", name),
            cache_policy=NO_CACHE,
            persist_result=False,
        )

    def _note_failures(self, made: StepResult) -> None:
        context = TaskRunContext.get()
        if context is not None:
            self.failed_in.update(dict.fromkeys(made.failed, context.task_run.id))


class _Opaque(Generic[T]):
    """A value that Prefect does not search for futures: it would visit every file of a batch."""

    def __init__(self, value: T) -> None:
        self.value = value


class _TaskRun(Later[T]):
    """The value of a task run. `before`: the task run whose value it takes."""

    def __init__(self, future: PrefectFuture[_Opaque[T]], before: Iterable[_TaskRun[Any]]) -> None:
        self.future, self._before = future, tuple(before)

    def result(self) -> T:
        self._expect_completed()
        return cast("_Opaque[T]", self._outcome()).value

    def _expect_completed(self) -> None:
        # The error of a step is raised, not Prefect's "an upstream task failed".
        for one in self._before:
            one._expect_completed()
        self.future.wait()
        state = self.future.state
        if state.is_completed():
            return
        outcome = self._outcome()
        if isinstance(outcome, BaseException):
            raise outcome
        raise CancelledRunError(state.message or "cancelled")

    def _outcome(self) -> object:
        """Return the value or the error of the run. Prefect takes some milliseconds to read it."""
        state = self.future.state
        return state.result(raise_on_failure=False) if state.data is not None else None


def _may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Return whether another try may help: an expected error is final."""
    return not isinstance(state.result(raise_on_failure=False), ExpectedError)
