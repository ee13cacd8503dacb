"""The state of the catalogue for the command line: titles, roots, waiting work, problems."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Float, and_, cast, func, select
from sqlalchemy.orm import Session

from catalog_models.reads.due_files import count_due
from catalog_models.reads.problem_files import MISSING, Problem, ProblemLine, list_problem
from catalog_models.reads.renditions import count_waiting
from catalog_models.reads.review_lists import (
    DeadLetter,
    ProblemFile,
    list_damaged,
    list_failures,
    list_quarantined,
)
from catalog_models.tables import Alert, Content, MediaFile, Root, User
from catalog_models.values import Stage


@dataclass(frozen=True)
class Title:
    """One title of the catalogue; `files` counts the present files that show it."""

    id: str
    title: str
    year: int | None
    duration_seconds: float | None
    status: str
    file_path: str | None
    files: int


@dataclass(frozen=True)
class Listing:
    """A page of titles."""

    items: list[Title]
    total: int
    limit: int
    offset: int


@dataclass(frozen=True)
class RootState:
    """A root and its files."""

    path: str
    scanned_at: dt.datetime | None
    present: int
    missing: int
    quarantined: int


@dataclass(frozen=True)
class RunningProcess:
    """A process that uses the home."""

    pid: int
    purpose: str


@dataclass(frozen=True)
class MissingFiles:
    """The number of missing `files`, and `lines` of files and of folders with several missing files."""

    files: int
    lines: list[ProblemLine]


@dataclass(frozen=True)
class OpenAlert:
    """An alert that is not resolved."""

    kind: str
    subject: str
    message: str
    raised_at: dt.datetime


@dataclass(frozen=True)
class Overview:
    """The state of a home.

    `address` is the URL of the API, `prefect` that of Prefect's UI, `web` the state of the web app. `waiting`
    counts the files that are due for each stage, `registrations` the accounts that wait for approval.
    `renditions` counts the titles that do not play until they get a rendition, by its kind. `programmes`
    counts the titles. `missing` has only the latest lines; `wsoptv missing` lists all.
    """

    home: str
    running: list[RunningProcess]
    address: str | None
    prefect: str | None
    web: str | None
    programmes: int
    playable: int
    roots: list[RootState]
    waiting: dict[str, int]
    registrations: int
    renditions: dict[str, int]
    missing: MissingFiles
    quarantined: list[ProblemFile]
    failures: list[DeadLetter]
    damaged: list[ProblemFile]
    alerts: list[OpenAlert]


def list_titles(session: Session, limit: int, offset: int, search: str = "") -> Listing:
    """Return the shown titles, by year and name; only those with `search` in their title."""
    shown: ColumnElement[bool] = Content.is_visible.is_(True)
    if search:
        shown = and_(shown, Content.title.icontains(search, autoescape=True))
    files = select(func.count()).where(MediaFile.content_id == Content.id, MediaFile.missing_since.is_(None))
    columns = (
        cast(Content.id, type_=Content.title.type),
        Content.title,
        Content.year,
        cast(Content.duration_seconds, Float),
        Content.status,
        Content.file_path,
        files.scalar_subquery(),
    )
    query = select(*columns).where(shown).order_by(Content.year.nulls_last(), Content.title, Content.id)
    rows = session.execute(query.limit(limit).offset(offset))
    total = session.scalar(select(func.count()).select_from(Content).where(shown)) or 0
    return Listing([Title(*row) for row in rows], total, limit, offset)


def overview(
    session: Session,
    home: str,
    running: list[RunningProcess],
    addresses: tuple[str | None, str | None, str | None] = (None, None, None),
    most: int = 20,
) -> Overview:
    """Return the state of the catalogue, with the latest `most` problems of each kind.

    `addresses`: the URLs of the API and of Prefect's UI, and the state of the web app.
    """
    playable = func.count().filter(Content.status == "ready")
    shown, ready = session.execute(select(func.count(), playable).where(Content.is_visible)).one()
    return Overview(
        home=home,
        running=running,
        address=addresses[0],
        prefect=addresses[1],
        web=addresses[2],
        programmes=shown,
        playable=ready,
        roots=_roots(session),
        waiting={stage.value: count_due(session, stage, None) for stage in Stage},
        registrations=_registrations(session),
        renditions=count_waiting(session),
        missing=_latest(list_missing_files(session), most),
        quarantined=list_quarantined(session, most).items,
        failures=list_failures(session, most).items,
        damaged=list_damaged(session, most).items,
        alerts=_alerts(session, most),
    )


def _registrations(session: Session) -> int:
    pending = select(func.count()).where(User.approved_at.is_(None), User.is_active)
    return session.scalar(pending) or 0


def list_missing_files(session: Session) -> MissingFiles:
    """Return the files that are missing and not forgotten, folders summed up."""
    lines = list_problem(session, Problem.MISSING)
    return MissingFiles(sum(line.files for line in lines), lines)


def _latest(missing: MissingFiles, most: int) -> MissingFiles:
    by_time = sorted(
        missing.lines, key=lambda line: line.since.timestamp() if line.since else 0.0, reverse=True
    )
    return MissingFiles(missing.files, by_time[:most])


def _alerts(session: Session, most: int) -> list[OpenAlert]:
    columns = (Alert.kind, Alert.subject, Alert.message, Alert.raised_at)
    query = select(*columns).where(Alert.resolved_at.is_(None)).order_by(Alert.raised_at.desc())
    return [OpenAlert(*row) for row in session.execute(query.limit(most)).tuples()]


def _roots(session: Session) -> list[RootState]:
    present = MediaFile.missing_since.is_(None)
    query = (
        select(
            Root.path_text,
            Root.scanned_at,
            func.count(MediaFile.id).filter(present),
            func.count(MediaFile.id).filter(MISSING),
            func.count(MediaFile.id).filter(present, MediaFile.quarantined_at.is_not(None)),
        )
        .outerjoin(MediaFile, MediaFile.root_id == Root.id)
        .group_by(Root.id)
        .order_by(Root.path_text)
    )
    return [RootState(*row) for row in session.execute(query)]
