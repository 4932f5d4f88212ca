"""Keys, plans and rate limits: every row of the error table."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.polygon.answers.envelopes import ApiError
from local.polygon.answers.plans import PLANS, read_keys
from tests.local.polygon.serving import GROUPED, SMALL, Server, serving

GLOBAL = "/v2/aggs/grouped/locale/global/market"
KEYS = "low:basic,start:starter,dev:developer,all:advanced"
TIMEFRAME = "Your plan doesn't include this data timeframe"


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that knows a key of each plan."""
    with serving(tmp_path_factory.mktemp("plans"), *SMALL, "--keys", KEYS) as server:
        yield server


@pytest.mark.parametrize(
    ("key", "path", "status", "kind", "words"),
    [
        (None, f"{GROUPED}/2026-06-15", 400, "ERROR", "API Key was not provided"),
        ("wrong", f"{GROUPED}/2026-06-15", 401, "ERROR", "Unknown API Key"),
        ("low", f"{GROUPED}/2024-06-30", 403, "NOT_AUTHORIZED", TIMEFRAME),
        ("start", f"{GROUPED}/2021-06-30", 403, "NOT_AUTHORIZED", TIMEFRAME),
        ("dev", f"{GROUPED}/2016-06-30", 403, "NOT_AUTHORIZED", TIMEFRAME),
        ("all", f"{GROUPED}/2003-09-09", 403, "NOT_AUTHORIZED", TIMEFRAME),
        ("low", f"{GROUPED}/2026-07-01", 403, "NOT_AUTHORIZED", "Attempted to request today's data before end of day"),
        ("low", "/v2/aggs/ticker/ANTH/range/1/day/2020-01-01/2020-02-01", 403, "NOT_AUTHORIZED", TIMEFRAME),
        ("low", f"{GLOBAL}/fx/2024-06-30", 403, "NOT_AUTHORIZED", TIMEFRAME),
        ("low", f"{GLOBAL}/crypto/2024-06-30", 403, "NOT_AUTHORIZED", TIMEFRAME),
        ("low", "/v2/aggs/ticker/I:SPX/range/1/day/2024-06-03/2024-06-28", 403, "NOT_AUTHORIZED", TIMEFRAME),
        ("all", f"{GLOBAL}/fx/2009-01-01", 403, "NOT_AUTHORIZED", TIMEFRAME),
        ("all", f"{GLOBAL}/crypto/2012-12-31", 403, "NOT_AUTHORIZED", TIMEFRAME),
        ("low", f"{GLOBAL}/crypto/2026-07-01", 403, "NOT_AUTHORIZED", "Attempted to request today's data"),
        ("all", "/v3/reference/tickers/NOSUCH", 404, "NOT_FOUND", "not found"),
    ],
)
def test_errors(plans: Server, key: str | None, path: str, status: int, kind: str, words: str) -> None:
    """Each error has its HTTP status, its body's status and its words."""
    answer = plans.get(path, key=key)
    body = answer.json()
    assert (answer.status, body["status"]) == (status, kind)
    assert words in body.get("error", body.get("message", ""))


def test_unknown_path_is_plain_text(plans: Server) -> None:
    """A path that the API does not have answers 404 without JSON."""
    answer = plans.get("/v9/nothing", key="all")
    assert (answer.status, answer.data[:18]) == (404, b"404 page not found")


@pytest.mark.parametrize(
    ("key", "first"), [("low", "2024-07-01"), ("start", "2021-07-01"), ("dev", "2016-07-01"), ("all", "2003-09-10")]
)
def test_first_day_of_a_plan(plans: Server, key: str, first: str) -> None:
    """The first day that a plan reaches is served."""
    assert plans.get(f"{GROUPED}/{first}", key=key).json()["resultsCount"] > 100


@pytest.mark.parametrize(
    ("key", "market", "first"),
    [
        ("low", "fx", "2024-07-01"),
        ("start", "fx", "2009-01-02"),
        ("low", "crypto", "2024-07-01"),
        ("dev", "crypto", "2013-01-01"),
    ],
)
def test_first_day_of_a_plan_elsewhere(plans: Server, key: str, market: str, first: str) -> None:
    """Currencies have histories of their own: two years, or all there is."""
    assert plans.get(f"{GLOBAL}/{market}/{first}", key=key).json()["resultsCount"] > 0


