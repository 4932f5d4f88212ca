"""Since when history is wanted, by an environment's setting."""

from __future__ import annotations

import datetime as dt

import pytest

from anthill import catalog
from anthill.history import HistoryError, wanted

STOCKS, FOREX = catalog.load("stocks"), catalog.load("forex")


@pytest.mark.parametrize(
    ("setting", "stocks", "forex"),
    [
        ("", None, None),
        ("2024-01-02", dt.date(2024, 1, 2), dt.date(2024, 1, 2)),
        ("stocks=2024-01-02, forex=2023-01-02", dt.date(2024, 1, 2), dt.date(2023, 1, 2)),
        ("2020-01-02,stocks=2024-01-02", dt.date(2024, 1, 2), dt.date(2020, 1, 2)),
        ("options=2024-01-02", None, None),
    ],
)
def test_a_day_is_for_all_or_for_one(setting: str, stocks: dt.date | None, forex: dt.date | None) -> None:
    """Of several the later in the list counts."""
    assert (wanted(STOCKS, setting).history_from, wanted(FOREX, setting).history_from) == (stocks, forex)


@pytest.mark.parametrize("setting", ["2003-13-45", "stocks", "stocks=", "stocks=soon"])
def test_anything_else_is_a_sentence(setting: str) -> None:
    """With the setting's name, what it has, and how to write it."""
    with pytest.raises(HistoryError, match=rf"^\[anthill\] history_from has '{setting}': write a day, as 2024-01-02"):
        wanted(STOCKS, setting)
