"""What the source says of the script's splits and dividends, day by day, beside what prices do."""

import datetime as dt
from typing import Any

import numpy as np
import pytest

from local.polygon.markets.tables import Table
from tests.local.polygon.simulated_markets import asked_on, played


def april(day: int) -> dt.date:
    """A day of the script's month."""
    return dt.date(2026, 4, day)


def rows(table: Table, ticker: str) -> list[dict[str, Any]]:
    """A ticker's rows."""
    return table.write(np.flatnonzero(table.columns["ticker"] == ticker))


def ratios(ticker: str, day: int) -> list[tuple[str, int, int]]:
    """The splits of a ticker that the source has on a day."""
    with asked_on(april(day)) as market:
        found = rows(market.splits, ticker)
    return sorted((row["execution_date"][-2:], row["split_from"], row["split_to"]) for row in found)


def cash(ticker: str, day: int) -> list[tuple[str, float]]:
    """The dividends of a ticker that the source has on a day."""
    with asked_on(april(day)) as market:
        return sorted((row["ex_dividend_date"][-2:], row["cash_amount"]) for row in rows(market.dividends, ticker))


def move(ticker: str, day: dt.date) -> float:
    """The as-traded close of a day over the one before."""
    at = played().sessions.next_from(day)
    closes = played().days(ticker, at - 1, at, adjusted=False).c
    return float(closes[1] / closes[0])


@pytest.mark.parametrize(
    ("ticker", "day", "expected"),
    [
        ("LATSP", 16, []),
        ("LATSP", 17, [("14", 1, 2)]),
        ("CORSP", 16, [("15", 20, 25)]),
        ("CORSP", 17, [("15", 1, 2)]),
        ("WDRSP", 17, [("16", 8, 1)]),
        ("WDRSP", 20, []),
        ("DBLSP", 22, [("22", 1, 3), ("22", 1, 3)]),
        ("TWORA", 23, [("23", 1, 2), ("23", 1, 4)]),
        ("OFFSP", 17, [("18", 1, 2)]),
        ("MOVSP", 17, [("21", 1, 2)]),
        ("MOVSP", 20, [("28", 1, 2)]),
        ("FLKSP", 16, [("16", 1, 4)]),
        ("FLKSP", 17, []),
        ("FLKSP", 20, [("16", 1, 4)]),
        ("MOVSP", 6, []),
        ("OLDCO", 6, []),
        ("NEWCO", 8, [("20", 1, 2)]),
    ],
)
def test_splits_as_told(ticker: str, day: int, expected: list[tuple[str, int, int]]) -> None:
    """On each day the source has what it is scripted to have."""
    assert ratios(ticker, day) == expected


@pytest.mark.parametrize(
    ("ticker", "day", "ratio"),
    [
        ("LATSP", 14, 1 / 2), ("CORSP", 15, 1 / 2), ("WDRSP", 16, 1), ("DBLSP", 22, 1 / 3), ("TWORA", 23, 1 / 2),
        ("OFFSP", 17, 1), ("OFFSP", 20, 1 / 2), ("MOVSP", 21, 1), ("MOVSP", 28, 1 / 2), ("FLKSP", 16, 1 / 4),
        ("YOYOS", 22, 1 / 5), ("CSHSP", 24, 1 / 2), ("HIVES", 14, 1), ("LATDV", 10, 1), ("SPCDV", 16, 0.9),
        ("PARNT", 21, 0.78),
    ],
)  # fmt: skip
def test_prices_tell_the_truth(ticker: str, day: int, ratio: float) -> None:
    """As-traded prices move by the splits that happen, by a special dividend and a spin-off, and by nothing else."""
    assert move(ticker, april(day)) == pytest.approx(ratio, rel=0.09)


