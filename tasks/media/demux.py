"""Read the packets of an open container."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TypeVar, cast

from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

_Track = TypeVar("_Track", bound=Stream)


def demux(container: InputContainer, *tracks: _Track) -> Iterator[Packet[_Track]]:
    """Yield the packets of some tracks from here on.

    If new tracks appear later (a transport stream followed by another programme), PyAV raises IndexError at
    the end, after all packets were read.
    """
    with suppress(IndexError):
        yield from cast("Iterator[Packet[_Track]]", container.demux(*tracks))
