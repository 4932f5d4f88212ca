"""The digest of rows."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from anthill.polygon import digest

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
