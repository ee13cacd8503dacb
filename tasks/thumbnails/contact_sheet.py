"""A contact sheet of posters, to check the quality of the pictures at a glance."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tasks.thumbnails.generator import SHEET, SHEET_COLUMNS

# Pixels.
_TILE, _CAPTION, _GAP = (192, 108), 30, 8
_QUALITY = 70
# Characters per line of a caption, which has two.
_LONGEST = 34


def contact_sheet(posters: Sequence[tuple[Path, str]]) -> bytes:
    """Return a JPEG of at most 24 posters, each with its title; one that cannot be read is a grey tile."""
    shown = posters[:SHEET]
    columns, rows = min(SHEET_COLUMNS, len(shown)), -(-len(shown) // SHEET_COLUMNS)
    step = (_TILE[0] + _GAP, _TILE[1] + _CAPTION + _GAP)
    sheet = Image.new("RGB", (columns * step[0] + _GAP, rows * step[1] + _GAP), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=10)
    for number, (path, title) in enumerate(shown):
        corner = (_GAP + number % SHEET_COLUMNS * step[0], _GAP + number // SHEET_COLUMNS * step[1])
        sheet.paste(_tile(path), corner)
        draw.text((corner[0], corner[1] + _TILE[1] + 2), _caption(title), fill="black", font=font)
    made = io.BytesIO()
    sheet.save(made, "JPEG", quality=_QUALITY)
    return made.getvalue()


def _tile(path: Path) -> Image.Image:
    try:
        with Image.open(path) as poster:
            return poster.convert("RGB").resize(_TILE)
    except OSError:
        return Image.new("RGB", _TILE, "grey")


def _caption(title: str) -> str:
    # The font has no en dash.
    title = title.replace("–", "-")
    return "\n".join(textwrap.wrap(title, _LONGEST, max_lines=2, placeholder=" …"))
