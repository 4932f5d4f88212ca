"""Gzip bodies within a bound."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill.polygon.inflate import InflateError, deflate, inflate


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=4))
def test_every_member_counts(parts: list[bytes]) -> None:
    """A body of several members is their contents in order."""
    assert inflate(b"".join(gzip.compress(part) for part in parts), 1 << 20) == b"".join(parts)


@given(st.binary(max_size=300))
def test_deflate_is_undone(content: bytes) -> None:
    """What deflate makes is one plain gzip member, the same each time."""
    assert gzip.decompress(deflate(content)) == content
    assert deflate(content) == deflate(content)


@given(st.binary(min_size=1, max_size=200), st.data())
def test_no_cut_is_taken(content: bytes, data: st.DataObject) -> None:
    """A body that ends early is refused wherever it is cut."""
    body = gzip.compress(content)
    cut = data.draw(st.integers(1, len(body) - 1))
    with pytest.raises(InflateError):
        inflate(body[:cut], 1 << 20)


def test_the_bound_holds() -> None:
    """Exactly the bound is taken; a byte more, and a bomb, are not."""
    assert inflate(gzip.compress(b"x" * 1000), 1000) == b"x" * 1000
    for size in (1001, 200 << 20):
        with pytest.raises(InflateError, match="more than 1,000 bytes"):
            inflate(gzip.compress(b"\0" * size, 9), 1000)


@pytest.mark.parametrize("tail", [b"junk", b"\0", b"\x1f\x8b"])
def test_nothing_follows_the_members(tail: bytes) -> None:
    """Bytes after the gzip end would corrupt the object: refused."""
    with pytest.raises(InflateError):
        inflate(gzip.compress(b"page") + tail, 1000)


def test_a_wrong_checksum_is_refused() -> None:
    """A flipped bit in the checksum is seen."""
    body = bytearray(gzip.compress(b"page"))
    body[-6] ^= 1
    with pytest.raises(InflateError):
        inflate(bytes(body), 1000)
