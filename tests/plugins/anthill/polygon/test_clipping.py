"""Silent clipping at the edge of the plan's history."""

from __future__ import annotations

import datetime as dt

import pytest

from anthill.polygon.clipping import require_reach
from anthill.polygon.errors import OutsideHistoryError


def test_a_range_that_begins_where_it_was_asked_passes() -> None:
    """The first bar is of the first day."""
    require_reach(dt.date(2014, 6, 2), dt.date(2014, 6, 2))


@pytest.mark.parametrize("first", [None, dt.date(2014, 6, 3)])
def test_a_clipped_range_fails(first: dt.date | None) -> None:
    """A later first bar, or none, names the day asked from."""
    with pytest.raises(OutsideHistoryError, match="2014-06-02"):
        require_reach(first, dt.date(2014, 6, 2), "http://x")
