"""Contracts, chains and bars of options over HTTP."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.polygon.markets.clock import Clock
from local.polygon.markets.sessions import xnys
from local.polygon.options.replayed import ReplayedOptions
from tests.local.polygon.serving import SMALL, Server, serving
from tests.local.polygon.test_conformance import schema_of

CONTRACTS = "/v3/reference/options/contracts"
CHAIN = "/v3/snapshot/options"


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose keys are called as their plans."""
    keys = "basic:basic,starter:starter,developer:developer,advanced:advanced"
    with serving(tmp_path_factory.mktemp("plans"), *SMALL, "--underlyings", "3", "--keys", keys) as server:
        yield server


def ranged(ticker: str, since: str, until: str, span: str = "1/day") -> str:
    """The URL of a contract's bars."""
    return f"/v2/aggs/ticker/{ticker}/range/{span}/{since}/{until}?limit=50000"


@pytest.fixture(scope="module")
def anth(small: Server) -> list[dict[str, Any]]:
    """The whole chain of ANTH now."""
    return small.rows(f"{CHAIN}/ANTH?limit=250")


@settings(max_examples=10)
@given(
    limit=st.integers(100, 1000),
    order=st.sampled_from(["asc", "desc"]),
    sort=st.sampled_from(["ticker", "strike_price"]),
)
def test_pages_are_the_whole_list(small: Server, limit: int, order: str, sort: str) -> None:
    """Pages of any size hold every contract once, in the order that was asked for."""
    query = f"underlying_ticker=ANTH&as_of=2026-06-12&sort={sort}&order={order}"
    rows = small.rows(f"{CONTRACTS}?{query}&limit={limit}")
    found = [row[sort] for row in rows]
    assert found == sorted(found, reverse=order == "desc")
    assert len({row["ticker"] for row in rows}) == len(rows) > 1000
    assert {row["underlying_ticker"] for row in rows} == {"ANTH"}


def test_the_whole_market_by_pages(small: Server) -> None:
    """Without an underlying all contracts come, by ticker, ten a page unless more are asked for."""
    page = small.page(CONTRACTS)
    assert set(page) == {"results", "status", "request_id", "next_url"}
    assert len(page["results"]) == 10
    rows = small.rows(f"{CONTRACTS}?limit=1000")
    assert rows[:10] == page["results"]
    tickers = [row["ticker"] for row in rows]
    assert tickers == sorted(set(tickers))
    assert 65_000 < len(tickers) < 90_000
    assert len({row["underlying_ticker"] for row in rows}) == 56


@pytest.mark.parametrize(
    ("query", "right"),
    [
        ("contract_type=put", lambda row: row["contract_type"] == "put"),
        ("expiration_date=2026-07-17", lambda row: row["expiration_date"] == "2026-07-17"),
        (
            "expiration_date.gt=2026-07-17&expiration_date.lte=2027-06-18",
            lambda row: "2026-07-17" < row["expiration_date"] <= "2027-06-18",
        ),
        (
            "expiration_date.gte=2026-09-18&contract_type=call",
            lambda row: row["expiration_date"] >= "2026-09-18" and row["contract_type"] == "call",
        ),
        ("strike_price=120", lambda row: row["strike_price"] == 120),
        ("strike_price.gte=100&strike_price.lt=120", lambda row: 100 <= row["strike_price"] < 120),
    ],
)  # fmt: skip
def test_filters(
    small: Server, anth: list[dict[str, Any]], query: str, right: Callable[[dict[str, Any]], bool]
) -> None:
    """A filter lets through what it says, of contracts and of the chain alike."""
    contracts = small.rows(f"{CONTRACTS}?underlying_ticker=ANTH&limit=1000")
    wanted = [row["ticker"] for row in contracts if right(row)]
    assert 0 < len(wanted) < len(contracts)
    assert [row["ticker"] for row in small.rows(f"{CONTRACTS}?underlying_ticker=ANTH&limit=1000&{query}")] == wanted
    assert [row["details"]["ticker"] for row in small.rows(f"{CHAIN}/ANTH?limit=250&{query}")] == wanted
    assert {row["details"]["ticker"] for row in anth} == {row["ticker"] for row in contracts}