def test_ranges_are_clipped_in_silence(plans: Server) -> None:
    """A range that begins before the plan's history, or ends after its data, is a success with less."""
    path = "/v2/aggs/ticker/ANTH/range/1/day/2024-06-03/2026-07-01"
    low, high = (plans.get(path, key=key).json() for key in ("low", "all"))
    assert low["status"] == high["status"] == "OK"
    days = [dt.datetime.fromtimestamp(row["t"] / 1000, dt.UTC).date() for row in low["results"]]
    assert (days[0], days[-1]) == (dt.date(2024, 7, 1), dt.date(2026, 6, 30))
    assert len(high["results"]) > len(low["results"])


@pytest.mark.parametrize(("key", "status"), [("start", "DELAYED"), ("all", "OK")])
def test_today_is_delayed_on_a_delayed_plan(plans: Server, key: str, status: str) -> None:
    """Today's bars come with the status of the plan's freshness."""
    assert plans.get(f"{GROUPED}/2026-07-01", key=key).json()["status"] == status
    assert plans.get(f"{GROUPED}/2026-06-30", key=key).json()["status"] == "OK"


def test_key_in_the_query(plans: Server) -> None:
    """The key may come as apiKey too."""
    assert plans.get("/v1/marketstatus/now?apiKey=all", key=None).status == 200


def test_rate_limit_of_the_basic_plan(serve: Callable[..., Server]) -> None:
    """The sixth call in a minute is refused for that key, and for no other."""
    server = serve("--stocks", "60", "--otc", "0", "--keys", "a:basic,b:basic,c:advanced")
    statuses = [server.get("/v1/marketstatus/now", key="a").status for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    assert "exceeded the maximum requests per minute" in server.get("/v1/marketstatus/now", key="a").json()["error"]
    assert [server.get("/v1/marketstatus/now", key="b").status for _ in range(3)] == [200] * 3
    assert [server.get("/v1/marketstatus/now", key="c").status for _ in range(20)] == [200] * 20


def test_keys_from_a_file(tmp_path: Path) -> None:
    """A file has a key a line, with or without a plan, and comments."""
    path = tmp_path / "keys"
    path.write_text("# ours\none\ntwo:basic  # slow\n\n")
    assert read_keys(str(path), PLANS["starter"]) == {"one": PLANS["starter"], "two": PLANS["basic"]}


def test_keys_that_lack_something() -> None:
    """What an entry ends with is lacking beside what its plan lacks; a path may hold a colon."""
    keys = read_keys("one:advanced:-/stocks/v1/short-volume:-/v2/aggs/ticker/X:,two:-/v3,three:starter", PLANS["basic"])
    assert keys["one"].lacks == ("/stocks/v1/short-volume", "/v2/aggs/ticker/X:")
    assert keys["two"].lacks == (*PLANS["basic"].lacks, "/v3")
    assert keys["three"] == PLANS["starter"]
    with pytest.raises(ApiError, match="not entitled"):
        keys["one"].admit("/v2/aggs/ticker/X:BTCUSD/prev")
    keys["one"].admit("/v2/aggs/ticker/C:EURUSD/prev")


def test_a_key_that_lacks_one_dataset(moving: Server) -> None:
    """It is refused what it lacks, and has the rest of its plan."""
    for path in (f"{GROUPED}/2026-06-15", f"{GLOBAL}/fx/2026-06-15", "/stocks/v1/splits?ticker=ANTH"):
        answer = moving.get(path, key="part")
        assert (answer.status, answer.json()["status"]) == (403, "NOT_AUTHORIZED")
        assert "not entitled" in answer.json()["message"]
        assert moving.get(path, key="all").status == 200
    for path in ("/v2/aggs/ticker/ANTH/prev", "/stocks/v1/dividends?ticker=ANTH", "/stocks/financials/v1/ratios"):
        assert moving.get(path, key="part").status == 200


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("k:gold", "no plan 'gold'"),
        (",", "no key"),
        ("k:basic:-financials", "'financials' is not the beginning of a path"),
    ],
)
def test_bad_keys(text: str, words: str) -> None:
    """A plan that does not exist, a list without a key and a lack that is no path are refused."""
    with pytest.raises(ValueError, match=words):
        read_keys(text, PLANS["basic"])


def test_history_of_a_plan_on_a_leap_day() -> None:
    """Two years before 29 February is the 28th."""
    assert PLANS["basic"].earliest(dt.date(2028, 2, 29)) == dt.date(2026, 2, 28)
