"""A text that has to be short ends where a person would end it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill.cut import cut


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("one line\nanother line\na third", 24, "one line\nanother line …"),
        ("No key is known. Put a valid one into it. Then retry.", 46, "No key is known. Put a valid one into it. …"),
        ("The key is refused by the API of the source", 22, "The key is refused …"),
        ("x" * 30, 10, "x" * 8 + " …"),
        ("fits", 4, "fits"),
    ],
)
def test_it_ends_with_a_line_a_sentence_or_a_word(text: str, most: int, short: str) -> None:
    """The greatest of them that there is a whole one of."""
    assert cut(text, most) == short


@given(st.text(), st.integers(10, 60))
def test_it_is_never_longer_and_begins_alike(text: str, most: int) -> None:
    """What fits is left alone; what does not says that there is more."""
    short = cut(text, most)
    assert len(short) <= most
    assert short == text if len(text) <= most else short.endswith(" …") and text.startswith(short.removesuffix(" …"))
