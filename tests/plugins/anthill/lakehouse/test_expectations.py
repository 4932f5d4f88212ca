"""What every dataset is held to by its declaration: rows in quarantine and keys that are gone are told by name."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import Any

import pytest

from anthill.calendars import market_days
from anthill.lakehouse.quality import QualityError
from tests.plugins.anthill.lakehouse.lake import Lake, bar

MONDAY = dt.date(2024, 5, 13)
PAIRS = [f"C:A{letter}BUSD" for letter in "ABCDEFGHIJKLMN"]


def put(lake: Lake, day: dt.date, tickers: list[str], **broken: Any) -> None:
    """Bars of a day, those of some tickers with a close that cannot be read."""
    rows = [bar(ticker, 10.0, **({"c": broken[ticker]} if ticker in broken else {})) for ticker in tickers]
    lake.put("grouped_daily", day, rows)
    lake.silver(day)


def check(lake: Lake, first: dt.date, last: dt.date | None = None) -> None:
    """Run quality, which so few rows stop in any case."""
    with contextlib.suppress(QualityError):
        lake.quality(first, last, datasets="-")


def results(lake: Lake, expectation: str) -> dict[dt.date, tuple[bool, str]]:
    """By market day, whether it was met and its message; all are warnings."""
    found = lake.table("quality.results").filter(expectation=expectation, dataset="grouped_daily").sort("market_date")
    assert set(found["severity"]) == {"warn"}
    return {row["market_date"]: (row["passed"], row["message"]) for row in found.to_dicts()}


@pytest.mark.parametrize("lake", ["forex"], indirect=True)
def test_a_pair_that_is_gone_is_named(lake: Lake) -> None:
    """Those of the loaded market day before, not of a Sunday's few hours; ten by name, and how many there are."""
    friday, sunday = MONDAY - dt.timedelta(3), MONDAY - dt.timedelta(1)
    tuesday, thursday = MONDAY + dt.timedelta(1), MONDAY + dt.timedelta(3)
    put(lake, friday, PAIRS)
    put(lake, sunday, PAIRS[:1])
    put(lake, MONDAY, PAIRS[:2])
    put(lake, tuesday, [*PAIRS[:1], PAIRS[5]])
    put(lake, thursday, PAIRS[:1])
    check(lake, friday, thursday)
    assert results(lake, "keys_stay") == {
        friday: (True, "0 keys that were there on the market day before are not"),
        sunday: (True, "0 keys that were there on the market day before are not"),
        MONDAY: (
            False,
            "12 keys that were there on the market day before are not: C:ACBUSD, C:ADBUSD, C:AEBUSD, C:AFBUSD, "
            "C:AGBUSD, C:AHBUSD, C:AIBUSD, C:AJBUSD, C:AKBUSD, C:ALBUSD",
        ),
        tuesday: (False, "1 keys that were there on the market day before are not: C:ABBUSD"),
        thursday: (False, "1 keys that were there on the market day before are not: C:AFBUSD"),
    }
    check(lake, tuesday)  # what a run over one day says is the same
    assert results(lake, "keys_stay")[tuesday][1].endswith("are not: C:ABBUSD")


@pytest.mark.parametrize("lake", ["forex"], indirect=True)
def test_a_row_in_quarantine_is_named(lake: Lake) -> None:
    """By its key where it has one, else as it came; below any share that would hold the day back."""
    put(lake, MONDAY, PAIRS, **{PAIRS[3]: "n/a"})
    lake.put("grouped_daily", MONDAY + dt.timedelta(1), [*(bar(pair, 10.0) for pair in PAIRS * 3), "no object"])
    lake.silver(MONDAY + dt.timedelta(1))
    with pytest.raises(QualityError):  # one row of fourteen is over 5 %
        lake.quality(MONDAY, MONDAY + dt.timedelta(1), datasets="-")
    assert results(lake, "none_quarantined") == {
        MONDAY: (False, "1 rows are in quarantine: C:ADBUSD"),
        MONDAY + dt.timedelta(1): (False, '1 rows are in quarantine: "no object"'),
    }
    put(lake, MONDAY, PAIRS)
    lake.quality(MONDAY, datasets="-")
    assert results(lake, "none_quarantined")[MONDAY] == (True, "0 rows are in quarantine")


def test_a_stock_that_traded_on_each_of_twenty_days_is_missed(lake: Lake) -> None:
    """One that did not trade on one of them may stay away."""
    days = market_days("XNYS", dt.date(2024, 4, 1), dt.date(2024, 5, 10))[:22]
    for at, day in enumerate(days):
        rare = [] if at in (4, 21) else [bar("RARE", 5.0)]
        steady = [] if at == 21 else [bar("STEADY", 5.0)]
        lake.put("grouped_daily", day, [bar("ALWAYS", 5.0), *rare, *steady])
    lake.silver(days[0], days[-1])
    for first in (days[0], days[-1]):
        lake.quality(first, days[-1], datasets="-")
        found = results(lake, "keys_stay")
        said = "1 keys that were there on each of 20 market days before are not: STEADY"
        assert found[days[-1]] == (False, said)
        assert [passed for passed, _ in found.values()] == [True] * 21 + [False]


@pytest.mark.parametrize(
    ("lake", "inside", "outside"),
    [
        ("stocks", "2024-05-14T03:59:59+00:00", "2024-05-14T04:00:00+00:00"),  # a day of New York
        ("forex", "2024-05-13T23:59:59+00:00", "2024-05-14T00:00:00+00:00"),
        ("crypto", "2024-05-13T00:00:00+00:00", "2024-05-12T23:59:59+00:00"),
    ],
    indirect=["lake"],
)
def test_bars_of_another_day_are_told(lake: Lake, inside: str, outside: str) -> None:
    """Some are a warning; more than half of them hold the day back."""
    stamps = [int(dt.datetime.fromisoformat(moment).timestamp() * 1000) for moment in (inside, outside)]
    for others, critical in ((0, False), (2, False), (3, True)):
        rows = [bar(f"X:A{number}USD", 5.0, t=stamps[number < others]) for number in range(4)]
        lake.put("grouped_daily", MONDAY, rows)
        lake.silver(MONDAY)
        if critical:
            with pytest.raises(QualityError, match="3 of 4 bars have a time of another day"):
                lake.quality(MONDAY, datasets="-")
        else:
            lake.quality(MONDAY, datasets="-")
        (each,) = results(lake, "each_of_the_day").values()
        assert each[0] == (others == 0)
        assert each[1].startswith(f"{others} bars have a time of another day of ")
