"""The fake server compared with a recording of a real one, if `WSOPTV_MEILISEARCH_RECORDING` names its file.

The file has `documents`, and `runs` with the `settings` of the index and the `answers` to queries: the
`total`, the ids of the `first` 20, and `facets`. Runs with the server's own typing tolerance are left out: we
turn it off.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.search.fake_matching import Texts, in_order, order_of, parts_of, spread

RECORDING = os.environ.get("WSOPTV_MEILISEARCH_RECORDING")

pytestmark = pytest.mark.skipif(
    not RECORDING, reason="WSOPTV_MEILISEARCH_RECORDING is not set: set it to a recording of a Meilisearch"
)


def test_the_fake_server_finds_what_a_real_server_found() -> None:
    recorded = json.loads(Path(str(RECORDING)).read_text())
    runs = [run for run in recorded["runs"] if not run["settings"]["typoTolerance"]["enabled"]]
    assert runs
    for run in runs:
        texts = Texts(recorded["documents"], run["settings"]["searchableAttributes"])
        for answer in run["answers"]:
            assert found(texts, run["settings"], answer) == {
                name: answer[name] for name in ("total", "facets", "order")
            }, answer["q"]


def found(texts: Texts, settings: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Return the fake server's results, and add the order of the first titles by our rules to `answer`.

    Titles that are equal by these rules may come in any order.
    """
    hits = in_order(texts.matching(parts_of(answer["q"]), settings["synonyms"]))
    places = {document["id"]: order_of(document, cost) for document, cost in hits}
    answer["order"] = [places.get(key) for key in answer["first"]]
    return {
        "total": len(hits),
        "facets": spread((document for document, _ in hits), answer["facets"]),
        "order": list(places.values())[: len(answer["first"])],
    }
