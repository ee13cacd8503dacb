"""Publishing events on Redis: one channel a kind of event, a JSON object a message."""

from __future__ import annotations

import json

import redis

from orchestration.events import Event
from orchestration.transactions import Publish


def redis_publisher(url: str) -> Publish:
    """A publisher to the channels named after the events; a Redis that does not answer costs a second, not the job."""
    client = redis.Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0)

    def publish(event: Event) -> None:
        client.publish(event.name, json.dumps({"content_id": str(event.content_id)}))

    return publish