def test_a_split_and_its_reverse() -> None:
    """YOYOS is split 5 for 1 and two weeks later consolidated 1 for 5; adjusted, nothing has happened."""
    with asked_on(dt.date(2026, 5, 6)) as market:
        found = [(row["split_from"], row["split_to"]) for row in rows(market.splits, "YOYOS")]
        first, last = market.sessions.next_from(april(22)), market.sessions.next_from(dt.date(2026, 5, 6))
        adjusted = market.days("YOYOS", first - 1, last, adjusted=True).c
    assert found == [(1, 5), (5, 1)]
    assert last - first == 10
    assert move("YOYOS", dt.date(2026, 5, 6)) == pytest.approx(5, rel=0.09)
    assert np.abs(np.diff(np.log(adjusted))).max() < 0.15


def test_adjusted_bars_leave_wrong_splits_out() -> None:
    """The source's own adjusted bars know only what happened, also while it tells otherwise."""
    at = played().sessions.next_from(april(15))
    with asked_on(april(16)) as market:
        for ticker, ratio in (("WDRSP", 1), ("CORSP", 2), ("LATSP", 2), ("TWORA", 1)):
            bars = [market.days(ticker, at - 4, at - 4, adjusted=adjusted).c[0] for adjusted in (False, True)]
            assert bars[0] / bars[1] == pytest.approx(ratio), ticker


@pytest.mark.parametrize(
    ("ticker", "day", "expected"),
    [
        ("LATDV", 14, []),
        ("LATDV", 15, [("10", 0.5)]),
        ("CORDV", 17, [("17", 0.55)]),
        ("CORDV", 20, [("17", 0.6)]),
        ("WDRDV", 15, [("14", 0.8)]),
        ("WDRDV", 16, []),
        ("DBLDV", 22, [("22", 0.6), ("22", 0.6)]),
        ("OFFDV", 2, [("03", 0.3)]),
        ("SPCDV", 16, [("16", 0.25), ("16", 3.0)]),
        ("CSHSP", 24, [("24", 1.0)]),
        ("NEWCO", 27, [("27", 0.4)]),
    ],
)
def test_dividends_as_told(ticker: str, day: int, expected: list[tuple[str, float]]) -> None:
    """On each day the source has what it is scripted to have."""
    assert cash(ticker, day) == expected


def test_what_is_told_twice() -> None:
    """Two rows of one payment differ by their id alone; regular and special by their kind too."""
    with asked_on(april(24)) as market:
        splits, twice, special = (
            rows(table, ticker)
            for table, ticker in ((market.splits, "DBLSP"), (market.dividends, "DBLDV"), (market.dividends, "SPCDV"))
        )
    for one, two in (splits, twice):
        assert one["id"] != two["id"]
        assert one | {"id": ""} == two | {"id": ""}
    assert [(row["distribution_type"], row["frequency"]) for row in special] == [("recurring", 4), ("special", 0)]
    assert len({row["id"] for row in special}) == 2


def test_currencies() -> None:
    """Dividends come in the currency of the country, for one of which there is no rate."""
    with asked_on(april(9)) as market:
        found = {ticker: rows(market.dividends, ticker)[0]["currency"] for ticker in ("CADDV", "EURDV", "CLPDV")}
    assert found == {"CADDV": "CAD", "EURDV": "EUR", "CLPDV": "CLP"}


def test_dates_on_days_off() -> None:
    """A split is dated on a Saturday and a dividend on Good Friday: no sessions."""
    for day in (april(18), april(3)):
        assert played().sessions.index(day) is None


def test_a_spin_off() -> None:
    """The child is listed on the day its parent falls, worth what the parent lost, and nothing tells of it."""
    at = played().sessions.next_from(april(21))
    parent = played().days("PARNT", at - 1, at, adjusted=False).c
    child = played().days("CHILD", at - 1, at, adjusted=False).c
    assert len(child) == 1
    assert child[0] == pytest.approx(parent[0] - parent[1], rel=0.2)
    for table in (played().splits, played().dividends):
        assert not rows(table, "PARNT")
        assert not rows(table, "CHILD")
