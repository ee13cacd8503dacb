"""The renditions to make, their costs, and the reasons why other titles get none."""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from catalog_models.reads.facts import facts_of
from catalog_models.reads.renditions import rendition_candidates
from catalog_models.tables import Content, MediaFile, Rendition
from catalog_models.values import Playability, Verdict, format_bytes
from tasks.renditions.recipe import Estimate, Kind, Recipe, estimate, recipe_for


@dataclass(frozen=True)
class RenditionOptions:
    """The kinds of renditions to make in addition to remuxes.

    `deinterlace`: also of interlaced pictures that play, in place of a rendition that copied them.
    `content_ids`: only of these titles, also of those whose rendition failed before.
    """

    faststart: bool = False
    transcode: bool = False
    content_ids: tuple[uuid.UUID, ...] = ()
    deinterlace: bool = False

    @property
    def kinds(self) -> list[Kind]:
        """Return the kinds of recipes to make."""
        kinds: list[Kind] = ["remux"]
        kinds += ["faststart"] if self.faststart else []
        kinds += ["transcode"] if self.transcode else []
        kinds += ["deinterlace"] if self.deinterlace else []
        return kinds


@dataclass(frozen=True, slots=True)
class RenditionPlan:
    """The plan of a rendition of a file, as it was scanned.

    `path` is its whole location, below that of its `root`. The file lasts `seconds`; 0 if that is unknown.
    """

    file_id: uuid.UUID
    root: str
    name: str
    path: str
    size: int
    mtime_ns: int
    recipe: Recipe
    estimate: Estimate
    seconds: float

    @property
    def label(self) -> str:
        return f"{self.recipe.kind} {self.name} ({format_bytes(self.size)})"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a title got no rendition."""

    name: str
    problem: str

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}"


def plans_of(session: Session, options: RenditionOptions) -> list[RenditionPlan]:
    """Return plans of all kinds for titles that may need a rendition, the most viewed titles first."""
    processors = len(os.sched_getaffinity(0))
    rows = session.execute(
        rendition_candidates(deinterlace=options.deinterlace, content_ids=options.content_ids)
    )
    found = (_plan_of(file, root, name, plays, options, processors) for file, root, name, plays in rows)
    return [plan for plan in found if plan is not None]


def _plan_of(
    file: MediaFile, root: bytes, name: str, plays: bool, options: RenditionOptions, processors: int
) -> RenditionPlan | None:
    facts, verdict = facts_of(file), _verdict(file)
    recipe = recipe_for(facts, verdict, deinterlace=options.deinterlace) if verdict else None
    if recipe is None or (plays and recipe.kind != "deinterlace"):
        return None
    return RenditionPlan(
        file_id=file.id,
        root=os.fsdecode(root),
        name=name,
        path=os.fsdecode(os.path.join(root, file.path)),
        size=file.size,
        mtime_ns=file.mtime_ns,
        recipe=recipe,
        estimate=estimate(recipe, facts, file.size, processors),
        seconds=facts.duration_seconds or 0.0,
    )


def _verdict(file: MediaFile) -> Verdict | None:
    reasons = tuple(file.playability_reasons or ())
    return Verdict(Playability(file.playability), reasons) if file.playability else None


def unneeded_of(session: Session, options: RenditionOptions, planned: Collection[uuid.UUID]) -> list[Problem]:
    """Return why named titles get no rendition. `planned`: the files that get one."""
    same = and_(Rendition.media_file_id == MediaFile.id, Rendition.source == MediaFile.fingerprint)
    query = (
        select(Content.title, Content.is_visible, MediaFile, Rendition.state)
        .outerjoin(MediaFile, MediaFile.id == Content.best_file_id)
        .outerjoin(Rendition, same)
        .where(Content.id.in_(options.content_ids))
    )
    return [
        Problem(title, _why_none(options, file, state, shown))
        for title, shown, file, state in session.execute(query)
        if file is None or file.id not in planned
    ]


def _why_none(options: RenditionOptions, file: MediaFile | None, state: str | None, shown: bool) -> str:
    if file is None or file.missing_since is not None:
        return "none of its files is present"
    if not shown:
        return "it is not shown"
    combed = "; ask for deinterlace too" if file.interlaced and not options.deinterlace else ""
    if state in ("ready", "making"):
        return f"it already has one{combed}" if state == "ready" else "it is being made"
    if file.playability == "direct":
        late = "; ask for faststart too" if file.moov == "last" else ""
        return f"its file plays as it is{late}{combed}"
    if file.playability == "transcode":
        return "it must be encoded: ask for transcode"
    return "its file cannot be read" if file.playability == "broken" else "its file has not been read yet"
