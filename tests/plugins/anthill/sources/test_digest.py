"""The digest of rows."""

from __future__ import annotations

import random

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from anthill.sources import digest

ROWS = st.lists(st.binary(max_size=40), max_size=30)


@given(ROWS, st.integers(), st.integers(0, 30))
def test_neither_order_nor_pages_matter(rows: list[bytes], seed: int, cut: int) -> None:
    """The same rows shuffled, on other pages, have the same digest."""
    shuffled = random.Random(seed).sample(rows, len(rows))
    pages = digest.joined(digest.of_rows(shuffled[:cut]), digest.of_rows(shuffled[cut:]))
    assert pages == digest.of_rows(rows)


@given(ROWS, ROWS)
def test_other_rows_have_another(left: list[bytes], right: list[bytes]) -> None:
    """Only the same rows, each as often, agree."""
    assert (digest.of_rows(left) == digest.of_rows(right)) == (sorted(left) == sorted(right))


def test_its_text_has_32_digits() -> None:
    """No rows are 32 zeros."""
    assert digest.text(digest.of_rows([])) == "0" * 32
    assert len(digest.text(digest.of_rows([b"row"] * 1000))) == 32


@pytest.mark.parametrize("number", [1, 2, 3, 63, 64, 65, 127, 128, 129, 1000])
def test_it_is_the_sum_of_the_rows_hashes(number: int) -> None:
    """Modulo 2^128, however many there are: what was landed before has this digest."""
    rows = [b"%d" % (at * 7919) for at in range(number)]
    assert digest.of_rows(rows) == sum(map(xxhash.xxh3_128_intdigest, rows)) % 2**128


@pytest.mark.parametrize("number", [1, 2, 3, 64, 65, 1000, 4097])
@pytest.mark.parametrize("first", [b"\xff" * 16, bytes(15) + b"\x01", b"\x01" + bytes(15)], ids=str)
def test_the_largest_hashes_are_added_without_loss(monkeypatch: pytest.MonkeyPatch, number: int, first: bytes) -> None:
    """No hash's carry reaches the place of its neighbour."""
    monkeypatch.setattr(xxhash, "xxh3_128_digest", lambda row: row)
    rows = [first] + [b"\xff" * 16] * (number - 1)
    assert digest.of_rows(rows) == sum(int.from_bytes(row, "big") for row in rows) % 2**128
