"""Find the commonest forms that CONTRIBUTING rules out in prose: `python -m tests.prose [path …]`.

Prose is what people read: docstrings, comments, messages and Markdown. It prints `file:line: word: use …`.
"""

from __future__ import annotations

import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLACES = (
    *("flows", "tasks", "serving", "catalog_models", "orchestration", "deployments", "benchmarks", "tests"),
    *("docs", "README.md", "CONTRIBUTING.md", "CHANGELOG.md"),
)

WORDS = {
    r"answers?|answered|answering": "a function returns, an endpoint responds",
    r"tells?|telling": "report, state, show",
    r"told": "given, informed",
    r"somebody|anybody|whoever": "a user, an operator, another process",
    r"nobody": "no user, no process, or the passive",
    r"anew": "again",
    r"so many": "this many, the number of",
    r"(?:is|are|was|were|what is) gone": "removed, deleted, disconnected, missing",
    r"there is no .{1,40} but": "only",
    r"thereof|therein|thereby|hereby|whence|wherein": "plain words",
    r"the house|our house": "WSOPTV, the program",
    r"the like\b": "similar",
}
_WORD = re.compile(
    r"\b(?:" + "|".join(f"(?P<w{n}>{form})" for n, form in enumerate(WORDS)) + r")\b", re.IGNORECASE
)
_ADVICE = tuple(WORDS.values())
_CODE = re.compile(r"`[^`]*`")


def _prose(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of prose in a file, with their numbers."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield from enumerate(text.splitlines(), 1)
        return
    kinds = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1)}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        # A name, a path or a key is no prose: prose has a space.
        if token.type in kinds and " " in token.string:
            for offset, line in enumerate(token.string.splitlines()):
                yield token.start[0] + offset, line


def remarks(path: Path) -> Iterator[str]:
    """Yield one remark for each form in `path` that is not plain English, as `file:line: …`."""
    place = path.relative_to(ROOT)
    for number, line in _prose(path):
        for found in _WORD.finditer(_CODE.sub("``", line)):
            yield f"{place}:{number}: {found.group().lower()!r}: {_ADVICE[int(str(found.lastgroup)[1:])]}"


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    for suffix in ("*.py", "*.md"):
        yield from sorted(place.rglob(suffix))


def main(places: list[str]) -> int:
    """Print all remarks about the files at `places`. Return 1 if there are any, else 0."""
    this = Path(__file__)
    found = [
        remark
        for place in places or PLACES
        for path in _files(ROOT / place)
        if path != this
        for remark in remarks(path)
    ]
    sys.stdout.writelines(f"{remark}\n" for remark in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
