"""Writes `media_files`."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Table,
    Update,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session, load_only

from catalog_models.archive import MediaFile, Root, StageFailure
from catalog_models.catalogue import Content, Thumbnail
from catalog_models.reads.leaders import PINNED_TO, likely_leaders
from catalog_models.scope import Scope, within
from catalog_models.values import ClaimedFile, Inspection, ScannedFile, Stage, text_of

Columns = Sequence[InstrumentedAttribute[Any]]


def add(session: Session, root_id: uuid.UUID, found: Iterable[ScannedFile]) -> None:
    """Rows for files never seen before."""
    rows = [{"root_id": root_id, **_place(file)} for file in found]
    if rows:
        session.execute(insert(MediaFile), rows)


def change(session: Session, changed: Mapping[uuid.UUID, ScannedFile]) -> None:
    """Files whose content is another now: every stage has to look again.

    The pictures stay until the new fingerprint tells that they show something else (see `store_inspections`).
    """
    again = {"metadata_at": None, "quality_at": None, "catalogue_at": None}
    _each(session, [{"id": file_id, **_place(file), **again} for file_id, file in changed.items()])


def move(session: Session, root_id: uuid.UUID, moved: Mapping[uuid.UUID, ScannedFile]) -> None:
    """Files met at another path: the same rows, read from their new names."""
    again = {"root_id": root_id, **_PRESENT, "title_at": None, "catalogue_at": None}
    _each(session, [{"id": file_id, **_place(file), **again} for file_id, file in moved.items()])


def _place(file: ScannedFile) -> dict[str, Any]:
    return {"path": file.path, "path_text": text_of(file.path), "size": file.size, "mtime_ns": file.mtime_ns}


def _each(session: Session, rows: Sequence[dict[str, Any]], **same: Any) -> None:
    """Update row by row in one round trip; each row is keyed by `id`, all have the same columns, `same` is for all."""
    if not rows:
        return
    columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != "id"}
    table = cast("Table", MediaFile.__table__)
    statement = update(table).where(table.c.id == bindparam("new_id")).values({**columns, **same})
    parameters = [{f"new_{name}": value for name, value in row.items()} for row in rows]
    session.connection().execute(statement, parameters)


_UNCLAIMED = {"claimed_by": None, "claimed_until": None}
_PRESENT = {"missing_since": None, "forgotten_at": None}


def take_over(session: Session, old_root: uuid.UUID, new_root: uuid.UUID, prefix: bytes) -> None:
    """Give the files of a root to another; `prefix` is where the old root lies in the new one, empty for the same."""
    start = prefix + b"/" if prefix else b""
    path = literal(start).op("||")(MediaFile.path)
    text = text_of(start) + MediaFile.path_text
    session.execute(_where(MediaFile.root_id == old_root).values(root_id=new_root, path=path, path_text=text))


def mark_missing(session: Session, file_ids: Collection[uuid.UUID]) -> None:
    """Files not met where they should be; soft, for they may come back."""
    here = MediaFile.missing_since.is_(None)
    session.execute(_among(file_ids).where(here).values(missing_since=func.now(), catalogue_at=None))


def mark_root_missing(session: Session, root_id: uuid.UUID) -> None:
    """The files of a root that is no more."""
    here = (MediaFile.root_id == root_id, MediaFile.missing_since.is_(None))
    session.execute(_where(and_(*here)).values(missing_since=func.now(), catalogue_at=None))


def mark_returned(session: Session, file_ids: Collection[uuid.UUID]) -> None:
    """Files met again, as they were."""
    session.execute(_among(file_ids).values(**_PRESENT, catalogue_at=None))


def forget_missing(session: Session, which: ColumnElement[bool]) -> list[uuid.UUID]:
    """Forget missing files: no list and no count has them. Their rows stay; return their ids."""
    gone = and_(which, MediaFile.missing_since.is_not(None), MediaFile.forgotten_at.is_(None))
    return list(session.scalars(_where(gone).values(forgotten_at=func.now()).returning(MediaFile.id)))


def start_over(session: Session, scope: Scope | None) -> None:
    """Have every stage look again at every file of the scope."""
    again = dict.fromkeys(("metadata_at", "title_at", "quality_at", "catalogue_at", "thumbnails_at"))
    session.execute(_where(within(scope)).values(again))


def due(stage: Stage, scope: Scope | None) -> ColumnElement[bool]:
    """The files of the scope that lack this stage's output and have what it needs; the dead letters are left out."""
    done = getattr(MediaFile, f"{stage}_at")
    failed = exists().where(StageFailure.media_file_id == MediaFile.id, StageFailure.stage == stage)
    conditions = [within(scope), done.is_(None), ~failed]
    if stage is Stage.CATALOGUE:
        judged = or_(MediaFile.quality_at.is_not(None), MediaFile.missing_since.is_not(None))
        return and_(*conditions, judged, MediaFile.title_at.is_not(None))
    conditions.append(MediaFile.missing_since.is_(None))
    if stage is Stage.QUALITY:
        conditions.append(MediaFile.metadata_at.is_not(None))
    if stage is Stage.THUMBNAILS:
        shown = exists().where(Content.best_file_id == MediaFile.id)
        conditions += [MediaFile.quarantined_at.is_(None), shown]
    return and_(*conditions)


