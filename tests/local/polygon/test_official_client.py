"""The official client, under its new name and its old one, reads every endpoint that is served."""

import fcntl
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.local.polygon.serving import GROUPED, KEY, ROOT, Server
from tests.packages import registry, uv

SCRIPT = Path(__file__).with_name("client_script.py")
OLD_CLIENT = "polygon-api-client==1.16.3"
OLD_ENVIRONMENT = ROOT / "var" / "envs" / OLD_CLIENT.replace("==", "-")


def read_all(python: str | Path, module: str, server: Server) -> dict[str, Any]:
    """What the client of an environment reads from a server."""
    command = [str(python), str(SCRIPT), module, server.base, KEY]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def check(found: dict[str, Any], server: Server) -> None:
    """What a client read is what the server says."""
    grouped = {row["T"]: row for row in server.page(f"{GROUPED}/2026-06-15?adjusted=false")["results"]}
    assert found["grouped"] == len(grouped) > 350
    assert found["anth"] == [grouped["ANTH"][name] for name in "ohlcvt"]
    days = server.rows("/v2/aggs/ticker/ANTH/range/1/day/2026-06-01/2026-06-30")
    assert found["days"] == [row["c"] for row in days]
    assert len(days) == 21
    minutes = server.rows("/v2/aggs/ticker/ANTH/range/1/minute/2026-06-15/2026-06-15")
    assert found["minutes"] == [len(minutes), minutes[0]["o"], minutes[-1]["c"]]
    assert found["previous"] == ["ANTH", days[-1]["c"]]
    listed = server.rows("/v3/reference/tickers?market=stocks&date=2026-06-02&limit=1000")
    assert found["tickers"] == [row["ticker"] for row in listed]
    assert len(listed) == 400
    gone = server.rows("/v3/reference/tickers?market=stocks&date=2026-06-02&active=false&limit=1000")
    assert found["gone"] == [row["ticker"] for row in gone]
    assert ["ANTH", 1, 4] in found["splits"]
    dividends = server.rows("/stocks/v1/dividends?ex_dividend_date=2026-06-15&limit=5000")
    assert found["dividends"] == sorted([row["ticker"], row["cash_amount"]] for row in dividends)
    assert {"XNYS", "XNAS"} < set(found["exchanges"])
    assert {"CS", "ETF"} < set(found["types"])
    assert found["status"] == "extended-hours"
    assert ["2026-07-03", "NYSE", "closed"] in found["holidays"]
    assert found["details"] == "Anthill Robotics Inc."
    assert len(set(found["news"])) == 25
    check_currencies_and_indices(found, server)
    check_options(found, server)
    check_snapshot_and_fundamentals(found, server)


def check_currencies_and_indices(found: dict[str, Any], server: Server) -> None:
    """What a client read of the markets beside stocks is what the server says."""
    sunday = server.page("/v2/aggs/grouped/locale/global/market/fx/2026-06-14")["results"]
    assert found["forex"] == sorted([row["T"], row["c"], row["n"]] for row in sunday)
    saturday = server.page("/v2/aggs/grouped/locale/global/market/crypto/2026-06-20")["results"]
    assert found["crypto"] == sorted([row["T"], row["c"], row["v"]] for row in saturday)
    euro = server.rows("/v2/aggs/ticker/C:EURUSD/range/1/minute/2026-06-14/2026-06-14")
    assert found["euro"] == [row["c"] for row in euro]
    assert len(euro) == 7 * 60
    bitcoin = server.rows("/v2/aggs/ticker/X:BTCUSD/range/1/day/2026-06-01/2026-06-30")
    assert found["bitcoin"] == [row["c"] for row in bitcoin]
    assert len(bitcoin) == 30
    index = server.rows("/v2/aggs/ticker/I:SPX/range/1/day/2026-06-01/2026-06-30")
    assert found["index"] == [[row["c"], None] for row in index]
    assert found["index_before"] == index[-1]["c"]
    assert found["pairs"] == [row["ticker"] for row in server.rows("/v3/reference/tickers?market=fx")]
    assert found["base"] == "Euro - United States Dollar"
    assert found["snapshot"][0] == ["I:NOPE", None, "NOT_FOUND"]
    value = server.page("/v3/snapshot/indices?ticker.any_of=I:SPX")["results"][0]["value"]
    assert found["snapshot"][1] == ["I:SPX", value, None]
    assert found["currencies"] == ["open", "open"]


