"""The transactions of Prefect's server on SQLite."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.prefect.api import Api

_PROGRAM = """
import asyncio, sys
import sqlalchemy as sa
from prefect.server.database.configurations import AioSqliteConfiguration
from deployments.stack.prefect_sqlite import lock_before_reading

add = sa.text("insert into counted select count(*) from counted")


async def write(has_read, may_write):
    async with await database.session(await database.engine()) as session:
        async with database.begin_transaction(session):
            await session.scalar(sa.text("select count(*) from counted"))
            has_read.set()
            await asyncio.wait([asyncio.ensure_future(may_write.wait())], timeout=0.2)
            await session.execute(add)


async def read_within():
    async with await database.session(await database.engine()) as outer:
        async with database.begin_transaction(outer):
            await outer.execute(add)
            async with await database.session(await database.engine()) as inner:
                return await inner.scalar(sa.text("select count(*) from counted"))


async def main(path, ours):
    global database
    database = AioSqliteConfiguration(f"sqlite+aiosqlite:///{path}")
    engine = await database.engine()
    async with engine.begin() as connection:
        await connection.execute(sa.text("create table counted (n integer unique)"))
    one, other = asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(write(one, other))
    await one.wait()
    second = asyncio.create_task(write(other, one))
    outcomes = await asyncio.gather(first, second, *(write(one, one) for _ in range(20)), return_exceptions=True)
    print([str(outcome).splitlines()[0] for outcome in outcomes if outcome is not None])
    if ours:
        async with await database.session(engine) as session:
            print(await session.scalar(sa.text("select count(*) from counted")), await read_within())
    await engine.dispose()

asyncio.run(main(f"{sys.argv[1]}/prefect.db", False))
lock_before_reading()
asyncio.run(main(f"{sys.argv[1]}/ours.db", True))
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the reports of the writers: first those of Prefect itself, then ours."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(tmp_path_factory.mktemp("counted"))],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.splitlines()


def test_writers_that_have_read_wait_for_each_other(outcomes: list[str]) -> None:
    """All 22 write, and no write is lost.

    A session inside a transaction does not wait for its own caller: it reads the earlier data.
    """
    assert outcomes[1:] == ["[]", "22 22"]


def test_prefect_itself_still_fails(outcomes: list[str]) -> None:
    """If this fails, Prefect has fixed the fault, and `prefect_sqlite` can be removed."""
    assert "database is locked" in outcomes[0]


def test_many_writers_at_once_all_succeed(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the lock Prefect responds 503 to some, because its database is locked."""
    monkeypatch.setattr("tests.prefect.api._TRIES", 1)

    def write(number: int) -> None:
        flow = api.post("flows/", name=f"of writer {number}")
        for _run in range(4):
            run = api.post("flow_runs/", flow_id=flow["id"], state={"type": "PENDING"})
            api.post(f"flow_runs/{run['id']}/set_state", state={"type": "RUNNING"})
            api.post(f"flow_runs/{run['id']}/set_state", state={"type": "COMPLETED"})

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(write, range(8)))


def test_the_embedded_server_writes_in_batches(api: Api) -> None:
    services = api.get("admin/settings")["server"]["services"]
    assert services["task_run_recorder"]["batch_size"] == 20
    assert services["event_persister"]["batch_size"] == 100
