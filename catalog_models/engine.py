"""Engines: how the floors above reach PostgreSQL."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def driver_url(url: str) -> URL:
    """The same database through psycopg 3, whichever driver the address names (`postgres://…` included)."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    return parsed.set(drivername="postgresql+psycopg")


def make_engine(url: str) -> Engine:
    """A blocking engine, for flows and the command line; a connection that died is replaced unseen."""
    return create_engine(driver_url(url), pool_pre_ping=True, connect_args={"connect_timeout": 10})


def make_async_engine(url: str, pool_size: int = 10) -> AsyncEngine:
    """An engine for the serving layer's event loop. Its errors and its log show no parameters: hashes and addresses of
    people are among them."""
    return create_async_engine(
        driver_url(url),
        pool_pre_ping=True,
        pool_size=pool_size,
        hide_parameters=True,
        connect_args={"connect_timeout": 10},
    )