def test_as_of(small: Server) -> None:
    """The list is as it was: contracts expire, and what was listed later is not there yet."""
    query = f"{CONTRACTS}?underlying_ticker=MSFT&limit=1000"
    then, today = (
        {row["ticker"]: row for row in small.rows(f"{query}&as_of={day}")} for day in ("2026-06-02", "2026-07-01")
    )
    assert all(row["expiration_date"] >= "2026-06-02" for row in then.values())
    assert all(row["expiration_date"] >= "2026-07-01" for row in today.values())
    assert (
        set(then) - set(today)
        == {ticker for ticker, row in then.items() if row["expiration_date"] < "2026-07-01"}
        != set()
    )
    assert set(today) - set(then)
    assert small.rows(f"{query}&as_of=2014-06-01") == []
    assert small.rows(f"{query}&as_of=2099-01-01") == list(today.values())
    weekend = small.rows(f"{query}&as_of=2026-06-13")
    assert "2026-06-12" in {row["expiration_date"] for row in small.rows(f"{query}&as_of=2026-06-12")}
    assert min(row["expiration_date"] for row in weekend) > "2026-06-13"


def test_expired_contracts(small: Server) -> None:
    """With expired=true only those before the day, each of which was listed on its last day."""
    query = f"{CONTRACTS}?underlying_ticker=MSFT&limit=1000&expiration_date.gte=2026-06-01"
    gone = small.rows(f"{query}&expired=true&as_of=2026-06-20")
    assert {row["expiration_date"] for row in gone} == {"2026-06-05", "2026-06-12", "2026-06-18"}
    last = small.rows(f"{CONTRACTS}?underlying_ticker=MSFT&limit=1000&as_of=2026-06-05&expiration_date=2026-06-05")
    assert [row for row in gone if row["expiration_date"] == "2026-06-05"] == last
    ever = small.rows(f"{CONTRACTS}?underlying_ticker=MSFT&limit=1000&expired=true&expiration_date.lt=2014-07-01")
    assert {row["expiration_date"][:7] for row in ever} == {"2014-06"}


def test_one_contract(small: Server) -> None:
    """A contract is told alone as in the list, expired or not, but not before it was listed."""
    row = small.page(f"{CONTRACTS}?underlying_ticker=BRK.B&as_of=2026-06-12")["results"][3]
    assert row["ticker"].startswith("O:BRKB2606")
    assert small.page(f"{CONTRACTS}/{row['ticker']}")["results"] == row
    assert small.page(f"{CONTRACTS}?ticker={row['ticker']}&as_of=2026-06-12")["results"] == [row]
    assert small.get(f"{CONTRACTS}/{row['ticker']}?as_of=2020-01-02").status == 404
    for ticker in ("O:ANTH260717C99999000", "O:NOSUCH260717C00100000", "nonsense", "O:ANTH260717C00123450"):
        answer = small.get(f"{CONTRACTS}/{ticker}")
        assert (answer.status, answer.json()["status"]) == (404, "NOT_FOUND")
    assert small.get("/v3/reference/tickers/O:ANTH260717C00120000").status == 404


@pytest.mark.parametrize(
    "query",
    [
        "limit=1001", "limit=0", "order=up", "sort=volume", "contract_type=warrant", "expired=perhaps", "as_of=today",
        "expiration_date=17-07-2026", "expiration_date.gte=soon", "strike_price=high", "cursor=nonsense",
    ],
)  # fmt: skip
def test_bad_requests(small: Server, query: str) -> None:
    """What cannot be read is answered 400 and names the parameter."""
    answer = small.get(f"{CONTRACTS}?{query}")
    assert (answer.status, answer.json()["status"]) == (400, "ERROR")
    assert query.split("=")[0] in answer.json()["error"]
    assert small.get(f"{CHAIN}/ANTH?limit=251").status == 400


def test_unknown_underlyings(small: Server) -> None:
    """A symbol without options has empty lists, and no contract is found on it."""
    assert small.rows(f"{CONTRACTS}?underlying_ticker=NOSUCH") == small.rows(f"{CHAIN}/NOSUCH") == []
    assert small.get(f"{CHAIN}/NOSUCH/O:ANTH260717C00120000").status == 404
    assert small.get(f"{CHAIN}/ANTH/O:ANTH260717C99999000").status == 404


