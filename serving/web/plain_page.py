"""The plain page, which needs no renderer and replaces pages that the web app cannot make."""

from __future__ import annotations

from html import escape

from starlette.responses import HTMLResponse

_BEFORE = "<main>"
# Seconds after which a page may work again.
_RETRY_AFTER = "5"


class PlainPage:
    """Makes responses with the plain page."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._whole = HTMLResponse(html)

    def whole(self) -> HTMLResponse:
        """Return the page as it is."""
        return self._whole

    def with_reason(self, reason: str, status: int = 503) -> HTMLResponse:
        """Return the page with the reason why it is shown, as a response that no cache stores."""
        note = f'<p class="reason" role="status">{_marked(reason)}</p>\n\n    '
        html = self._html.replace(_BEFORE, note + _BEFORE, 1)
        headers = {"cache-control": "private, no-store"}
        if status != 200:
            headers["retry-after"] = _RETRY_AFTER
        return HTMLResponse(html, status, headers)


def _marked(reason: str) -> str:
    """Return the reason as HTML, with code between backticks."""
    parts = escape(reason, quote=False).split("`")
    return "".join(f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(parts))
