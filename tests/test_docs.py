"""The links of the documentation: each leads to a file of the project, and to a heading that the file has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "benchmarks/README.md"])
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_EXTERNAL = re.compile(r"^[a-z]+:")


def _text(page: Path) -> str:
    """Return a page without its code, which may look like links or headings."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*\]\([^`\n]*`", "", text)


def _anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def _broken(page: Path) -> list[str]:
    """Return the links of a page that lead nowhere."""
    links = [link for link in _LINK.findall(_text(page)) if not _EXTERNAL.match(link)]
    return [link for link in links if not _resolves(page, link)]


def _resolves(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.is_relative_to(ROOT) or not target.exists():
        return False
    return not anchor or anchor in _anchors(target)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    assert _broken(page) == []


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs/decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in folder.glob("0*.md") if f"]({page.name})" not in index] == []


def test_contributing_names_only_what_exists() -> None:
    """A path in CONTRIBUTING begins at the top of the repository."""
    named = re.findall(r"`([a-z_]+/[\w./*-]*)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    tops = {path.name for path in ROOT.iterdir()}
    paths = [path for path in named if path.partition("/")[0] in tops]
    assert len(paths) > 50
    assert [path for path in paths if not (ROOT / path).exists()] == []