def test_chains_are_as_described(small: Server, anth: list[dict[str, Any]]) -> None:
    """A chain is what the description promises, but for an empty `day` where a contract has no bar, as seen live."""
    page = small.page(f"{CHAIN}/ANTH")
    assert len(page["results"]) == 10
    traded = [row for row in anth if row["day"]]
    assert len(anth) > len(traded) > 0.8 * len(anth)
    validator = jsonschema.Draft7Validator(schema_of("/v3/snapshot/options/{underlyingAsset}"))
    validator.validate(page | {"results": traded})
    ticker = traded[0]["details"]["ticker"]
    alone = small.page(f"{CHAIN}/ANTH/{ticker}")
    assert alone["results"] == traded[0]
    schema = schema_of("/v3/snapshot/options/{underlyingAsset}/{optionContract}")
    jsonschema.Draft7Validator(schema).validate(alone)


def test_the_day_of_a_chain_is_the_latest_bar(small: Server, anth: list[dict[str, Any]]) -> None:
    """`day` is the bar that a range ends with, and says by `last_updated` of which day it is."""
    names = {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v", "vwap": "vw"}
    today = max(row["day"]["last_updated"] for row in anth if row["day"])
    stale = [row for row in anth if row["day"] and row["day"]["last_updated"] < today]
    for row in [*anth[::60], *stale[:5]]:
        bars = small.rows(ranged(row["details"]["ticker"], "2026-06-17", "2026-07-01"))
        if not row["day"]:
            assert bars == []
            continue
        assert {name: row["day"][name] for name in names} == {name: bars[-1][short] for name, short in names.items()}
        assert row["day"]["last_updated"] == bars[-1]["t"] * 10**6
    assert stale
    price = small.rows("/v2/aggs/ticker/ANTH/range/1/day/2026-07-01/2026-07-01")[0]["c"]
    assert {row["underlying_asset"]["price"] for row in anth} == {price}


def test_previous_close(small: Server, anth: list[dict[str, Any]]) -> None:
    """The bar of the session before today, at 16:00 New York."""
    ticker = max(anth, key=lambda row: row["open_interest"])["details"]["ticker"]
    page = small.page(f"/v2/aggs/ticker/{ticker}/prev")
    bar = small.rows(ranged(ticker, "2026-06-30", "2026-06-30"))[0]
    assert page["results"][0] == bar | {"T": ticker, "t": bar["t"] + 16 * 3_600_000}


def test_minutes_make_up_the_day(small: Server, anth: list[dict[str, Any]]) -> None:
    """The minute bars of a contract are those of its day."""
    ticker = max(anth, key=lambda row: row["day"].get("volume", 0))["details"]["ticker"]
    day = small.rows(ranged(ticker, "2026-07-01", "2026-07-01"))[0]
    minutes = small.rows(ranged(ticker, "2026-07-01", "2026-07-01", "1/minute"))
    assert (minutes[0]["o"], minutes[-1]["c"]) == (day["o"], day["c"])
    assert (max(row["h"] for row in minutes), min(row["l"] for row in minutes)) == (day["h"], day["l"])
    assert (sum(row["v"] for row in minutes), sum(row["n"] for row in minutes)) == (day["v"], day["n"])


def test_open_interest(small: Server, anth: list[dict[str, Any]]) -> None:
    """Whole numbers, most on the strikes near the price."""
    assert all(type(row["open_interest"]) is int for row in anth)
    spy = small.rows(f"{CHAIN}/SPY?limit=250&expiration_date.gte=2026-09-01&expiration_date.lte=2026-12-31")
    near = [
        row["open_interest"]
        for row in spy
        if abs(row["details"]["strike_price"] / row["underlying_asset"]["price"] - 1) < 0.1
    ]
    rest = [
        row["open_interest"]
        for row in spy
        if abs(row["details"]["strike_price"] / row["underlying_asset"]["price"] - 1) > 0.3
    ]
    assert sum(near) / len(near) > 3 * sum(rest) / len(rest)


def test_plans(plans: Server) -> None:
    """Basic has no snapshots, quotes are for advanced alone, and history ends 2, 2, 4 and no years ago."""
    ticker = plans.get(f"{CONTRACTS}?underlying_ticker=ANTH&as_of=2020-06-01", key="advanced").json()["results"][0][
        "ticker"
    ]
    old = ranged(ticker, "2020-05-01", "2020-06-30")
    seen = {}
    for plan in ("basic", "starter", "developer", "advanced"):
        answer = plans.get(f"{CHAIN}/ANTH?limit=1&strike_price=110", key=plan)
        row = answer.json()["results"][0] if answer.status == 200 else {}
        seen[plan] = (
            answer.status,
            "last_trade" in row,
            "last_quote" in row,
            row.get("underlying_asset", {}).get("timeframe"),
        )
        assert plans.get(old, key=plan).status == (200 if plan == "advanced" else 403)
        assert plans.get(ranged(ticker, "2023-01-02", "2023-01-05"), key=plan).status == (
            403 if plan in ("basic", "starter") else 200
        )
    assert seen == {
        "basic": (403, False, False, None), "starter": (200, False, False, "DELAYED"),
        "developer": (200, True, False, "DELAYED"), "advanced": (200, True, True, "REAL-TIME"),
    }  # fmt: skip
    refused = plans.get(f"{CHAIN}/ANTH", key="basic").json()
    assert (refused["status"], "entitled" in refused["message"]) == ("NOT_AUTHORIZED", True)
    assert (
        len(
            {
                row["underlying_ticker"]
                for row in plans.get(f"{CONTRACTS}?limit=1000&as_of={dt.date(2026, 6, 30)}", key="advanced").json()[
                    "results"
                ]
            }
        )
        <= 3
    )


DAY = dt.date(2014, 6, 30)
REPLAYED = """date,ticker,open,high,low,close,volume
2014-06-06,O:AAPL140613C00650000,6.4,7.2,5.9,6.1,1200
2014-06-09,O:AAPL140613C00650000,7.0,8.0,6.5,7.75,900
2014-06-06,O:AAPL140621P00090000,1.5,1.5,1.5,1.5,3
2014-06-09,O:TWX140719C00070000,1.0,1.1,0.9,1.05,20
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder to replay."""
    (tmp_path / "stocks_daily.csv").write_text(
        "date,ticker,open,high,low,close,volume\n2014-06-06,AAPL,649.9,651.3,644.5,645.57,87484000\n"
    )
    (tmp_path / "options_daily.csv").write_text(REPLAYED)
    return tmp_path


def test_replayed_contracts_and_bars(folder: Path, serve: Callable[..., Server]) -> None:
    """Contracts are those of the rows, from their first bar until they expire; bars are the rows."""
    server = serve("--history", str(folder), "--today", "2014-06-30")
    listed = lambda query: [row["ticker"] for row in server.rows(f"{CONTRACTS}?{query}")]  # noqa: E731
    assert listed("as_of=2014-06-06") == ["O:AAPL140613C00650000", "O:AAPL140621P00090000"]
    assert listed("as_of=2014-06-10&underlying_ticker=AAPL&contract_type=call") == ["O:AAPL140613C00650000"]
    assert listed("as_of=2014-06-16") == ["O:AAPL140621P00090000", "O:TWX140719C00070000"]
    assert listed("expired=true") == ["O:AAPL140613C00650000", "O:AAPL140621P00090000"]
    assert server.page(f"{CONTRACTS}/O:TWX140719C00070000")["results"]["expiration_date"] == "2014-07-19"
    rows = server.rows(ranged("O:AAPL140613C00650000", "2014-06-01", "2014-06-30"))
    assert [(row["o"], row["h"], row["l"], row["c"], row["v"]) for row in rows] == [
        (6.4, 7.2, 5.9, 6.1, 1200),
        (7.0, 8.0, 6.5, 7.75, 900),
    ]
    assert server.rows(f"{CHAIN}/AAPL") == []
    assert server.rows(ranged("O:AAPL140613C00650000", "2014-06-01", "2014-06-30", "1/minute")) == []


def test_a_replay_without_options(tmp_path: Path) -> None:
    """Without the file there is nothing, and nothing breaks."""
    options = ReplayedOptions(tmp_path, Clock(DAY), xnys(2014))
    assert len(options.listed(DAY, None)) == len(options.expired(DAY, None, dt.date.min, DAY)) == 0
    assert len(options.day(5, adjusted=False, otc=False)) == 0
    assert len(options.days("O:AAPL140613C00650000", 0, 2000, adjusted=False)) == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2014-06-07,O:AAPL140613C00650000,1,1,1,1,1", "no session"),
        ("2014-06-06,AAPL,1,1,1,1,1", "no ticker of an option"),
        ("2014-06-06,O:AAPL140613C00650000,1,1,1,none,1", "none"),
    ],
)
def test_bad_rows_name_file_and_line(folder: Path, line: str, words: str) -> None:
    """A row that cannot be read stops the start and says where it is."""
    (folder / "options_daily.csv").write_text(f"{REPLAYED}{line}\n")
    with pytest.raises(ValueError, match=rf"options_daily.csv, line 6.*{words}"):
        ReplayedOptions(folder, Clock(DAY), xnys(2014))
