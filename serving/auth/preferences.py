"""`/api/users/me/preferences`: the preferences of a viewer for pages and players, on every device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.config import JsonDict
from sqlalchemy import select

from catalog_models.tables import UserPreferences
from catalog_models.writes import user_preferences
from serving.http.errors import CHANGING, SIGNED_IN, RequestInvalidError, documented
from serving.http.fields import JsonBool, JsonFloat
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.transaction import Work
from serving.kernel.viewer import SignedIn

router = api_router("auth")


class SavedFilter(BaseModel):
    """A named set of filters. `query` is the query string of a list or search."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]
    query: Annotated[str, Field(max_length=1_000, pattern=r"^[^\x00-\x1f\x7f]*$")]


def _named_apart(filters: list[SavedFilter]) -> list[SavedFilter]:
    if len({one.name for one in filters}) < len(filters):
        raise ValueError("two filters have the same name")
    return filters


Language = Literal["auto", "ko", "en"]
Theme = Literal["dark", "light", "system"]
Speed = Annotated[JsonFloat, Field(ge=0.25, le=2, allow_inf_nan=False)]
Volume = Annotated[JsonFloat, Field(ge=0, le=1, allow_inf_nan=False)]
SavedFilters = Annotated[list[SavedFilter], Field(max_length=20), AfterValidator(_named_apart)]

_EXAMPLE: JsonDict = {
    "language": "ko",
    "theme": "dark",
    "hand_skip": True,
    "best_hands": False,
    "speed": 1.25,
    "volume": 0.8,
    "previews": True,
    "captions": False,
    "letter_keys": True,
    "filters": [{"name": "Final tables", "query": "stage=final_table&sort=-date"}],
}


class MyPreferences(BaseModel):
    """The preferences of a viewer. Preferences that the viewer has not set have their defaults."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    language: Language = Field(default="auto", description="`auto`: the language of the browser.")
    theme: Theme = Field(default="dark", description="`system`: the theme of the device.")
    hand_skip: JsonBool = Field(default=False, description="Whether players skip the gaps between hands.")
    best_hands: JsonBool = Field(default=False, description="Whether players play only the best hands.")
    speed: Speed = Field(default=1.0, description="The playback speed; 1 is normal.")
    volume: Volume = Field(default=1.0, description="The volume of players, from 0 (silent) to 1.")
    previews: JsonBool = Field(default=True, description="Whether cards show pictures of their title.")
    captions: JsonBool = Field(default=False, description="Whether players show captions, if any.")
    letter_keys: JsonBool = Field(
        default=True, description="Whether keys of a single letter control players."
    )
    filters: SavedFilters = Field(default=[], description="Saved filters. No two have the same name.")


class MyPreferenceChanges(BaseModel):
    """Changes to preferences. Omitted ones stay unchanged; null sets a preference to its default."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"speed": 1.25, "hand_skip": True, "theme": None}}
    )

    language: Language | None = None
    theme: Theme | None = None
    hand_skip: JsonBool | None = None
    best_hands: JsonBool | None = None
    speed: Speed | None = None
    volume: Volume | None = None
    previews: JsonBool | None = None
    captions: JsonBool | None = None
    letter_keys: JsonBool | None = None
    filters: SavedFilters | None = None


@router.get("/users/me/preferences", summary="Get my preferences", responses=documented(*SIGNED_IN))
async def get_preferences(viewer: SignedIn, session: Session) -> MyPreferences:
    """Return all preferences of the viewer."""
    chosen = select(UserPreferences.chosen).where(UserPreferences.user_id == viewer.user_id)
    return preferences_of(await session.scalar(chosen) or {})


@router.patch(
    "/users/me/preferences",
    summary="Change my preferences",
    responses=documented(RequestInvalidError, *SIGNED_IN, *CHANGING),
)
async def change_preferences(viewer: SignedIn, changes: MyPreferenceChanges, work: Work) -> MyPreferences:
    """Change some preferences, and return all. Of two changes to the same preference, the last one counts.

    Two devices that change different preferences at the same time do not affect each other. `filters` is
    one preference: a change replaces the whole list.
    """
    said = changes.model_dump(exclude_unset=True)
    chosen = {name: value for name, value in said.items() if value is not None}
    merged = await work.run(user_preferences.merge, viewer.user_id, chosen, said.keys() - chosen.keys())
    return preferences_of(merged)


def preferences_of(chosen: Mapping[str, Any]) -> MyPreferences:
    """Return stored preferences, without values that this version does not accept."""
    try:
        return MyPreferences.model_validate(chosen)
    except ValidationError as error:
        invalid = {problem["loc"][0] for problem in error.errors()}
        return MyPreferences.model_validate({name: chosen[name] for name in chosen if name not in invalid})
