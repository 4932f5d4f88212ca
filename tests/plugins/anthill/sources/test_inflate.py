"""Gzip bodies within a bound."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill.sources.inflate import InflateError, TooLargeError, deflate, inflate, inflated


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


@given(st.binary(max_size=300), st.integers(-300, 300).filter(bool))
def test_a_size_that_is_told_wrong_is_an_error(content: bytes, off: int) -> None:
    """However the room was chosen by it: the member's own check decides."""
    body = gzip.compress(content)
    told = (len(content) + off) % 2**32
    with pytest.raises(InflateError):
        inflate(body[:-4] + told.to_bytes(4, "little"), 1 << 20)


def test_members_one_behind_the_other_are_all_inflated() -> None:
    """The last one tells its own size only."""
    content = b"a" * 5000
    assert inflate(gzip.compress(content) + gzip.compress(b"b"), 1 << 20) == content + b"b"
    assert inflate(gzip.compress(b"b") + gzip.compress(content), 1 << 20) == b"b" + content
    with pytest.raises(InflateError, match="more than 4,000"):
        inflate(gzip.compress(content) + gzip.compress(b"b"), 4000)


@given(st.lists(st.binary(max_size=200), max_size=4), st.integers(1, 50), st.integers(1, 50))
def test_pieces_are_the_whole(contents: list[bytes], cut: int, piece: int) -> None:
    """Wherever the body is cut and however small the pieces; none is larger than asked for, a missing end is told."""
    body = b"".join(map(gzip.compress, contents or [b""]))
    parts = [body[at : at + cut] for at in range(0, len(body), cut)]
    found = list(inflated(parts, 1 << 20, piece))
    assert b"".join(found) == b"".join(contents)
    assert all(0 < len(each) <= piece for each in found)
    with pytest.raises(InflateError, match="cut after"):
        list(inflated([body[:-1]], 1 << 20, piece))
    if any(contents):
        with pytest.raises(TooLargeError, match="inflated"):
            list(inflated(parts, sum(map(len, contents)) - 1, piece))
