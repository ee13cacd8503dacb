"""The built web app: in the package of a wheel, or in `web/` of a checkout.

A folder with `server.js` and its modules, as Next's `output: "standalone"` makes it, and `files` with the
static files by their paths in URLs, compressed. The build writes `.sources` last: the digest of the sources.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVER = "server.js"
STATIC = "files"
STAMP = ".sources"
_PACKAGED = ROOT / "serving" / "web" / "app"


def built_app() -> Path | None:
    """Return the folder of the built web app, or None if it is not built."""
    for folder in (_PACKAGED, standalone(ROOT / "web")):
        if all((folder / name).exists() for name in (SERVER, STATIC, STAMP)):
            return folder
    return None


def standalone(sources: Path) -> Path:
    """Return the folder in which `next build` puts the app of these sources."""
    return sources / ".next" / "standalone"