def lock_due(
    session: Session,
    stage: Stage,
    scope: Scope | None,
    limit: int,
    columns: Columns,
    among: Collection[uuid.UUID] | None = None,
) -> Sequence[MediaFile]:
    """Lock and return rows for a stage that needs the database alone. Other processes skip them until the transaction ends.

    `among`: only these files. Only these `columns` are loaded: whole rows take most of a stage's time.
    """
    query = select(MediaFile).where(due(stage, scope), _one_of(among)).order_by(MediaFile.path).limit(limit)
    wanted = load_only(*columns, raiseload=True)
    return session.scalars(query.with_for_update(skip_locked=True, of=MediaFile).options(wanted)).all()


@dataclasses.dataclass(frozen=True)
class Claim:
    """Who claims files, for how long, and which ones: `among` these, without those files and those roots."""

    owner: str
    lease: timedelta
    without: Collection[uuid.UUID] = ()
    without_roots: Collection[bytes] = ()
    among: Collection[uuid.UUID] | None = None


def claim(
    session: Session, stage: Stage, scope: Scope | None, wanted: Claim, limit: int
) -> list[ClaimedFile]:
    """Take files for a stage that opens them. Two processes never get the same one while its lease runs."""
    query = select(MediaFile.id).where(_free(stage, scope, wanted)).order_by(MediaFile.path).limit(limit)
    picked = query.with_for_update(skip_locked=True, of=MediaFile).cte("picked")
    columns = (MediaFile.id, Root.path, MediaFile.path, MediaFile.size, MediaFile.mtime_ns)
    statement = (
        update(MediaFile)
        .where(MediaFile.id == picked.c.id, Root.id == MediaFile.root_id)
        .values(claimed_by=wanted.owner, claimed_until=func.now() + wanted.lease)
        .returning(*columns, MediaFile.title_at.is_not(None), MediaFile.content_key, PINNED_TO)
    )
    rows = session.execute(statement, execution_options={"synchronize_session": False}).all()
    leaders = likely_leaders(session, {row[-2] for row in rows}, {row[-1] for row in rows})
    files = (
        ClaimedFile(
            key,
            root + b"/" + path,
            size,
            mtime,
            titled and leaders.get(str(pinned or name), key) == key,
            root,
        )
        for key, root, path, size, mtime, titled, name, pinned in rows
    )
    return sorted(files, key=_path)


def _path(file: ClaimedFile) -> bytes:
    return file.path


def count_free(session: Session, stage: Stage, scope: Scope | None, wanted: Claim) -> int:
    """Return how many files the stage could claim."""
    return session.scalar(select(func.count()).select_from(MediaFile).where(_free(stage, scope, wanted))) or 0


def _free(stage: Stage, scope: Scope | None, wanted: Claim) -> ColumnElement[bool]:
    unclaimed = or_(MediaFile.claimed_until.is_(None), MediaFile.claimed_until < func.now())
    others = _none_of(wanted.without, wanted.without_roots)
    return and_(due(stage, scope), unclaimed, others, _one_of(wanted.among))