def check_snapshot_and_fundamentals(found: dict[str, Any], server: Server) -> None:
    """What a client read of the whole market now, of short sales and of statements is what the server says."""
    conditions = server.rows("/v3/reference/conditions?asset_class=stocks&limit=1000")
    assert found["conditions"] == [row["name"] for row in conditions]
    rows = server.page("/v2/snapshot/locale/us/markets/stocks/tickers")["tickers"]
    whole = {row["ticker"]: [row["day"]["c"], row["prevDay"]["c"], row["min"]["av"]] for row in rows}
    assert found["whole"] == whole
    anth = next(row for row in rows if row["ticker"] == "ANTH")
    prices = [anth["todaysChange"], anth["lastTrade"]["p"], anth["lastQuote"]["P"], anth["updated"]]
    assert found["one"] == ["ANTH", *prices]
    owed = server.rows("/stocks/v1/short-interest?settlement_date=2026-06-15&limit=1000")
    assert found["short_interest"] == [[row["ticker"], row["short_interest"], row["days_to_cover"]] for row in owed]
    sold = server.rows("/stocks/v1/short-volume?ticker=ANTH&date.gte=2026-06-01&limit=1000")
    assert found["short_volume"] == [[row["date"], row["short_volume"], row["nyse_short_volume"]] for row in sold]
    if "ratios" not in found:
        return
    filed, base = "filing_date.gte=2026-05-01&filing_date.lt=2026-06-01&limit=5000", "/stocks/financials/v1"
    for name, path, figure in (
        ("sheets", "balance-sheets", "total_assets"), ("incomes", "income-statements", "revenue"),
        ("flows", "cash-flow-statements", "net_income"),
    ):  # fmt: skip
        lines = server.rows(f"{base}/{path}?{filed}")
        assert found[name] == [[row["cik"], row[figure]] for row in lines]
        assert len(lines) > 100
    ratios = server.rows(f"{base}/ratios?limit=5000")
    assert found["ratios"] == [[row["ticker"], row.get("price_to_book")] for row in ratios]


def check_options(found: dict[str, Any], server: Server) -> None:
    """What a client read of contracts, chains and their bars is what the server says."""
    options = "/v3/reference/options/contracts?underlying_ticker=ANTH&limit=1000"
    assert found["contracts"] == [row["ticker"] for row in server.rows(f"{options}&as_of=2026-06-12")]
    gone = server.rows(f"{options}&expired=true&expiration_date.gte=2026-06-01")
    assert found["expired"] == [row["ticker"] for row in gone]
    assert len(gone) > 100
    assert found["contract"][0] == found["contract"][1]
    chain = server.rows("/v3/snapshot/options/ANTH?limit=250&contract_type=call")
    keys = [[row["details"]["ticker"], row["open_interest"], row.get("implied_volatility")] for row in chain]
    assert found["chain"] == keys
    ticker, delta, same = found["option"]
    assert delta == same
    bars = server.rows(f"/v2/aggs/ticker/{ticker}/range/1/day/2026-06-15/2026-07-01")
    assert found["option_days"] == [bar["c"] for bar in bars]
    assert bars[-1]["c"] == found["option_close"]


def old_environment() -> Path:
    """The Python of an environment with the old client, made once; its dependencies clash with the project's own."""
    python = OLD_ENVIRONMENT / "bin" / "python"
    ready = OLD_ENVIRONMENT / "ready"
    OLD_ENVIRONMENT.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{OLD_ENVIRONMENT}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another run of the tests may be making it
        if not ready.exists():
            make_environment(python)
            ready.touch()
    return python


def make_environment(python: Path) -> None:
    """Makes the environment, by uv."""
    registry()
    for step in (
        ["venv", "--clear", "--python", sys.executable, OLD_ENVIRONMENT],
        ["pip", "install", "--python", python, OLD_CLIENT],
    ):
        done = subprocess.run(list(map(str, [uv(), *step])), capture_output=True, text=True, check=False, cwd="/")
        assert done.returncode == 0, done.stderr[-2000:]


def test_massive(small: Server) -> None:
    """The client under its new name reads everything, the endpoints of February 2026 included."""
    found = read_all(sys.executable, "massive", small)
    check(found, small)
    assert found["new_splits"] == found["splits"]
    assert found["new_dividends"] == found["dividends"]
    assert "ratios" in found


def test_polygon_api_client(small: Server) -> None:
    """The client under its old name reads everything but what is newer than it."""
    found = read_all(old_environment(), "polygon", small)
    check(found, small)
    assert "new_splits" not in found
