"""What is said of a header that nobody has declared."""

from __future__ import annotations

import pytest

from anthill import header

SHORT, LONG = ("id", "town"), ("id", "town", "birth", "school")
DECLARED = {"short": SHORT, "long": LONG}


@pytest.mark.parametrize("came", [SHORT, LONG, list(SHORT)])
def test_a_header_that_is_declared(came: tuple[str, ...]) -> None:
    """There is nothing to say of it."""
    assert header.problem(came, DECLARED) == ""


@pytest.mark.parametrize(
    ("came", "said"),
    [
        (("id", "place"), "beside 'short' it lacks town and has place"),
        (("id", "town", "school"), "beside 'short' it has school"),
        (("id", "town", "birth"), "beside 'short' it has birth"),
        (("id", "birth", "school"), "beside 'long' it lacks town"),
        (("id", "town", "town"), "beside 'short' it has a column twice"),
        (("town", "id"), "beside 'short' it has its columns in another order, from town on"),
        (("id", "town", "school", "birth"), "beside 'long' it has its columns in another order, from school on"),
        (("ID", "town"), "beside 'short' it lacks id and has ID"),
        (("",), "beside 'short' it lacks id, town and has "),
    ],
)
def test_it_is_told_how_it_differs_from_the_nearest(came: tuple[str, ...], said: str) -> None:
    """Its number of columns, those that are known, what is new and gone."""
    known = "'short' (2 columns), 'long' (4 columns)"
    assert header.problem(came, DECLARED) == f"its header of {len(came)} columns is none of {known}: {said}"


def test_ten_columns_are_named() -> None:
    """A page of HTML has more."""
    came = [f"c{number}" for number in range(40)]
    assert header.problem(came, {"short": SHORT}).endswith("and has c0, c1, c2, c3, c4, c5, c6, c7, c8, c9")
