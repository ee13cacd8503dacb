"""Publish events from flows and the command line, which may block; the serving layer has its bus."""

from __future__ import annotations

import redis

from orchestration.events import Event
from orchestration.messages import encode
from orchestration.transactions import Publish


def redis_publisher(url: str) -> Publish:
    """Return a function that publishes events in Redis.

    If Redis does not respond, the event is lost after a second.
    """
    client = redis.Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0)

    def publish(event: Event) -> None:
        client.publish(event.name, encode(event))

    return publish
