"""Market days in portions, so that memory does not grow with the years asked for."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from anthill.lakehouse import tables


@given(
    rows=st.dictionaries(st.dates(), st.integers(0, 50), max_size=30),
    more=st.sets(st.dates(), max_size=5),
    room=st.integers(1, 100),
)
def test_portions_keep_every_day_and_the_room(rows: dict[dt.date, int], more: set[dt.date], room: int) -> None:
    """All days in order; none holds too many rows unless it is one day, and none could have taken the next day."""
    days = sorted({*rows, *more})
    found = tables.portions(days, rows, room)
    assert [day for portion in found for day in portion] == days
    sizes = [sum(rows.get(day, 0) for day in portion) for portion in found]
    assert all(portion for portion in found)
    assert all(size <= room or len(portion) == 1 for size, portion in zip(sizes, found, strict=True))
    for size, following in zip(sizes, found[1:], strict=False):
        assert size + rows.get(following[0], 0) > room
