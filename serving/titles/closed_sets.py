"""Closed sets of values, as named enums of the OpenAPI document.

The document promises the enums. The models accept any string, so that one unexpected row of the database does
not cause an error for a whole list.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import WithJsonSchema
from typing_extensions import TypeAliasType

from catalog_models.values import (
    FIELD_VALUES,
    REASON_PARTS,
    REASONS,
    Moov,
    Playability,
    RenditionState,
    Stage,
)


def one_of(values: Iterable[str], description: str) -> WithJsonSchema:
    """Return the schema of a text with one of these values."""
    return WithJsonSchema({"type": "string", "enum": list(values), "description": description})


Region = TypeAliasType(
    "Region", Annotated[str, one_of(FIELD_VALUES["region"], "The place or circuit of a series.")]
)

EventType = TypeAliasType(
    "EventType", Annotated[str, one_of(FIELD_VALUES["event_type"], "The kind of an event.")]
)

EventStage = TypeAliasType(
    "EventStage", Annotated[str, one_of(FIELD_VALUES["stage"], "The stage of the event that a title shows.")]
)

ContentType = TypeAliasType(
    "ContentType", Annotated[str, one_of(FIELD_VALUES["content_type"], "The kind of video that a title is.")]
)

TitleStatus = TypeAliasType(
    "TitleStatus",
    Annotated[
        str,
        one_of(
            ("ready", "preparing", "gone"),
            "`ready`: the title plays; `preparing`: none of its files plays yet; `gone`: all its files are "
            "missing.",
        ),
    ],
)

PictureQuality = TypeAliasType(
    "PictureQuality",
    Annotated[
        str,
        one_of(
            ("sd", "hd", "4k"),
            "`hd` from 720 lines or 1280 columns, `4k` from 2160 lines or 3840 columns.",
        ),
    ],
)

PlayabilityVerdict = TypeAliasType(
    "PlayabilityVerdict",
    Annotated[
        str,
        one_of(
            Playability,
            "What browsers can do with a file. `direct`: play it; `remux`: play its streams in another "
            "container; `transcode`: play it once it is encoded again; `broken`: nothing.",
        ),
    ],
)

_OPEN_PARTS = "|".join(
    part for part in REASON_PARTS if not any(one.startswith(f"{part}:") for one in REASONS)
)

FixedReason = TypeAliasType(
    "FixedReason", Annotated[str, one_of(REASONS, "The reasons that name no codec, container or format.")]
)

FoundReason = TypeAliasType(
    "FoundReason",
    Annotated[
        str,
        WithJsonSchema(
            {
                "type": "string",
                "pattern": f"^({_OPEN_PARTS}):",
                "description": "A part of the file, a colon, and the value of that part.",
                "examples": ["video_codec:prores"],
            }
        ),
    ],
)

PlayabilityReason = TypeAliasType("PlayabilityReason", FixedReason | FoundReason)
"""Why a file does not play as it is."""

RenditionProgress = TypeAliasType(
    "RenditionProgress",
    Annotated[
        str,
        one_of(
            RenditionState,
            "`not_planned`: no rendition can be made, because no file can be read; `waiting`: a later run "
            "makes it; `running`: it is being made; `failed`: it could not be made; `ready`: it plays.",
        ),
    ],
)

RenditionKind = TypeAliasType(
    "RenditionKind",
    Annotated[
        str,
        one_of(
            ("remux", "faststart", "transcode", "deinterlace"),
            "`remux` and `faststart` copy the streams, which is quick; `transcode` and `deinterlace` encode "
            "them, which takes hours and is started by the operator.",
        ),
    ],
)

MoovPlace = TypeAliasType(
    "MoovPlace", Annotated[str, one_of(Moov, "The place of the index of an MP4: before or after the media.")]
)

IngestStage = TypeAliasType(
    "IngestStage", Annotated[str, one_of(Stage, "A stage that every file of the archive passes.")]
)
