"""The outline of a container can be read from any bytes."""

from __future__ import annotations

import itertools
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_models.values import Moov
from tasks.media.source import FileSource
from tasks.media.source_protocol import Source
from tasks.media.structure import Structure, boxes, structure


@contextmanager
def source_of(content: bytes) -> Iterator[Source]:
    descriptor = os.memfd_create("source")
    try:
        os.write(descriptor, content)
        yield FileSource(b"source", descriptor, len(content))
    finally:
        os.close(descriptor)


def box(kind: bytes, length: int, claimed: int | None = None) -> bytes:
    return struct.pack(">I4s", length if claimed is None else claimed, kind) + bytes(length - 8)


def _wrap(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def _dref(kind: bytes, flags: int) -> bytes:
    return _wrap(b"dref", struct.pack(">II", 0, 1) + struct.pack(">I4sI", 12, kind, flags))


def _moov(dref: bytes) -> bytes:
    """Return an index with one track and one data reference."""
    for kind in (b"dinf", b"minf", b"mdia", b"trak", b"moov"):
        dref = _wrap(kind, dref)
    return dref


FTYP = box(b"ftyp", 16)
KINDS = [b"ftyp", b"moov", b"mdat", b"free", b"moof", b"JUNK"]


@given(st.binary(max_size=300))
def test_any_bytes_have_an_outline(content: bytes) -> None:
    with source_of(content) as source:
        structure(source)


@given(
    st.sampled_from([b"\x1a\x45\xdf\xa3", b"RIFF", bytes.fromhex("060e2b34020501010d0102010102"), FTYP]),
    st.binary(max_size=80),
)
def test_any_bytes_after_a_magic_number_have_an_outline(magic: bytes, rest: bytes) -> None:
    with source_of(magic + rest) as source:
        structure(source)


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1))))
def test_boxes_of_any_length_go_forward_and_end(headers: list[tuple[bytes, int, int]]) -> None:
    content = b"".join(struct.pack(">I4sQ", short, kind, long) for kind, short, long in headers)
    with source_of(content) as source:
        found = list(boxes(source))
    assert all(one.start < one.end for one in found)
    assert all(one.end == two.start for one, two in itertools.pairwise(found))
    assert len(found) <= 256


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (FTYP + box(b"moov", 20) + box(b"mdat", 30), Structure(Moov.FIRST)),
        (FTYP + box(b"mdat", 30) + box(b"moov", 20), Structure(Moov.LAST)),
        (FTYP + box(b"moov", 20) + box(b"moof", 20) + box(b"mdat", 30), Structure(Moov.FIRST)),
        (FTYP + box(b"moov", 20) + box(b"mdat", 30, claimed=0), Structure(Moov.FIRST)),
        (FTYP + box(b"moov", 20) + box(b"mdat", 30, claimed=31), Structure(Moov.FIRST, truncated=True)),
        (FTYP + box(b"mdat", 30, claimed=99), Structure(truncated=True)),
        (FTYP + box(b"mdat", 30), Structure(truncated=True)),
        (FTYP + box(b"moov", 20), Structure(Moov.FIRST, truncated=True)),
        (
            FTYP + box(b"moov", 20) + struct.pack(">I4sQ", 1, b"mdat", 2**40),
            Structure(Moov.FIRST, truncated=True),
        ),
        (FTYP + box(b"moov", 20) + box(b"mdat", 30) + b"\0" * 64, Structure(Moov.FIRST)),
        (FTYP + box(b"moov", 20) + box(b"mdat", 30) + box(b"free", 16, claimed=99), Structure(Moov.FIRST)),
        (FTYP + box(b"mdat", 30) + box(b"frea", 32) + box(b"moov", 20), Structure(Moov.LAST)),
        (FTYP + box(b"mdat", 30) + box(b"\0\0\0\0", 64) + box(b"moov", 20), Structure(Moov.LAST)),
        (FTYP + box(b"\xa9xyz", 24) + box(b"moov", 20) + box(b"mdat", 30), Structure(Moov.FIRST)),
        (box(b"_htc", 24) + FTYP + box(b"moov", 20) + box(b"mdat", 30), Structure(Moov.FIRST)),
        (
            FTYP + struct.pack(">I4sQ", 1, b"frea", 24) + bytes(8) + box(b"moov", 20) + box(b"mdat", 30),
            Structure(Moov.FIRST),
        ),
        (FTYP + box(b"mdat", 30) + box(b"frea", 32, claimed=99), Structure(truncated=True)),
        (FTYP + box(b"moov", 20) + box(b"frea", 32, claimed=99), Structure(Moov.FIRST, truncated=True)),
        (FTYP + box(b"moov", 20) + box(b"mdat", 30) + b"TAG" + bytes(125), Structure(Moov.FIRST)),
        (FTYP + _moov(_dref(b"alis", 0)), Structure(Moov.FIRST, reference=True)),
        (FTYP + _moov(_dref(b"alis", 0)) + box(b"free", 16), Structure(Moov.FIRST, reference=True)),
        (FTYP + _moov(_dref(b"url ", 1)), Structure(Moov.FIRST, truncated=True)),
        (FTYP + _moov(_dref(b"alis", 0))[:-4], Structure(Moov.FIRST, truncated=True)),
        (FTYP + _wrap(b"moov", box(b"rmra", 16)), Structure(Moov.FIRST, reference=True)),
        (b"no container at all", Structure()),
        (b"", Structure()),
    ],
)
def test_moov_and_truncation(content: bytes, expected: Structure) -> None:
    with source_of(content) as source:
        assert structure(source) == expected
