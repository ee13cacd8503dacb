"""Types of flow parameters: the form in the UI checks them, and a run with an invalid value fails at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

# The server checks it: invalid text (half a surrogate pair) would be stored, and could never be read again.
_TEXT = {"pattern": r"^[^\x00\ud800-\udfff]+$"}
# The API checks that folders lie in the allowed roots; it recognises these parameters by their format.
Folder = Annotated[str, Field(min_length=1, max_length=4096, json_schema_extra={**_TEXT, "format": "folder"})]
Pattern = Annotated[str, Field(min_length=1, max_length=4096, json_schema_extra=_TEXT)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Workers = Annotated[int, Field(ge=1, le=64)]
Helpers = Annotated[int, Field(ge=0, le=64)]
Count = Annotated[int, Field(ge=0, le=1 << 31)]
