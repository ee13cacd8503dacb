"""Which renditions are made: of what plays not, or not well, as it is; the most viewed first, and what it costs."""

from __future__ import annotations

import os
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select
from sqlalchemy.orm import Session

from catalog_models.archive import MediaFile, Root
from catalog_models.catalogue import Content
from catalog_models.reads.facts import facts_of
from catalog_models.renditions import Rendition
from catalog_models.values import MediaFacts, Playability, Verdict, counted, lasting, sized
from catalog_models.watching import ContentView
from catalog_models.writes import renditions
from flows.job.claims import kept
from flows.job.context import JobContext, Run
from flows.renditions.reconcile import bad_renditions, forget, tidy
from flows.renditions.render import STAGE, Made, Wish, render
from orchestration.transactions import Transaction
from tasks.catalogue.opening import expect_titles
from tasks.media.folders import open_own_folder
from tasks.renditions.recipe import Kind, estimate, recipe_for


@dataclass(frozen=True)
class Asked:
    """Which kinds are made beside remuxes, and titles whose files are tried whatever came of it before. `deinterlace`: also
    of interlaced pictures that play, in place of a rendition that copied them."""

    faststart: bool = False
    transcode: bool = False
    content_ids: tuple[uuid.UUID, ...] = ()
    deinterlace: bool = False

    @property
    def kinds(self) -> list[Kind]:
        """What a recipe may be."""
        kinds: list[Kind] = ["remux"]
        kinds += ["faststart"] if self.faststart else []
        kinds += ["transcode"] if self.transcode else []
        kinds += ["deinterlace"] if self.deinterlace else []
        return kinds


