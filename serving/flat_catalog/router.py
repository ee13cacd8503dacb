"""The router of the block; modules of routes add to it. One, for a request is matched anew at each router below another."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["catalogue"])
