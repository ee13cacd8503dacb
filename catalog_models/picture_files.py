"""The files of pictures: their paths below the thumbnails folder, from the rows of `thumbnails`."""

from __future__ import annotations

from collections.abc import Collection

WIDTHS = (320, 640, 1280)
"""The widths of posters in pixels. A film narrower than the first has one poster, in its own width."""

MOST_SHEETS = 3

_FIRST_SHEET = "-1.webp"


def poster_path(poster: str, width: int) -> str:
    """Return the path of the WebP of this width, which is beside the JPEG of the poster."""
    return f"{poster.removesuffix('.jpg')}-{width}.webp"


def sheet_path(storyboard: str, number: int) -> str:
    """Return the path of a sheet of a storyboard. The row has the path of the first sheet, number 1."""
    return storyboard if number == 1 else f"{storyboard.removesuffix(_FIRST_SHEET)}-{number}.webp"


def files_of(kind: str, path: str, widths: Collection[int] | None, parts: int | None) -> list[str]:
    """Return the paths of all files of a row."""
    if kind == "poster":
        return [path, *(poster_path(path, width) for width in widths or ())]
    if kind == "storyboard":
        return [sheet_path(path, number) for number in range(1, (parts or 1) + 1)]
    return [path]


def superseded(name: str) -> set[str]:
    """Return the paths of all files that earlier pictures called `name` may have left."""
    poster, sheet = f"{name}.poster.jpg", f"{name}.storyboard{_FIRST_SHEET}"
    return {
        f"{name}.storyboard.jpg",
        *files_of("poster", poster, WIDTHS, None),
        *files_of("storyboard", sheet, None, MOST_SHEETS),
    }