@dataclass
class Rendered:
    """What came of it, or would (`dry`). `wishes` is what was to be made; `failed` says of each that was not why, `needless`
    of titles that were named and get none. `others` counts the titles that need what was not asked for. `waiting`
    were not tried, because the roots of their files went `down` (the reasons)."""

    wishes: list[Wish]
    dry: bool
    made: int = 0
    tidied: int = 0
    failed: list[str] = field(default_factory=list)
    needless: list[str] = field(default_factory=list)
    others: dict[Kind, int] = field(default_factory=dict)
    renditions: list[Made] = field(default_factory=list)
    waiting: int = 0
    down: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes of all, by estimate."""
        return sum(wish.estimate.size for wish in self.wishes)

    @property
    def seconds(self) -> float:
        """That making all takes, by estimate."""
        return sum(wish.estimate.seconds for wish in self.wishes)


def make_renditions(
    place: JobContext, asked: Asked, *, dry: bool = False, accept_missing: bool = False
) -> Rendered:
    """Raises `FolderUnusableError`, `RenditionsGoneError` unless `accept_missing`, and `NoSuchTitleError`. A file that fails
    is told and keeps nobody from the others."""
    run, folder = Run(place, None), place.settings.renditions_folder
    do = place.bench.do
    do("estimate", "look at the folder of renditions", partial(_open, place, folder))
    what = "what is to be made, and what it costs"
    if dry:
        return do("estimate", what, partial(_foresee, place, folder, asked, accept_missing))
    tidied = do(
        "estimate",
        "compare folder and table",
        partial(tidy, place, folder, accept_missing=accept_missing),
    )
    rendered = do("estimate", what, partial(_look, place, asked))
    rendered.tidied = tidied
    place.progress.begin(STAGE, round(sum(wish.seconds for wish in rendered.wishes)), "seconds of film")
    lease = place.settings.lease
    with kept(place.transactions, lease, lambda session: renditions.renew(session, run.owner, lease)):
        for wish in rendered.wishes:
            if os.fsencode(wish.root) in run.outages.roots:
                rendered.waiting += 1
                continue
            came = render(run, folder, wish)
            if isinstance(came, Made):
                rendered.made += 1
                rendered.renditions.append(came)
            else:
                rendered.failed.append(came)
    rendered.down = run.outages.reasons
    return rendered


def _open(place: JobContext, folder: Path) -> None:
    roots = place.transactions.run(lambda work: list(work.session.scalars(select(Root.path))))
    own, other = place.settings.renditions is None, place.settings.cache_folder
    open_own_folder(folder, own, roots, "WSOPTV_RENDITIONS", other)


def _look(place: JobContext, asked: Asked) -> Rendered:
    return place.transactions.run(lambda work: _read(work.session, asked))


def _foresee(place: JobContext, folder: Path, asked: Asked, accept_missing: bool) -> Rendered:
    """What would be made, after renditions that are gone would have been forgotten; nothing is changed."""

    def read(work: Transaction) -> Rendered:
        attempt = work.session.begin_nested()
        bad = bad_renditions(work.session, folder, accept_missing)
        forget(work, bad)
        foreseen = _read(work.session, asked)
        attempt.rollback()
        work.events.clear()
        return replace(foreseen, dry=True, tidied=len(bad))

    return place.transactions.run(read)


def _read(session: Session, asked: Asked) -> Rendered:
    expect_titles(session, asked.content_ids)
    wishes = _wished(session, asked)
    chosen = [wish for wish in wishes if wish.recipe.kind in asked.kinds]
    needless = _needless(session, asked, {wish.file_id for wish in chosen})
    others = Counter(wish.recipe.kind for wish in wishes if wish.recipe.kind not in asked.kinds)
    return Rendered(chosen, dry=False, others=dict(others), needless=needless)


def _needless(session: Session, asked: Asked, wished: set[uuid.UUID]) -> list[str]:
    """Why titles that somebody named get no rendition."""
    query = (
        select(Content.title, Content.is_visible, MediaFile, Rendition.state)
        .outerjoin(MediaFile, MediaFile.id == Content.best_file_id)
        .outerjoin(
            Rendition,
            and_(Rendition.media_file_id == MediaFile.id, Rendition.source == MediaFile.fingerprint),
        )
        .where(Content.id.in_(asked.content_ids))
    )
    return [
        f"{title}: {_why_none(asked, file, state, shown)}"
        for title, shown, file, state in session.execute(query)
        if file is None or file.id not in wished
    ]


def _why_none(asked: Asked, file: MediaFile | None, state: str | None, shown: bool) -> str:
    if file is None or file.missing_since is not None:
        return "none of its files is there"
    if not shown:
        return "it is not shown"
    combed = "; ask for deinterlace too" if file.interlaced and not asked.deinterlace else ""
    if state in ("ready", "making"):
        return f"it has one{combed}" if state == "ready" else "it is being made"
    if file.playability == "direct":
        late = "; ask for faststart too" if file.moov == "last" else ""
        return f"it plays as it is{late}{combed}"
    if file.playability == "transcode":
        return "it has to be encoded anew: ask for that (transcode)"
    return "its file cannot be read" if file.playability == "broken" else "its file was not read yet"


def _wished(session: Session, asked: Asked) -> list[Wish]:
    processors = len(os.sched_getaffinity(0))
    found = []
    for file, root, name, plays in session.execute(_lacking(asked)):
        facts, verdict = facts_of(file), _verdict(file)
        recipe = recipe_for(facts, verdict, deinterlace=asked.deinterlace) if verdict else None
        if recipe is not None and (recipe.kind == "deinterlace" or not plays):
            cost = estimate(recipe, facts, file.size, processors)
            path = os.fsdecode(os.path.join(root, file.path))
            found.append(
                Wish(
                    file.id,
                    os.fsdecode(root),
                    name,
                    path,
                    file.size,
                    file.mtime_ns,
                    recipe,
                    cost,
                    _seconds(facts),
                )
            )
    return found


def _verdict(file: MediaFile) -> Verdict | None:
    reasons = tuple(file.playability_reasons or ())
    return Verdict(Playability(file.playability), reasons) if file.playability else None


def _seconds(facts: MediaFacts) -> float:
    return facts.duration_seconds or 0.0


def _lacking(asked: Asked) -> Select[tuple[MediaFile, bytes, str, bool]]:
    """Select the best files of shown titles that may need a rendition, and whether one plays for them, which copied an
    interlaced picture. Others that have one, or one in the making, or that failed as they are now, are left out.

    The most viewed come first, then the smallest.
    """
    copied = and_(Rendition.state == "ready", Rendition.kind != "deinterlace", MediaFile.interlaced.is_(True))
    replaced = copied if asked.deinterlace else false()
    views = (
        select(func.count()).where(ContentView.content_id == Content.id).correlate(Content).scalar_subquery()
    )
    query = (
        select(MediaFile, Root.path, Content.title, _has_one(Rendition.state == "ready"))
        .join(Content, Content.best_file_id == MediaFile.id)
        .join(Root, Root.id == MediaFile.root_id)
        .where(Content.is_visible, MediaFile.missing_since.is_(None), MediaFile.fingerprint.is_not(None))
        .where(
            or_(MediaFile.playability != "direct", MediaFile.moov == "last", MediaFile.interlaced.is_(True))
        )
        .order_by(views.desc(), MediaFile.size)
    )
    if asked.content_ids:
        standing = _has_one(Rendition.state != "failed", not_(replaced))
        return query.where(Content.id.in_(asked.content_ids), ~standing)
    return query.where(~_has_one(not_(replaced)))


def _has_one(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    same = (Rendition.media_file_id == MediaFile.id, Rendition.source == MediaFile.fingerprint)
    return select(Rendition.id).where(*same, *where).correlate(MediaFile).exists()


def told(rendered: Rendered) -> str:
    """A sentence for people."""
    if rendered.dry:
        cost = f"{sized(rendered.size)} and {lasting(rendered.seconds)} by estimate"
        made = f"{counted(len(rendered.wishes), 'rendition')} would be made: {cost}"
        gone = f"{rendered.tidied:,} that are gone or past would be forgotten, " if rendered.tidied else ""
        return f"{gone}{made}; nothing was changed{_others(rendered)}"
    gone = f"{rendered.tidied:,} gone, past or left over forgotten, " if rendered.tidied else ""
    made = f"{counted(rendered.made, 'rendition')} made"
    waiting = f", {rendered.waiting:,} wait for their root" if rendered.waiting else ""
    return f"{gone}{made}, {len(rendered.failed):,} failed{waiting}{_others(rendered)}"


def _others(rendered: Rendered) -> str:
    return "".join(
        f"; {counted(count, 'title')} more with `{kind}`" for kind, count in sorted(rendered.others.items())
    )


def rows_of(rendered: Rendered) -> list[dict[str, object]]:
    """A table for people: what was made, its bytes and how long that took; or would be, by estimate."""
    made = [(one.name, one.kind, one.size, one.seconds) for one in rendered.renditions]
    foreseen = [
        (wish.name, wish.recipe.kind, wish.estimate.size, wish.estimate.seconds) for wish in rendered.wishes
    ]
    return [
        {"title": name, "what": kind, "size": sized(size), "time": lasting(seconds)}
        for name, kind, size, seconds in (foreseen if rendered.dry else made)
    ]