def renew(session: Session, owner: str, lease: timedelta) -> None:
    """Prolong all claims of a process that is alive."""
    session.execute(_where(MediaFile.claimed_by == owner).values(claimed_until=func.now() + lease))


def is_due(
    session: Session,
    stage: Stage,
    scope: Scope | None,
    without: Collection[uuid.UUID],
    without_roots: Collection[bytes] = (),
) -> bool:
    """Return whether a file other than these lacks the stage's output: claimed by others, or locked at the moment."""
    return bool(session.scalar(select(exists().where(due(stage, scope), _none_of(without, without_roots)))))


def _one_of(files: Collection[uuid.UUID] | None) -> ColumnElement[bool]:
    """Return the condition that a file is one of these; None: any file."""
    return true() if files is None else MediaFile.id.in_(files)


def _none_of(files: Collection[uuid.UUID], roots: Collection[bytes]) -> ColumnElement[bool]:
    """Return the condition that a file is none of these and lies in none of these roots."""
    conditions: list[ColumnElement[bool]] = [true()]
    if files:
        conditions.append(MediaFile.id.not_in(files))
    if roots:
        conditions.append(MediaFile.root_id.not_in(select(Root.id).where(Root.path.in_(roots))))
    return and_(*conditions)


def leave(session: Session, file_ids: Collection[uuid.UUID]) -> None:
    """Give these files back undone."""
    session.execute(_among(file_ids).values(**_UNCLAIMED))


def outdate_pictures(session: Session, generator: int, lost: Collection[uuid.UUID]) -> None:
    """Have the pictures be made anew that older generators made, and those of the files whose pictures are `lost`."""
    old = select(Thumbnail.media_file_id).where(Thumbnail.generator < generator)
    session.execute(_where(MediaFile.id.in_(old)).values(thumbnails_at=None))
    if lost:
        session.execute(_among(lost).values(thumbnails_at=None))


def outdate_all_pictures(session: Session, scope: Scope | None) -> None:
    """Have all pictures of the scope be made anew."""
    session.execute(_where(within(scope)).values(thumbnails_at=None))


def release(session: Session, owners: Collection[str]) -> None:
    """Give back what these processes claimed."""
    session.execute(_where(MediaFile.claimed_by.in_(owners)).values(**_UNCLAIMED))


def finish(session: Session, stage: Stage, file_ids: Collection[uuid.UUID]) -> None:
    """Note that a stage is done with these files, and give them back."""
    session.execute(_among(file_ids).values({f"{stage}_at": func.now(), **_UNCLAIMED}))


def store_inspections(session: Session, inspections: Mapping[uuid.UUID, Inspection]) -> None:
    """What the files are. Pictures made of another content are due again; the gate has to judge anew."""
    same_content = MediaFile.fingerprint == bindparam("new_fingerprint", type_=LargeBinary)
    _each(
        session,
        [{"id": key, **_facts(inspection)} for key, inspection in inspections.items()],
        thumbnails_at=case((same_content, MediaFile.thumbnails_at)),
        metadata_at=func.now(),
        quality_at=None,
        catalogue_at=None,
        **_UNCLAIMED,
    )


def _facts(inspection: Inspection) -> dict[str, Any]:
    facts, video = inspection.facts, inspection.facts.video
    return {
        "fingerprint": inspection.fingerprint.digest,
        "container": facts.container,
        "duration_seconds": facts.duration_seconds,
        "bit_rate": facts.bit_rate,
        "video_codec": video and video.codec,
        "video_profile": video and video.profile,
        "pixel_format": video and video.pixel_format,
        "width": video and video.width,
        "height": video and video.height,
        "rotation": video and video.rotation,
        "sample_aspect": video and video.sample_aspect,
        "frame_rate": video and video.frame_rate,
        "interlaced": video and video.interlaced,
        "still": video and video.still,
        "audio": [dataclasses.asdict(track) for track in facts.audio],
        "chapters": [dataclasses.asdict(chapter) for chapter in facts.chapters],
        "moov": facts.moov,
        "truncated": facts.truncated,
        "encrypted": facts.encrypted,
        "decodes": facts.decodes,
        "problem": facts.problem,
        "playability": inspection.verdict.playability,
        "playability_reasons": list(inspection.verdict.reasons),
    }


