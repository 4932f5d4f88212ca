"""`anthill export`: tables and views as files, or one sentence with the next step."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import Result
from typer.testing import CliRunner

from anthill.cli.main import app
from tests.local.databricks.workspace import TOKEN, Workspace
from tests.plugins.anthill.landing.conftest import bucket, s3, s3_url
from tests.plugins.anthill.warehouse.test_service import Service
from tests.scripted_server import ScriptedServer, http

__all__ = ["bucket", "s3", "s3_url"]
Export = Callable[..., Result]
PRICES = "gold.stocks_daily_prices"
BOTH = ("--from", "2026-06-30", "--to", "2026-07-01")


@pytest.fixture
def export(gold_workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Export:
    """`anthill export` in an empty folder, with that workspace in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("DATABRICKS_", "ANTHILL_"))]:
        monkeypatch.delenv(name)
    told = {"DATABRICKS_HOST": gold_workspace.url, "DATABRICKS_TOKEN": TOKEN, "DATABRICKS_WAREHOUSE_ID": "local"}

    for name, value in told.items():
        monkeypatch.setenv(name, value)

    def export(*arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(app, ["export", *arguments], env=environment)

    return export


def test_a_view_and_its_days_as_parquet(export: Export, tmp_path: Path) -> None:
    """The rows of these days, under the table's own name; the answer for scripts says the same."""
    assert export(PRICES, *BOTH).exit_code == 0
    found = pq.read_table(tmp_path / "stocks_daily_prices.parquet").sort_by("seen_at")
    assert found["adj_close"].to_pylist() == [number / 3 / 2 for number in range(8)]
    assert found.schema.field("seen_at").type.tz == "UTC"
    assert found["bar"][7].as_py() == {"Open": 1.0, "tags": ["a", "7"]}
    done = CliRunner().invoke(app, ["--json", "export", "stocks.daily_prices", "--columns", "ticker", "--out", "t.csv"])
    assert json.loads(done.stdout) == {"out": "t.csv", "rows": 12, "table": PRICES, "notes": []}
    assert (tmp_path / "t.csv").read_text().splitlines()[0] == '"ticker"'


def test_into_a_bucket(export: Export, s3: object, s3_url: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one object."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "k")
    done = export("dim_instrument", "--out", f"s3://{bucket}/t.xlsx")
    assert done.exit_code == 0, done.exception
    body = s3.get_object(Bucket=bucket, Key="t.xlsx")["Body"].read()  # type: ignore[attr-defined]
    assert body.startswith(b"PK")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gold.stocks_daily_price",), "did you mean gold.stocks_daily_prices"),
        ((PRICES, "--columns", "ticker,adj_clos"), "did you mean `adj_close`? `tables` lists"),
        ((PRICES, "--columns", "open"), "there is no column `open` in gold.stocks_daily_prices. `tables` lists"),
        ((PRICES, "--from", "2026-06-30", "--to", "2026-07-02"),
         "has not 2026-07-02: held back, for grouped_daily.rows_are_many is broken"),
        ((PRICES, "--from", "2026-06-29", "--to", "2026-07-01"), "has not 2026-06-29: not loaded yet"),
        (("gold.dim_instrument", *BOTH), "is not kept by market day: leave --from and --to out"),
        (("gold.stocks_daily_prices; DROP",), "is no name of a table"),
        ((PRICES, "--out", "no/t.csv"), "there is no folder"),
    ],
)  # fmt: skip
def test_what_cannot_be_exported_is_told(export: Export, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """In one sentence with the next step, and there is no file."""
    done = export(*arguments)
    assert done.exit_code == 1
    assert said in str(done.exception)
    assert "\n" not in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_days_the_wrong_way_round_are_told(export: Export, tmp_path: Path) -> None:
    """As a wrong option is, before anything is asked; there is no file."""
    done = export(PRICES, "--from", "2026-07-01", "--to", "2026-06-30")
    assert done.exit_code == 2
    assert "--from 2026-07-01 is after --to 2026-06-30" in " ".join(done.output.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


def test_days_that_are_not_there_may_be_left_out(export: Export) -> None:
    """Where that is said."""
    assert export(PRICES, "--from", "2026-06-30", "--to", "2026-07-03", "--gaps").exit_code == 0


def test_a_reader_who_may_not_know_which_days_are_there(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has the file, and is told that nobody looked."""
    service = Service()
    columns = {"columns": [{"name": "n"}, {"name": "market_date"}]}
    denied = {"state": "FAILED", "error": {"message": "[INSUFFICIENT_PERMISSIONS] no SELECT on quality.published"}}
    service.first = {
        "/api/2.1/unity-catalog/tables/dev.gold.stocks_news": [http(json.dumps(columns).encode())],
        "/api/2.0/sql/statements": [http(json.dumps({"statement_id": "s", "status": denied}).encode())],
    }
    with ScriptedServer(service) as server:
        service.url = server.url
        done = export("stocks.news", *BOTH, "--out", "t.json", DATABRICKS_HOST=server.url)
    assert done.exit_code == 0, done.exception
    assert "6 rows of gold.stocks_news" in done.output
    assert "could not be checked: [INSUFFICIENT_PERMISSIONS]" in done.output


def test_nobody_to_ask(export: Export) -> None:
    """The variables to set."""
    assert "set DATABRICKS_HOST" in str(export(PRICES, DATABRICKS_TOKEN="").exception)
