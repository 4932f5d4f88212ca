"""The notebooks: widgets in, one call, JSON out, over objects and tables on S3."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).parents[4]
SERVER = """
import threading
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print("http://%s:%s" % server.get_host_and_port(), flush=True)
threading.Event().wait()
"""
NOTEBOOKS = sorted((ROOT / "databricks" / "notebooks").glob("*.py"))


class Exit(Exception):  # noqa: N818 - ends a notebook, as dbutils.notebook.exit does
    """What a notebook returned."""


class Dbutils:
    """Widgets and exit, as a notebook's host gives them."""

    def __init__(self, parameters: dict[str, str]) -> None:
        self.parameters = parameters
        self.widgets = self.notebook = self

    def text(self, name: str, default: str) -> None:
        """Declare a widget."""
        self.parameters.setdefault(name, default)

    def get(self, name: str) -> str:
        """The value of a widget."""
        return self.parameters[name]

    def exit(self, value: str) -> None:
        """End the notebook with a value."""
        raise Exit(value)


def run(notebook: str, spark: Any, **parameters: str) -> dict[str, Any]:
    """Run a notebook's source and return what it exits with."""
    file = ROOT / "databricks" / "notebooks" / f"{notebook}.py"
    with pytest.raises(Exit) as ended:
        exec(compile(file.read_text(), str(file), "exec"), {"spark": spark, "dbutils": Dbutils(parameters)})
    result: dict[str, Any] = json.loads(str(ended.value))
    return result


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_is_one_call(file: Path) -> None:
    """It has the first line that Databricks looks for, cells, and no logic of its own."""
    text = file.read_text()
    assert text.startswith("# Databricks notebook source\n")
    assert text.count("# COMMAND ----------") == 3
    assert text.count(f"{file.stem}.run(spark, **parameters)") == 1
    assert "def " not in text


def test_there_is_one_for_each_step() -> None:
    """Silver to gold, the same as of a moment, what is erased, metrics, forecasts, and a deployment's trial."""
    steps = ["as_of", "erasure", "gold", "metrics", "models", "quality", "reconcile", "silver", "smoke"]
    assert [file.stem for file in NOTEBOOKS] == steps


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket on a real S3 server, which Sail finds by the environment.

    A process of its own: delta-rs waits for some answers without letting go of the interpreter.
    """
    command = [sys.executable, "-c", SERVER]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout
    endpoint = server.stdout.readline().strip()
    environment = {"AWS_ENDPOINT": endpoint, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}
    for name, value in (environment | {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}).items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=environment["AWS_ENDPOINT"], region_name="us-east-1")
    client.create_bucket(Bucket="lake")
    yield client
    server.kill()
    server.wait()


@pytest.mark.long
def test_the_three_steps_over_s3(bucket: Any, tmp_path: Path) -> None:
    """Objects on S3 become silver, pass their checks and become gold on S3, by the notebooks alone."""
    import datetime as dt

    from anthill import catalog, fingerprint
    from anthill.lakehouse import smoke
    from anthill.lakehouse.smoke import SmokeError
    from local.databricks import delta_sql
    from tests.plugins.anthill.lakehouse.lake import Lake, sail

    with sail() as remote, closing(Lake(remote, tmp_path, asset_class="indices")) as lake:
        for schema in ("silver", "gold", "quality"):
            lake.spark.sql(f"DROP SCHEMA dev.{schema}")
            lake.spark.sql(f"CREATE SCHEMA dev.{schema} LOCATION 's3://lake/{schema}'")
            delta_sql.add_to(lake.spark, {schema: f"s3://lake/{schema}"})
        day, listed = dt.date(2024, 1, 3), catalog.load("indices").lists["index"]
        values = [{"ticker": ticker, "results": [{"o": 9, "h": 11, "l": 8, "c": 10}]} for ticker in listed]
        lake.put_bodies("daily_bars", day, values, len(values), asof=f"{day}T22:00:00+00:00")
        lake.put("tickers", day, [{"ticker": ticker, "active": True} for ticker in listed])
        commits = []
        for commit in lake.commits.values():
            body = Path(commit["uri"].removeprefix("file://")).read_bytes()
            bucket.put_object(Bucket="lake", Key=commit["key"], Body=body)
            commits.append(commit | {"uri": f"s3://lake/{commit['key']}"})
        asked = {"catalog": "dev", "asset_class": "indices", "market_date_from": str(day), "market_date_to": str(day)}
        bucket.put_object(Bucket="lake", Key="manifest.json", Body=json.dumps(commits).encode())
        silver = run("silver", lake.spark, **asked, manifest="s3://lake/manifest.json")
        assert silver["datasets"]["daily_bars"]["silver_rows"] == len(listed)
        assert run("quality", lake.spark, **asked, datasets="daily_bars,tickers")["warnings"] == []
        assert run("gold", lake.spark, **asked)["tables"]["daily_prices"]["rows"] == len(listed)
        assert lake.table("gold.indices_market_summary")["tickers"].to_list() == [len(listed)]
        keys = [item["Key"] for item in bucket.list_objects_v2(Bucket="lake", Prefix="gold/")["Contents"]]
        assert any(key.startswith("gold/indices_daily_prices/_delta_log/") for key in keys)
        own = fingerprint.digest()
        tried = run("smoke", lake.spark, catalog="dev", digest=own)
        assert tried["digest"] == own
        assert tried["datasets"] == sum(len(catalog.load(name).datasets) for name in catalog.asset_classes()) > 20
        assert tried["sql"] == len(list((ROOT / "include" / "sql").rglob("*.sql")))
        assert all(count > 0 for count in tried["tables"].values())
        lake.spark.sql("DROP SCHEMA dev.gold CASCADE")
        with pytest.raises(SmokeError, match=r"1 things are wrong in dev: schema dev\.gold: .*apply the stack catalog"):
            smoke.run(lake.spark, catalog="dev")
        with pytest.raises(SmokeError, match=rf"2 things .*digest {own[:12]}, and 0a0a0a0a0a0a was deployed: .*again"):
            smoke.run(lake.spark, catalog="dev", digest="0a" * 32)
