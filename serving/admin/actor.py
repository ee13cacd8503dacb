"""The actor of an entry in the audit log."""

from __future__ import annotations

from fastapi import Request

from catalog_models.tables import Actor
from orchestration.contracts import Viewer
from serving.kernel.viewer import address_of


def actor_of(request: Request, viewer: Viewer) -> Actor:
    """Return the viewer of a request with their address, for the audit log."""
    return Actor(viewer.username, viewer.user_id, address_of(request))
