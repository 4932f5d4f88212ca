"""Foreign exchange over HTTP: the whole market's days, ranges in New York's days, the previous close."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from tests.local.polygon.serving import Server

NEW_YORK = ZoneInfo("America/New_York")
FX = "/v2/aggs/grouped/locale/global/market/fx"


def local(moment: int) -> dt.datetime:
    """A time of the API in New York."""
    return dt.datetime.fromtimestamp(moment / 1000, NEW_YORK)


@pytest.mark.parametrize("day", ["2026-06-14", "2026-06-15", "2026-06-19"])
def test_grouped_day(small: Server, day: str) -> None:
    """Sunday to Friday every pair has a bar that is stamped with the last millisecond of the UTC day."""
    page = small.page(f"{FX}/{day}?adjusted=false")
    assert page["resultsCount"] == page["queryCount"] == len(page["results"]) == 60
    assert page["adjusted"] is False
    end = dt.datetime.fromisoformat(f"{day}T23:59:59.999+00:00")
    assert {row["t"] for row in page["results"]} == {round(end.timestamp() * 1000)}
    assert all(row["T"].startswith("C:") and row["v"] == row["n"] for row in page["results"])


@pytest.mark.parametrize("day", ["2026-06-20", "2026-07-02"])
def test_days_without_bars(small: Server, day: str) -> None:
    """A Saturday and a day to come are a success without results."""
    page = small.page(f"{FX}/{day}")
    assert (page["status"], page["resultsCount"]) == ("OK", 0)
    assert "results" not in page


def test_sundays_are_short(small: Server) -> None:
    """A Sunday trades from 17:00 New York on, a Friday until then."""
    path = "/v2/aggs/ticker/C:EURUSD/range/1/minute/2026-06-14/2026-06-19?limit=50000"
    times = [local(row["t"]) for row in small.rows(path)]
    assert (times[0], times[-1]) == (
        dt.datetime(2026, 6, 14, 17, tzinfo=NEW_YORK),
        dt.datetime(2026, 6, 19, 16, 59, tzinfo=NEW_YORK),
    )
    assert len(times) == len(set(times)) == 5 * 24 * 60
    volumes = [small.page(f"{FX}/2026-06-{day}")["results"][0]["v"] for day in (14, 15)]
    assert volumes[0] < volumes[1] / 2


def test_ranges_have_the_days_of_new_york(small: Server) -> None:
    """Daily bars are at midnight New York, none on a Saturday; a week begins on its Sunday."""
    days = small.page("/v2/aggs/ticker/C:EURUSD/range/1/day/2026-06-12/2026-06-22")["results"]
    assert [local(row["t"]).day for row in days] == [12, 14, 15, 16, 17, 18, 19, 21, 22]
    assert {local(row["t"]).hour for row in days} == {0}
    weeks = small.page("/v2/aggs/ticker/C:EURUSD/range/1/week/2026-06-14/2026-06-22")["results"]
    assert [local(row["t"]).day for row in weeks] == [14, 21]
    assert weeks[0]["v"] == sum(row["v"] for row in days[1:7])
    assert (weeks[0]["o"], weeks[0]["c"]) == (days[1]["o"], days[6]["c"])


def test_previous_close(small: Server) -> None:
    """The bar of the day before today, stamped with the end of the UTC day."""
    page = small.page("/v2/aggs/ticker/C:EURUSD/prev")
    row = page["results"][0]
    assert (row["T"], row["t"]) == ("C:EURUSD", round(dt.datetime(2026, 7, 1, tzinfo=dt.UTC).timestamp() * 1000) - 1)
    assert row["c"] == small.page("/v2/aggs/ticker/C:EURUSD/range/1/day/2026-06-30/2026-06-30")["results"][0]["c"]


def test_the_yen_jumps(small: Server) -> None:
    """On 2026-06-17 USDJPY falls far more than on any other day of the month."""
    days = small.rows("/v2/aggs/ticker/C:USDJPY/range/1/day/2026-06-01/2026-06-30")
    moves = {local(row["t"]).day: abs(row["c"] / row["o"] - 1) for row in days}
    assert max(moves, key=lambda day: moves[day]) == 17
    assert sorted(moves.values())[-1] > 2 * sorted(moves.values())[-2]


def test_unknown_pair(small: Server) -> None:
    """A pair that is not there is a success without bars, and has no details."""
    assert small.page("/v2/aggs/ticker/C:NOPENO/range/1/day/2026-06-01/2026-06-30")["resultsCount"] == 0
    assert small.get("/v3/reference/tickers/C:NOPENO").status == 404
