"""Checks of PostgreSQL, Redis and Prefect."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

import redis
from sqlalchemy.exc import SQLAlchemyError

from catalog_models.engine import make_engine
from catalog_models.errors import ExpectedError
from catalog_models.migrate import current_revision, head_revision
from deployments.doctor.check import Check
from deployments.doctor.folders import check_cache, check_known_roots, check_renditions
from deployments.stack import is_own_prefect, prefect_auth, use_stack
from deployments.stack.prefect_access import Access, access
from orchestration.settings import Settings

# Seconds in which an external server must respond.
_SECONDS = 3.0


def check_prefect(settings: Settings) -> Check:
    """Check access to the Prefect server in use."""
    if settings.prefect_api_url is None or is_own_prefect(settings):
        return Check("prefect", True, f"{version('prefect')}, embedded")
    url = settings.prefect_api_url
    found = access(url, prefect_auth(settings), _SECONDS)
    if found is Access.GRANTED:
        return Check("prefect", True, f"{version('prefect')}, server at {url}")
    if found is Access.OPEN:
        mend = "set PREFECT_SERVER_API_AUTH_STRING for that server, and PREFECT_API_AUTH_STRING to the same value here"
        return Check(
            "prefect", True, f"{version('prefect')}, server at {url}; it requires no authentication", mend
        )
    if found is Access.DENIED:
        which = (
            "refuses PREFECT_API_AUTH_STRING"
            if settings.prefect_auth
            else "requires an authentication string"
        )
        mend = "set PREFECT_API_AUTH_STRING to the server's PREFECT_SERVER_API_AUTH_STRING"
        return Check("prefect", False, f"the Prefect server at {url} {which}", mend)
    says = f"no Prefect server responds at {url}"
    return Check("prefect", False, says, "start it, or correct PREFECT_API_URL (it ends in /api)")


def check_stack(settings: Settings) -> list[Check]:
    """Start the servers of the home, and run the checks that need them."""
    try:
        with use_stack(settings, "doctor") as stack:
            return [
                _guarded(
                    "postgres",
                    lambda: check_postgres(stack.database_url, settings),
                    "check DATABASE_URL and the logs",
                ),
                _guarded("redis", lambda: check_redis(stack.redis_url), "check REDIS_URL and the logs"),
                *check_known_roots(stack.database_url),
                _guarded(
                    "cache",
                    lambda: check_cache(stack.database_url, settings),
                    "check DATABASE_URL and the logs",
                ),
                _guarded(
                    "renditions",
                    lambda: check_renditions(stack.database_url, settings),
                    "check DATABASE_URL and the logs",
                ),
            ]
    except ExpectedError as error:
        return [Check("stack", False, str(error), f"see the logs in {settings.logs}")]


def _guarded(name: str, check: Callable[[], Check], mend: str) -> Check:
    try:
        return check()
    except (SQLAlchemyError, redis.RedisError, ValueError) as error:
        first = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
        return Check(name, False, first, mend)


def check_postgres(url: str, settings: Settings) -> Check:
    """Check the connection to PostgreSQL and its schema."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            version = connection.exec_driver_sql("show server_version").scalar_one()
        current, head = current_revision(engine), head_revision()
    finally:
        engine.dispose()
    where = "external" if settings.database_url else "embedded"
    if current != head:
        return Check(
            "postgres", False, f"{version}, schema at {current or 'none'}, not {head}", "run `wsoptv migrate`"
        )
    return Check("postgres", True, f"{version}, {where}, schema at {head}")


def check_redis(url: str) -> Check:
    """Check the connection to Redis."""
    client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
    try:
        return Check("redis", True, str(client.info("server")["redis_version"]))
    finally:
        client.close()
