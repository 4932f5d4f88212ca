"""A depot that takes files, its bucket with versions, and whoever looks at it."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import textwrap
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from anthill import catalog
from anthill.drops.operators import LandDrops
from anthill.lakehouse import statements
from tests.plugins.anthill.aws import aws_connection
from tests.plugins.anthill.landing.conftest import bucket, s3, s3_url

__all__ = ["bucket", "s3", "s3_url"]

ROOT = Path(__file__).parents[4]
PAGE = ROOT / "docs" / "how-to" / "add-a-file.md"


def block(language: str, number: int = 0) -> str:
    """A block of the page "Add a file", as it stands there."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return textwrap.dedent(found[number][1])


class Depot:
    """The bucket as a person sees it, and a run's landing."""

    def __init__(self, s3: Any, bucket: str, bronze: str) -> None:
        self.s3, self.bucket, self.bronze = s3, bucket, bronze

    def drop(self, body: bytes | str, name: str = "june.csv", folder: str = "input/depot/stock/") -> str:
        """Put a file; its version."""
        content = body.encode() if isinstance(body, str) else body
        return str(self.s3.put_object(Bucket=self.bucket, Key=f"{folder}{name}", Body=content)["VersionId"])

    def land(self) -> dict[str, Any]:
        """Run the task; nothing where it is skipped."""
        task = LandDrops(task_id="land", asset_classes=["depot"])
        known = {"dag_id": "drop_zone", "run_id": "r", "task_id": "land", "id": "1", "map_index": -1}
        try:
            return task.execute({"ti": SimpleNamespace(**known)})
        except AirflowSkipException:
            return {}

    def taken(self) -> list[str]:
        """The files that a landing takes, by their names."""
        return [Path(each["dropped"]["key"]).name for each in self.land().get("depot", [])]

    def answers(self) -> list[dict[str, Any]]:
        """All answers, in the order of their keys."""
        keys = [key for key in self.keys("output/") if key.endswith("/answer.json")]
        return [json.loads(self.read(key)) for key in keys]

    def said(self) -> dict[str, str]:
        """What each answer says of its file."""
        return {each["file"]: f"{each['outcome']}: {each['why']}" for each in self.answers()}

    def keys(self, prefix: str = "") -> list[str]:
        """What lies in the bucket."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def read(self, key: str) -> bytes:
        """An object of it."""
        return bytes(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def commits(self) -> list[str]:
        """Bronze's keys, without the day."""
        listed = self.s3.list_objects_v2(Bucket=self.bronze, Prefix="drop/depot/stock/").get("Contents", [])
        return [each["Key"].removeprefix(f"drop/depot/stock/date={dt.datetime.now(dt.UTC).date()}/") for each in listed]


@pytest.fixture
def included(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The declarations, with the depot's among them as the page has it."""
    there = tmp_path / "include"
    shutil.copytree(ROOT / "include", there)
    (there / "datasets" / "depot.yaml").write_text(block("yaml"))
    (there / "sql" / "silver" / "depot").mkdir()
    (there / "sql" / "silver" / "depot" / "stock.sql").write_text(block("sql"))
    for module in (catalog, statements):
        monkeypatch.setattr(module, "include_dir", lambda: there)
    return there


@pytest.fixture
def depot(s3: Any, s3_url: str, bucket: str, included: Path, monkeypatch: pytest.MonkeyPatch) -> Depot:
    """An empty one."""
    name = f"drop-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(s3_url))
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
    monkeypatch.setenv("AIRFLOW__ANTHILL__DROP_BUCKET", name)
    return Depot(s3, name, bucket)
