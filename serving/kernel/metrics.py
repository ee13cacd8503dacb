"""Metrics of the application, for `/metrics` and the dashboard."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

RefreshOutcome = Literal["exchanged", "repeated", "reused", "ended"]
"""`repeated`: the current pair was sent again. `reused`: the sign-in was ended because its token was reused.
`ended`: the sign-in had ended before."""

# The error rate covers this many seconds.
_WINDOW = 300.0
# Responses within this many seconds share a bucket.
_BUCKET = 10.0
_LATENCIES = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class ErrorRate:
    """The share of responses in the last five minutes that were server errors (5xx)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # Each bucket is [start, responses, errors].
        self._buckets: deque[list[float]] = deque()

    def count(self, status: int) -> None:
        """Count a response with this status."""
        now = self._forget()
        if not self._buckets or now - self._buckets[-1][0] >= _BUCKET:
            self._buckets.append([now, 0, 0])
        self._buckets[-1][1] += 1
        self._buckets[-1][2] += status >= 500

    def value(self) -> float:
        """Return the share from 0 to 1; 0 without responses."""
        self._forget()
        responses = sum(bucket[1] for bucket in self._buckets)
        return sum(bucket[2] for bucket in self._buckets) / responses if responses else 0.0

    def responses(self) -> int:
        """Return the number of responses that the rate is based on."""
        self._forget()
        return int(sum(bucket[1] for bucket in self._buckets))

    def _forget(self) -> float:
        now = self._clock()
        while self._buckets and now - self._buckets[0][0] > _WINDOW:
            self._buckets.popleft()
        return now


class _Replaced(Collector):
    """Collector for the number of API processes that their supervisor replaced."""

    def __init__(self, read: Callable[[], Mapping[str, int]]) -> None:
        self._read = read

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Yield the number of replaced processes by reason."""
        family = CounterMetricFamily(
            "processes_replaced", "API processes that were replaced", labels=["reason"]
        )
        for reason, count in self._read().items():
            family.add_metric([reason], count)
        yield family


class Metrics:
    """The metrics of one application, in a registry of its own."""

    def __init__(self, replaced: Callable[[], Mapping[str, int]] = dict) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Replaced(replaced))
        self.error_rate = ErrorRate()
        self._latency = Histogram(
            "request_latency",
            "Seconds until the first byte of a response, by route",
            ["route", "method"],
            buckets=_LATENCIES,
            registry=self.registry,
        )
        self._responses = Counter(
            "answers", "Responses, by route and status", ["route", "method", "status"], registry=self.registry
        )
        self._bytes = Counter(
            "bytes_sent",
            "Bytes of titles sent, by tier",
            ["tier"],
            registry=self.registry,
        )
        self._refreshes = Counter(
            "refresh_tokens",
            "Genuine refresh tokens that were presented, by outcome",
            ["outcome"],
            registry=self.registry,
        )
        for outcome in get_args(RefreshOutcome):
            self._refreshes.labels(outcome)
        self._events = Counter(
            "events", "Events that this process received", ["event"], registry=self.registry
        )
        self._sent: dict[str, int] = defaultdict(int)
        for tier in ("ssd", "nas"):
            self._bytes.labels(tier)

    def count_event(self, name: str) -> None:
        """Count an event by its name."""
        self._events.labels(name).inc()

    def refreshed(self, outcome: RefreshOutcome) -> None:
        """Count a presented refresh token by its outcome."""
        self._refreshes.labels(outcome).inc()

    def sent(self, tier: str, count: int) -> None:
        """Count bytes of a title that were sent."""
        self._bytes.labels(tier).inc(count)
        self._sent[tier] += count

    def bytes_of(self, tier: str) -> int:
        """Return the number of bytes that were sent from a tier."""
        return self._sent[tier]

    def count_response(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request by its response."""
        route, method = _route(scope), _method(scope)
        self._latency.labels(route, method).observe(seconds)
        self._responses.labels(route, method, str(status)).inc()
        # The 503 of a health check reports an unavailable server, which is not an error of this process.
        if not route.startswith("/api/health"):
            self.error_rate.count(status)


def _route(scope: Scope) -> str:
    """Return the path of the matched route, such as `/api/contents/{content_id}`."""
    return getattr(scope.get("route"), "path", "none")


def _method(scope: Scope) -> str:
    """Return a known method, or `other`: clients may send any word, and each would create a time series."""
    method: str = scope["method"]
    return method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "other"


class RequestMetricsMiddleware:
    """Measures each request until its response begins; the body of a stream may take hours."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def measured(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # An error in the metrics must not break the response.
                with suppress(Exception):
                    self._metrics.count_response(scope, status, time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, measured)