def correct_duration(session: Session, file_id: uuid.UUID, seconds: float) -> None:
    """Store the measured duration of a file whose header or time stamps are wrong."""
    session.execute(_among([file_id]).values(duration_seconds=seconds))


def store_titles(session: Session, titles: Mapping[uuid.UUID, Mapping[str, Any]]) -> None:
    """What the paths say: the fields as read, by file."""
    rows = [
        {"id": key, "title": dict(title), "content_key": title["content_key"], "variant": title["variant"]}
        for key, title in titles.items()
    ]
    _each(session, rows, title_at=func.now(), catalogue_at=None)


def store_judgement(session: Session, good: Collection[uuid.UUID], bad: Collection[uuid.UUID]) -> None:
    """The gate's decision: the good are let into the catalogue, the bad are kept out of it."""
    judged = {"quality_at": func.now(), "catalogue_at": None}
    since = func.coalesce(MediaFile.quarantined_at, func.now())
    session.execute(_among(good).values(**judged, quarantined_at=None))
    session.execute(_among(bad).values(**judged, quarantined_at=since))


def approve(session: Session, file_ids: Collection[uuid.UUID]) -> None:
    """What these files are now is what the gate compares them with from here on."""
    facts = {
        "at": func.now(),
        "size": MediaFile.size,
        "fingerprint": func.encode(MediaFile.fingerprint, "hex"),
        "duration_seconds": MediaFile.duration_seconds,
        "sound_tracks": func.coalesce(func.jsonb_array_length(MediaFile.audio), 0),
        "width": MediaFile.width,
        "height": MediaFile.height,
    }
    pairs = [part for name, value in facts.items() for part in (literal_column(f"'{name}'"), value)]
    session.execute(_among(file_ids).values(approved=func.jsonb_build_object(*pairs)))


def forget_past(
    session: Session, file_ids: Collection[uuid.UUID], judge_again: Collection[uuid.UUID]
) -> None:
    """Have the gate compare these files with nothing; some of them are to be judged again at once."""
    session.execute(_among(file_ids).values(approved=None))
    session.execute(_among(judge_again).values(quality_at=None))


def retry_quarantined(
    session: Session, file_ids: Collection[uuid.UUID], *, accept: bool = False
) -> list[uuid.UUID]:
    """Have the next ingest open and judge these files anew, as far as they are there and quarantined; answers those.

    `accept`: what they were once is forgotten, they are judged as they are.
    """
    again = dict.fromkeys(("metadata_at", "quality_at", "catalogue_at", "thumbnails_at"))
    bad = (MediaFile.quarantined_at.is_not(None), MediaFile.missing_since.is_(None))
    forgotten = {"approved": None} if accept else {}
    statement = _among(file_ids).where(*bad).values(**again, **forgotten).returning(MediaFile.id)
    return list(session.scalars(statement))


def quarantine(session: Session, file_ids: Collection[uuid.UUID]) -> None:
    """Keep files out of the catalogue."""
    newly = _among(file_ids).where(MediaFile.quarantined_at.is_(None))
    session.execute(newly.values(quarantined_at=func.now(), catalogue_at=None))


def store_programmes(session: Session, programmes: Mapping[uuid.UUID, uuid.UUID | None]) -> None:
    """Say which programme each file shows, None for one that shows none yet."""
    rows = [{"id": file_id, "content_id": content_id} for file_id, content_id in programmes.items()]
    _each(session, rows, catalogue_at=func.now())


def pin(session: Session, file_ids: Collection[uuid.UUID], content_id: uuid.UUID) -> None:
    """A person's word: these files show this title, whatever they are called."""
    session.execute(_among(file_ids).values(grouped_by="human", content_id=content_id))


def _among(file_ids: Collection[uuid.UUID]) -> Update:
    return _where(MediaFile.id == any_(literal(list(file_ids), ARRAY(Uuid))))


def _where(condition: ColumnElement[bool]) -> Update:
    return update(MediaFile).where(condition).execution_options(synchronize_session=False)
