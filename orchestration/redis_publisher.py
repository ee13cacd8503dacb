"""Publishing events from flows and the command line, which block; the serving layer has its bus."""

from __future__ import annotations

import redis

from orchestration.events import Event
from orchestration.messages import encode
from orchestration.transactions import Publish


def redis_publisher(url: str) -> Publish:
    """A publisher to the channels named after the events; a Redis that does not answer costs a second, not the job."""
    client = redis.Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0)

    def publish(event: Event) -> None:
        client.publish(event.name, encode(event))

    return publish
