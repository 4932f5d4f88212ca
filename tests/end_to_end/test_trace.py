"""A number of gold traced to its source, against rows and objects read by hand: Delta's files and S3, no warehouse."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from anthill.warehouse.warehouse import Warehouse
from local import connections, lake
from local.stack import Stack
from tests.end_to_end.conftest import run_day, states

pytestmark = pytest.mark.long
DAY = "2026-06-15"
TABLE = "gold.stocks_daily_returns"
BELOW = {
    f"silver.{name}"
    for name in (
        "stocks_grouped_daily", "stocks_splits", "stocks_dividends", "stocks_tickers", "stocks_ticker_events",
        "stocks_adjusted_daily", "forex_grouped_daily",
    )
}  # fmt: skip
COMPUTED = ("grouped_daily", "splits", "dividends", "tickers")  # of which prices and returns are made


@pytest.fixture(scope="module")
def day(airflow_database: None, stack: Stack) -> None:
    """A run of the day; where another file of this stack has run it before, this one changes nothing."""
    assert set(states(run_day(DAY)).values()) == {"success", "skipped"}


@pytest.fixture(scope="module")
def web(day: None) -> Iterator[TestClient]:
    """Airflow's web server with the coverage page."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    from anthill.ui.index import reader
    from tests.plugins.anthill.ui.conftest import web_server

    reader.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS", "False")
        patch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", lake.BRONZE)
        patch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "a-secret-of-this-test " * 4)
        server = web_server()
        token = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="ann", role="viewer"))
        yield TestClient(server, headers={"Authorization": f"Bearer {token}"})
    reader.cache_clear()


