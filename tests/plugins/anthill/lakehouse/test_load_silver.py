"""The task that loads silver: it is given the newest commits, and what cannot be read keeps only itself out."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, TaskDeferred

from anthill import catalog
from anthill.bronze.commits import Place
from anthill.coverage.reader import Reader
from anthill.lakehouse.load_silver import LoadSilver
from anthill.ledger.documents import Documents
from tests.local.databricks.workspace import Workspace
from tests.plugins.anthill.aws import aws_connection
from tests.plugins.anthill.lakehouse.job_runs import (
    DAY,
    PARAMETERS,
    SECONDS,
    Instance,
    connection,
    context,
    event_of,
    workspace,
)
from tests.plugins.anthill.landing.s3 import s3_at
from tests.plugins.anthill.landing.s3_faults import Fault, S3Proxy

__all__ = ["connection", "workspace"]


def test_silver_without_its_bucket_fails_for_good(monkeypatch: pytest.MonkeyPatch, s3_url: str) -> None:
    """The bucket is named with what to do, and no run is submitted."""
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(s3_url))
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", "no-such-bucket")
    monkeypatch.setenv("AIRFLOW__ANTHILL__DOCUMENTS_BUCKET", "no-such-bucket")
    silver = LoadSilver(task_id="silver", asset_class="stocks", datasets=["splits"])
    with pytest.raises(AirflowFailException, match=r"s3://no-such-bucket/polygon/.*NoSuchBucket.*Create the bucket"):
        silver.execute(context(Instance("silver")))


def test_silver_is_given_the_newest_commits(monkeypatch: pytest.MonkeyPatch, s3_url: str) -> None:
    """Of its datasets and market days, as a list on S3; the coverage index is told what it did not know of them."""
    s3, bucket = s3_at(s3_url), "bronze-of-silver"
    s3.create_bucket(Bucket=bucket)
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(s3_url))
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
    monkeypatch.setenv("AIRFLOW__ANTHILL__DOCUMENTS_BUCKET", bucket)
    silver = LoadSilver(task_id="silver", asset_class="stocks", datasets=["splits", "dividends"])
    with pytest.raises(AirflowSkipException, match="bronze has nothing of stocks from 2026-06-02 to 2026-06-02: land"):
        silver.parameters(context(Instance("manual")))
    day, other = dt.date(2026, 6, 2), dt.date(2026, 6, 3)
    for dataset, landed, revision in (
        ("splits", day, 1), ("splits", day, 2), ("dividends", day, 1), ("ratios", day, 1), ("splits", other, 1)
    ):  # fmt: skip
        sha256 = hashlib.sha256(b"x").hexdigest()
        told = {"rows": revision, "pages": 1, "sha256": sha256, "digest": "d", "asof": f"{landed}T22:00:00+00:00"}
        metadata = {name: str(value) for name, value in {**told, "run": "stocks/r/land/1"}.items()}
        key = Place("polygon", "stocks", dataset, str(landed)).key(revision)
        s3.put_object(Bucket=bucket, Key=key, Body=b"x", Metadata=metadata, ChecksumAlgorithm="SHA256")
    asked = silver.parameters(context(Instance("manual")))
    manifest = asked.pop("manifest").removeprefix(f"s3://{bucket}/")
    days = {"market_date_from": "2026-06-02", "market_date_to": "2026-06-02"}
    assert asked == {"catalog": "dev", "asset_class": "stocks", **days}
    commits = json.loads(s3.get_object(Bucket=bucket, Key=manifest)["Body"].read())
    assert sorted((c["dataset"], c["market_date"], c["revision"], c["rows"]) for c in commits) == [
        ("dividends", "2026-06-02", 1, 1),
        ("splits", "2026-06-02", 2, 2),
    ]
    entries = Reader(Documents(s3, bucket), bucket).entries("stocks", catalog.load("stocks").datasets, [2026])
    known = {name: {at: entry.rows for at, entry in found.items()} for name, found in entries.items() if found}
    assert known == {"splits": {str(day): 2}, "dividends": {str(day): 1}}


LOADED = DAY.replace('"day": first', '"datasets": {}, "manifest": dbutils.widgets.get("manifest")')


@pytest.mark.parametrize("waited", [True, False], ids=["waited for", "over at once"])
def test_what_cannot_be_read_keeps_only_itself_out_of_the_load(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, s3_url: str, waited: bool
) -> None:
    """A changed object, one that S3 does not tell of, half a day: the rest is loaded, and the task is red, in words."""
    s3, bucket, day = s3_at(s3_url), f"bronze-left-out-{waited}".lower(), dt.date(2026, 6, 2)
    s3.create_bucket(Bucket=bucket)
    sha256, changed = (hashlib.sha256(body).hexdigest() for body in (b"x", b"y"))
    for dataset, shard, known in (
        ("splits", "", sha256), ("dividends", "", changed), ("ratios", "", sha256), ("tickers", "active", sha256)
    ):  # fmt: skip
        told = {"rows": 1, "pages": 1, "sha256": known, "digest": "d", "asof": f"{day}T22:00:00+00:00", "run": "r"}
        s3.put_object(
            Bucket=bucket,
            Key=Place("polygon", "stocks", dataset, str(day), shard).key(1),
            Body=b"x",
            Metadata={name: str(value) for name, value in told.items()},
            ChecksumAlgorithm="SHA256",
        )
    denied = Fault(403, "")
    prefix = f"{'waited' if waited else 'over'}-"
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
    monkeypatch.setenv("AIRFLOW__ANTHILL__DOCUMENTS_BUCKET", bucket)
    monkeypatch.setenv("AIRFLOW__ANTHILL__JOB_PREFIX", prefix)
    path = workspace.notebook(f"{prefix}silver", *([SECONDS.format(1)] if waited else []), LOADED)
    workspace.job(f"{prefix}anthill-silver", path, parameters=[*PARAMETERS, {"name": "manifest", "default": ""}])
    instance = Instance("left out")

    def silver() -> LoadSilver:
        names = ["splits", "dividends", "ratios", "tickers"]
        return LoadSilver(task_id="probe", asset_class="stocks", datasets=names, databricks_retry_delay=0.1)

    with S3Proxy(s3_url) as proxy:
        proxy.choose = lambda method, path, _: denied if method == "HEAD" and "/ratios/" in path else None
        monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(proxy.url))
        with pytest.raises(TaskDeferred) as deferred:
            silver().execute(context(instance))
        run_id = instance.xcoms["run_id"]
        workspace.wait(run_id)
        event = event_of(deferred.value.trigger)
        # Handed out again, its run is over when it is submitted.
        again = (lambda task: task.execute_complete(context(instance), event)) if waited else None
        with pytest.raises(AirflowFailException) as caught:
            again(silver()) if again else silver().execute(context(instance))
    head, *lines = str(caught.value).splitlines()
    assert head == "The rest is loaded. Left out:"
    assert [line.split(": ")[0] for line in lines] == [
        f"stocks.{name} of {day}" for name in ("dividends", "ratios", "tickers")
    ]
    assert all(said in line for said, line in zip(("was changed", "AccessDenied", "shards"), lines, strict=True))
    result = json.loads(workspace.output(workspace.run(run_id))["notebook_output"]["result"])
    key = result["manifest"].removeprefix(f"s3://{bucket}/")
    assert [line["dataset"] for line in json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())] == ["splits"]
    (told,) = Reader(Documents(s3, bucket), bucket).jobs("stocks", dt.datetime(2020, 1, 1, tzinfo=dt.UTC)).values()
    assert (told.ok, told.message) == (True, "")
