"""The stack that is disturbed: stand-ins with their faults, S3 behind a proxy, and an honest API to compare with."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import polars as pl
import requests
import yaml
from deltalake.exceptions import TableNotFoundError

from anthill.warehouse.warehouse import Warehouse
from anthill.warehouse.workspace import Workspace
from local import connections, lake, patience
from local.stack import DATA_PARTS, Options, Stack
from tests.chaos.faults import Night
from tests.local.databricks.workspace import let_the_pipeline_ask
from tests.local.polygon.serving import KEY, Server, serving
from tests.plugins.anthill.landing.s3_faults import S3Proxy

MARKET = ("--stocks", "60", "--otc", "0", "--underlyings", "1", "--late-trades", "--clock", "18:00", "--no-limits")


class World:
    """Everything outside of the tasks; `today` is the day that its API lives on."""

    def __init__(self, home: Path, today: dt.date) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.today = today
        self._faults = {"polygon": home / "polygon.json", "databricks": home / "databricks.yaml"}
        for path in self._faults.values():
            path.write_text("[]")
        polygon = (*MARKET, "--faults", str(self._faults["polygon"]))
        databricks = ("--faults", str(self._faults["databricks"]))
        self.stack = Stack(Options(home / "stack", today=str(today), polygon=polygon, databricks=databricks))
        self.served: dict[str, str] = {}  # connections to sources beside the market, as variables
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as opening:
            opening.enter_context(self.stack.lock())
            opening.callback(self.stack.stop)
            self.stack.start(DATA_PARTS)
            self.proxy = opening.enter_context(S3Proxy(self.stack.addresses.s3))
            options = (*MARKET, "--today", str(self.today), "--keys", f"{KEY},{connections.POLYGON_KEY}")
            self.honest: Server = opening.enter_context(serving(self.home, *options))
            self._open = opening.pop_all()
        return self

    def __exit__(self, *exc: Any) -> None:
        self._open.__exit__(*exc)

    @property
    def environment(self) -> dict[str, str]:
        """What a task's process needs to know: its S3 is the proxy."""
        return {
            **connections.environment(self.stack.addresses),
            **self.served,
            "AWS_ENDPOINT_URL": self.proxy.url,
            "AIRFLOW__ANTHILL__JOB_POLL_SECONDS": "1",
        }

    def move(self, today: dt.date) -> None:
        """Both APIs live on another day."""
        self.today = today
        for api in (self.stack.addresses.polygon, self.honest.base):
            body = json.dumps({"today": str(today), "time": "18:00"}).encode()
            urllib.request.urlopen(urllib.request.Request(f"{api}/_clock", body, method="POST")).close()

    def disturb(self, night: Night) -> None:
        """Let a night's faults loose."""
        self._faults["polygon"].write_text(json.dumps(night.api()))
        self._faults["databricks"].write_text(yaml.safe_dump(night.workspace()))
        self.proxy.choose = night.s3()

    def refuse_to_start(self) -> None:
        """The workspace starts no run, as for a user without the right to."""
        refused = {"path": "run-now$", "status": 403, "error_code": "PERMISSION_DENIED", "times": 1000}
        self._faults["databricks"].write_text(yaml.safe_dump([refused]))

    def contents(self, schema: str, table: str) -> dict[dt.date, int]:
        """What a table of prices holds of each market day, as a number that differs where a row does."""
        found: dict[dt.date, int] = {}
        try:
            rows = pl.read_delta(f"{lake.SCHEMAS[schema]}/{table}", storage_options=self.storage)
        except TableNotFoundError:
            return found
        columns = ("ticker", "open", "high", "low", "close", "volume")
        for (day,), some in rows.select("market_date", *columns).group_by("market_date"):
            found[day] = hash(tuple(some.select(columns).sort(columns).rows()))
        return found

    @property
    def storage(self) -> dict[str, str]:
        """What delta-rs needs to know to read the lake past all faults."""
        return {
            "AWS_ENDPOINT_URL": self.stack.addresses.s3,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": lake.KEY,
            "AWS_SECRET_ACCESS_KEY": lake.KEY,
            "AWS_REGION": lake.REGION,
        }

    def calm(self) -> None:
        """No more faults."""
        for path in self._faults.values():
            path.write_text("[]")
        self.proxy.choose = lambda method, path, headers: None

    def warehouse(self) -> Warehouse:
        """The tables as their owner reads them: nights of which no grant was applied are judged, too."""
        let_the_pipeline_ask(self.stack.addresses.databricks)
        workspace = Workspace(self.stack.addresses.databricks, connections.TOKEN, patience.STANDSTILL)
        return Warehouse(workspace, lake.CATALOG, "local")

    def cancel_runs(self) -> int:
        """Cancel whatever the workspace runs, as somebody may by hand; how many runs that were."""
        base = f"{self.stack.addresses.databricks}/api/2.2/jobs/runs"
        headers = {"Authorization": f"Bearer {connections.TOKEN}"}
        listed = requests.get(f"{base}/list", params={"active_only": "true"}, headers=headers)
        runs = listed.json().get("runs", []) if listed.ok else []
        for run in runs:
            requests.post(f"{base}/cancel", json={"run_id": run["run_id"]}, headers=headers)
        return len(runs)

    def objects(self, bucket: str = lake.BRONZE) -> Iterator[str]:
        """Every key of a bucket."""
        for page in self.stack.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket):
            yield from (entry["Key"] for entry in page.get("Contents", []))
