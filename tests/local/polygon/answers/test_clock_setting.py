"""The clock of a running server: it moves the market from day to day and through a day."""

import datetime as dt
import email.utils
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.polygon.markets.clock import Clock
from tests.local.polygon.serving import GROUPED, SMALL, Server, serving

DAY = "2026-06-12"
GLOBAL = "/v2/aggs/grouped/locale/global/market"
PATHS = (
    f"{GROUPED}/2026-06-11",
    f"{GROUPED}/2026-06-11?adjusted=false",
    f"{GROUPED}/2026-06-12?adjusted=false",
    f"{GROUPED}/2026-06-15?adjusted=false",
    f"{GROUPED}/2026-06-15",
    f"{GLOBAL}/fx/2026-06-15",
    f"{GLOBAL}/crypto/2026-06-15",
    "/v2/aggs/ticker/ANTH/range/1/day/2026-06-01/2026-06-30",
    "/v2/aggs/ticker/ANTH/range/1/minute/2026-06-12/2026-06-15",
    "/v2/aggs/ticker/X:BTCUSD/range/1/day/2026-06-12/2026-06-17",
    "/v2/aggs/ticker/ANTH/prev",
    "/v2/aggs/ticker/I:SPX/prev",
    "/v2/aggs/ticker/C:EURUSD/prev",
    "/v2/snapshot/locale/us/markets/stocks/tickers",
    "/v3/snapshot/indices?limit=250",
    "/v3/snapshot/options/ANTH?limit=250",
    "/v3/reference/tickers?limit=1000",
    "/v3/reference/tickers/ANTH",
    "/v3/reference/options/contracts?underlying_ticker=ANTH&limit=1000",
    "/stocks/v1/splits?limit=1000",
    "/stocks/v1/dividends?ex_dividend_date.gte=2026-06-01&limit=1000",
    "/stocks/v1/short-volume?date.gte=2026-06-01&limit=5000",
    "/stocks/v1/short-interest?settlement_date.gte=2026-05-01&limit=5000",
    "/stocks/financials/v1/income-statements?filing_date.gte=2026-05-01&limit=5000",
    "/stocks/financials/v1/ratios?limit=1000",
    "/v2/reference/news?limit=50",
    "/v1/marketstatus/now",
    "/v1/marketstatus/upcoming",
)


def body(server: Server, path: str) -> Any:
    """An answer without what every call has for itself."""
    answer = server.get(path)
    text = answer.data.decode().replace(server.base, "HOST")
    whole = json.loads(text)
    if isinstance(whole, dict):
        whole.pop("request_id", None)
    return answer.status, whole


def test_a_moved_server_answers_as_one_started_then(moving: Server, tmp_path: Path) -> None:
    """Whatever was asked on the days before, every answer is that of a server that knows only this day."""
    for today in (DAY, "2026-06-15", "2026-06-16"):
        moving.move(today=today, time="18:00")
        for path in PATHS:
            body(moving, path)
    moving.move(today="2026-06-17", time="11:30")
    options = ("--late-trades", "--underlyings", "3", "--today", "2026-06-17", "--clock", "11:30")
    with serving(tmp_path, *SMALL, *options) as fresh:
        for path in PATHS:
            assert body(moving, path) == body(fresh, path), path


def test_a_split_comes_with_its_day(moving: Server) -> None:
    """ANTH splits 4 for 1 on the 15th: the day before it nothing is adjusted for it, then everything."""
    path = "/v2/aggs/ticker/ANTH/range/1/day/2026-06-12/2026-06-12"
    closes = []
    for today in (DAY, "2026-06-15"):
        moving.move(today=today, time="18:00")
        closes.append([moving.rows(path)[0]["c"], moving.rows(f"{GROUPED}/2026-06-12?adjusted=true")])
    assert closes[0][0] == pytest.approx(4 * closes[1][0], rel=1e-5)
    grouped = [next(row["c"] for row in rows if row["T"] == "ANTH") for _, rows in closes]
    assert grouped == [close for close, _ in closes]


def test_the_clock_is_told(moving: Server) -> None:
    """GET says where it stands; one key alone leaves the other."""
    assert moving.move(today="2026-06-16", time="09:45") == {"today": "2026-06-16", "time": "09:45"}
    assert moving.move(time="10:00") == {"today": "2026-06-16", "time": "10:00"}
    assert moving.move(today="2026-06-15") == {"today": "2026-06-15", "time": "10:00"}
    assert moving.get("/_clock", key=None).json() == {"today": "2026-06-15", "time": "10:00"}
    status = moving.page("/v1/marketstatus/now")
    assert (status["market"], status["serverTime"]) == ("open", "2026-06-15T10:00:00-04:00")


def test_the_date_header_follows(moving: Server, small: Server) -> None:
    """A clock that is set goes on in the Date header; one that never was leaves it to the machine."""
    second = dt.timedelta(seconds=1)  # what a Date header leaves out
    for day in (16, 17):
        asked = dt.datetime.now(dt.UTC)
        moving.move(today=f"2026-06-{day}", time="18:00")
        date = email.utils.parsedate_to_datetime(moving.get("/healthz").headers["date"])
        late = date - dt.datetime(2026, 6, day, 22, tzinfo=dt.UTC)
        assert dt.timedelta() <= late <= dt.datetime.now(dt.UTC) - asked
    asked = dt.datetime.now(dt.UTC)
    own = email.utils.parsedate_to_datetime(small.get("/healthz").headers["date"])
    assert asked - second < own <= dt.datetime.now(dt.UTC)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"", "truncated"),
        (b"[]", "the clock is set by"),
        (b'{"day": "2026-06-15"}', "the clock is set by"),
        (b'{"today": "June"}', "June"),
        (b'{"today": 5}', "argument must be str"),
        (b'{"today": "1999-01-04"}', "must lie from 2003-09-10"),
        (b'{"today": "2099-01-04"}', "to 2027-12-31"),
        (b'{"time": "25:00"}', "hour"),
    ],
)
def test_what_cannot_be_set(moving: Server, sent: bytes, words: str) -> None:
    """A clock that cannot be read or is outside of the calendar stays, and the answer says why."""
    before = moving.get("/_clock").json()
    answer = moving.http.request("POST", f"{moving.base}/_clock", body=sent)
    assert answer.status == 400
    assert words in answer.json()["error"]
    assert moving.get("/_clock").json() == before


def test_faults_do_not_meet_the_clock(serve: Callable[..., Server], tmp_path: Path) -> None:
    """A test can move the day whatever is played."""
    faults = tmp_path / "faults.json"
    faults.write_text('[{"then": {"status": 500, "body": ""}}]')
    server = serve("--stocks", "60", "--otc", "0", "--faults", str(faults))
    assert server.move(today="2026-06-15")["today"] == "2026-06-15"
    assert server.get("/v1/marketstatus/now").status == 500


def test_evening() -> None:
    """What is told after the close is known from six o'clock on."""
    day = dt.date(2026, 6, 15)
    assert Clock(day).evening == day
    assert Clock(day, dt.time(17, 59)).evening == dt.date(2026, 6, 14)