@pytest.fixture
def anthill(web: TestClient, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run `anthill trace` with a person's own rights; what it prints, and its exit code."""
    from anthill.cli.airflow import PlainAirflow
    from anthill.cli.main import app

    def at(_: Any, method: str, path: str, query: Any = None, body: Any = None) -> Any:
        answer = web.request(method, path, params=query, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    monkeypatch.setattr(PlainAirflow, "at", at)  # over Starlette's client instead of a socket
    environment = {
        "DATABRICKS_HOST": stack.addresses.databricks,
        "DATABRICKS_WAREHOUSE_ID": "local",
        "DATABRICKS_TOKEN": connections.READER,
    }

    def run(*arguments: str) -> tuple[str, int]:
        done = CliRunner().invoke(app, arguments, env=environment)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            return str(done.exception), 1
        return done.stdout, done.exit_code

    return run


@pytest.fixture(scope="module")
def held(day: None, stack: Stack) -> Any:
    """A table's rows from its files on S3."""
    storage = {
        "aws_endpoint_url": stack.addresses.s3,
        "aws_access_key_id": lake.KEY,
        "aws_secret_access_key": lake.KEY,
        "aws_region": lake.REGION,
        "aws_allow_http": "true",
    }

    def held(name: str) -> pl.DataFrame:
        schema, _, table = name.partition(".")
        return pl.read_delta(f"{lake.SCHEMAS[schema]}/{table}", storage_options=storage)

    return held


@pytest.fixture(scope="module")
def ticker(held: Any) -> str:
    """One that has a return on the day, and was paid a dividend."""
    on_day = pl.col("market_date") == dt.date.fromisoformat(DAY)
    paid = held("silver.stocks_dividends").filter(on_day)["ticker"]
    traded = held(TABLE).filter(on_day & pl.col("ticker").is_in(paid.implode()))
    return str(traded.sort("ticker")["ticker"][0])


def told(said: str) -> Any:
    """The JSON that a command printed; the web server of this process logs beside it."""
    return json.loads(said[said.index('{\n  "table"') :])


def asked(stack: Stack, call: str) -> Any:
    """What the source answers to a call of a trace."""
    method, _, path = call.partition(" ")
    request = urllib.request.Request(
        stack.addresses.polygon + path, headers={"Authorization": f"Bearer {connections.POLYGON_KEY}"}, method=method
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_every_step_is_as_it_is_read_by_hand(anthill: Any, held: Any, ticker: str, stack: Stack) -> None:
    """Gold's row, the rows of silver, the objects with their bytes and calls, the checks and the runs."""
    said, code = anthill("--json", "trace", TABLE, ticker, DAY)
    found = told(said)
    assert (found["problems"], code) == ([], 0)
    on_day = pl.col("market_date") == dt.date.fromisoformat(DAY)
    (row,) = held(TABLE).filter(on_day & (pl.col("ticker") == ticker)).to_dicts()
    assert {name: found["rows"][0][name] for name in ("ticker", "log_return", "total_return")} == {
        name: row[name] for name in ("ticker", "log_return", "total_return")
    }
    published = held("quality.published").filter(on_day & (pl.col("gold_table") == "daily_returns")).to_dicts()
    assert [found["sql"]["logic"]] == [each["logic"] for each in published]
    assert (found["sql"]["file"], found["sql"]["is_here"]) == ("include/sql/gold/stocks/daily_returns.sql", True)
    below = {each["table"]: each for each in found["below"]}
    assert set(below) == BELOW
    for name in COMPUTED:
        rows = held(f"silver.stocks_{name}").filter(pl.col("ticker") == ticker)
        part = below[f"silver.stocks_{name}"]
        assert (part["rows_of_day"], part["rows_read"]) == (rows.filter(on_day).height, rows.height)
        results = held("quality.results").filter(on_day & (pl.col("dataset") == name))
        assert {each["expectation"]: each["passed"] for each in part["checks"]} == dict(
            results.select("expectation", "passed").iter_rows()
        )
        assert {each["job"] for each in part["runs"]} >= {"silver", "quality"}
        of_rows = set(rows.filter(on_day)["source_uri"])
        assert of_rows <= {each["uri"] for each in part["objects"]}
        for each in part["objects"]:
            bucket, _, key = each["uri"].removeprefix("s3://").partition("/")
            body = stack.s3().get_object(Bucket=bucket, Key=key)["Body"].read()
            assert each["sha256"] == hashlib.sha256(body).hexdigest()
            assert key.endswith(f"r{each['revision']:06d}.jsonl.gz")
            (first, *_) = gzip.decompress(body).splitlines()
            assert asked(stack, each["call"])["results"] == json.loads(first)["results"]
            assert each["run"].split("/")[:3:2] == ["stocks", f"land.{name}"]


def test_the_runs_are_those_that_did_it(anthill: Any, held: Any, ticker: str, stack: Stack) -> None:
    """What the workspace says of each run: its job, and that the load lies between its start and its end."""
    found = told(anthill("--json", "trace", TABLE, ticker, DAY)[0])
    (bars,) = [each for each in found["below"] if each["table"] == "silver.stocks_grouped_daily"]
    done = {each["job"]: (each, bars["load"]["loaded_at"]) for each in bars["runs"] if each["job"] == "silver"}
    done["gold"] = (found["run"], found["sql"]["computed_at"])
    assert set(done) == {"silver", "gold"}
    for job, (run, at) in done.items():
        url = f"{stack.addresses.databricks}/api/2.1/jobs/runs/get?run_id={run['page'].rpartition('/')[2]}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {connections.TOKEN}"})
        with urllib.request.urlopen(request) as answer:
            known = json.load(answer)
        assert known["run_name"].endswith(job)
        assert known["start_time"] <= dt.datetime.fromisoformat(at).timestamp() * 1000 <= known["end_time"]


def test_bytes_that_are_not_those_of_the_load_are_told(anthill: Any, held: Any, ticker: str, stack: Stack) -> None:
    """An object that somebody replaced, with a digest that fits its new bytes, is not what silver was loaded from."""
    uri = held("silver.stocks_grouped_daily").filter(pl.col("market_date") == dt.date.fromisoformat(DAY))["source_uri"][
        0
    ]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    s3 = stack.s3(lake.FAULT_KEY)
    was = s3.get_object(Bucket=bucket, Key=key)
    body, metadata = was["Body"].read(), was["Metadata"]
    other = gzip.compress(gzip.decompress(body) + b"\n")

    def put(data: bytes) -> None:
        known = {**metadata, "sha256": hashlib.sha256(data).hexdigest()}
        s3.put_object(Bucket=bucket, Key=key, Body=data, Metadata=known, ChecksumAlgorithm="SHA256")

    put(other)
    try:
        said, code = anthill("trace", TABLE, ticker, DAY)
    finally:
        put(body)
    assert code == 1
    assert "stocks.grouped_daily: silver was loaded from other bytes" in said
    assert anthill("trace", TABLE, ticker, DAY)[1] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gold.stocks_daily_return", "AAPL", DAY), "did you mean 'gold.stocks_daily_returns'?"),
        (("silver.stocks_splits", "AAPL", DAY), "silver.stocks_splits is below gold"),
        (("gold.fact_daily_price", "AAPL", DAY), "put together from the tables of all asset classes"),
        (("gold.stocks_session_stats", "AAPL", DAY), "is called gold.stocks_intraday_stats now"),
        ((TABLE, "aapl", DAY), "has no ticker 'aapl' on 2026-06-15; did you mean 'AAPL'?"),
        ((TABLE, "AAPL", "2026-06-14"), "2026-06-14 is no market day of stocks (XNYS); did you mean 2026-06-12?"),
        ((TABLE, "AAPL", "15.6.2026"), "'15.6.2026' is no day, write YYYY-MM-DD"),
        ((TABLE, DAY), "ask gold.stocks_daily_returns <ticker> <day>"),
        (("gold.stocks_market_summary", "AAPL", DAY), "ask gold.stocks_market_summary 2026-06-15"),
    ],
)
def test_what_cannot_be_traced_is_a_sentence(anthill: Any, arguments: tuple[str, ...], said: str) -> None:
    """With what was meant."""
    message, code = anthill("trace", *arguments)
    assert code == 1
    assert said in message


def test_it_names_the_warehouse_and_asks_little(
    anthill: Any, ticker: str, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whom it waits for; what takes the time is statements, of which two seconds have room for ten."""
    statements: list[str] = []
    stream = Warehouse.stream

    def counted(self: Warehouse, statement: str, **values: str) -> Any:
        statements.append(statement)
        return stream(self, statement, **values)

    monkeypatch.setattr(Warehouse, "stream", counted)
    said, code = anthill("trace", TABLE, ticker, DAY)
    assert code == 0
    assert said.startswith(f"Asking the warehouse local of {stack.addresses.databricks}")
    assert f"{TABLE} {ticker} {DAY}" in said
    assert "read and the same" in said
    assert 7 <= len(statements) <= 10


def test_the_page_behind_a_cell_shows_no_values(web: TestClient, ticker: str) -> None:
    """Airflow's connection reads what its viewers may not: the page says how many rows there are, and no values."""
    answer = web.get(
        "/anthill/api/trace",
        params={"table": TABLE, "ticker": ticker, "day": DAY},
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["rows"], found["row_count"], found["problems"]) == ([], 1, [])
    assert {len(each["rows"]) for each in found["below"]} == {0}
    assert {each["table"] for each in found["below"]} == BELOW
    (bars,) = [each for each in found["below"] if each["table"] == "silver.stocks_grouped_daily"]
    assert [each["broken"] for each in bars["objects"]] == [""]
