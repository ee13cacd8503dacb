"""The OpenAPI document as a file, `web/openapi.json`, from which the client of the web app is generated.

`python -m serving.document > web/openapi.json` writes it again. A test compares it with the application, so
that each change of the API is seen in review.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from orchestration.settings import Settings
from serving.app import create_app

# A release changes the version, but not the API.
_VERSION = "unreleased"


def text_of(document: dict[str, Any]) -> str:
    """Return the text of the file for this document: sorted, indented and without the version."""
    unversioned = document | {"info": document["info"] | {"version": _VERSION}}
    return json.dumps(unversioned, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the document to standard output. No server has to run."""
    settings = Settings.model_validate({"DATABASE_URL": "postgresql://localhost/unused"})
    sys.stdout.write(text_of(create_app(settings).openapi()))


if __name__ == "__main__":
    main()
