"""Reading the packets of an open container."""

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

    Where the container got new tracks on the way (a transport stream with another programme behind the first), PyAV
    fails with IndexError at the end, when all packets are read.
    """
    with suppress(IndexError):
        yield from cast("Iterator[Packet[_Track]]", container.demux(*tracks))
