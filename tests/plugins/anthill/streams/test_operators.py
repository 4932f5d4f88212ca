"""Gaps are listed whatever REST does; what it was not asked for in half an hour is told, once a gap."""

from __future__ import annotations

import datetime as dt
import json
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowSkipException

from anthill import catalog
from anthill.ledger.documents import Documents
from anthill.sources.polygon_stream.declaration import StreamDataset
from anthill.streams import listed
from anthill.streams.gaps import UNKNOWN_END
from anthill.streams.listed import Listed
from anthill.streams.operators import FillGaps
from tests.plugins.anthill.alerts.conftest import Read, bucket, s3, s3_url, topic
from tests.scripted_server import Asked, Reply, ScriptedServer, error, page

__all__ = ["bucket", "s3", "s3_url", "topic"]

DAY = dt.date(2026, 6, 16)
STREAM = catalog.load("crypto").streams["minute_stream"]
KEY = "not-a-real-key-of-gaps"  # pragma: allowlist secret


class Api:
    """A REST API that tells the time, and gives bars or refuses the key."""

    def __init__(self) -> None:
        self.now = f"{DAY}T12:20:00Z"
        self.refuses = True
        self.asked: list[str] = []

    def answer(self, asked: Asked) -> Reply:
        """One answer."""
        if self.refuses:
            return error(401, {"status": "ERROR", "error": "Unknown API Key"})
        if asked.path.startswith("/v1/marketstatus"):
            return page({"serverTime": self.now, "market": "open"})
        self.asked.append(asked.path)
        return page({"status": "OK", "results": [], "resultsCount": 0})


class Gaps:
    """The task over a bucket of segments."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3, self._bucket = s3, bucket
        assert isinstance(STREAM, StreamDataset)
        self.put("_subscriptions/all.json", json.dumps(STREAM.subscriptions).encode())

    def put(self, key: str, body: bytes, **told: str) -> None:
        """An object below the stream's asset class."""
        self._s3.put_object(Bucket=self._bucket, Key=f"polygon_stream/crypto/{key}", Body=body, Metadata=told)

    def record(self, began: str, over: str, ended: str, day: dt.date = DAY) -> None:
        """A segment of a day in which nothing came."""
        moments = {name: f"{day}T{clock}+00:00" for name, clock in (("began", began), ("over", over), ("heard", over))}
        name = f"T{began.replace(':', '')}Z-one"
        told = {**moments, "connection": began, "subscribed": "all", "ended": ended}
        self.put(f"minute_stream/date={day}/{name}/r000001.jsonl.gz", b"", **told)

    def look(self, day: dt.date | None = DAY) -> dict[str, Any]:
        """What the task returns."""
        context: Any = {
            "ti": SimpleNamespace(dag_id="crypto_stream", run_id="r", task_id="gaps", id="1", map_index=-1),
            "dag_run": SimpleNamespace(dag_id="crypto_stream", run_id="r"),
            "params": {"market_date": str(day)} if day else {},
        }
        return FillGaps(task_id="gaps", asset_class="crypto", stream="minute_stream").execute(context)

    def listed(self, day: dt.date = DAY) -> Listed:
        """The list as it is kept."""
        return Documents(self._s3, self._bucket).read(listed.key(STREAM, day), Listed)[0]


@pytest.fixture
def api(topic: tuple[str, Read], bucket: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The API, and an environment whose messages go to a topic."""
    scripted = Api()
    with ScriptedServer(scripted.answer) as server:
        connection = {"conn_type": "polygon", "host": server.url, "password": KEY, "extra": {"plan": "advanced"}}
        monkeypatch.setenv("AIRFLOW_CONN_POLYGON_DEFAULT", json.dumps(connection))
        monkeypatch.setenv("AIRFLOW__ANTHILL__ALERT_TOPIC_ARN", topic[0])
        monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
        monkeypatch.setenv("AIRFLOW__ANTHILL__DOCUMENTS_BUCKET", bucket)
        yield scripted


def test_a_gap_that_rest_does_not_fill_is_told_once(
    api: Api, s3: Any, bucket: str, topic: tuple[str, Read], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an hour after its beginning, by name, times and cause; the next one has a message of its own."""
    task, (_, messages) = Gaps(s3, bucket), topic
    task.record("00:00:00", "12:00:00", "rotation")
    task.record("12:02:00", "12:10:00", "killed")

    def fails(now: str) -> list[dict[str, Any]]:
        monkeypatch.setenv("AIRFLOW__ANTHILL__CLOCK", f"{DAY}T{now}+00:00")
        with pytest.raises(AirflowException, match="Unknown API Key"):
            task.look()
        return messages()

    assert fails("12:29:59") == []
    assert [gap.cause for gap in task.listed().gaps] == [UNKNOWN_END, "killed"]
    (first,) = fails("12:30:00")
    assert first["Message"].startswith(
        "crypto, market day 2026-06-16: nobody heard crypto.minute_stream from 12:00:00 to 12:02:00 UTC: "
        f"{UNKNOWN_END}\n"
    )
    assert "docs/runbook.md#gap" in first["Message"]
    assert first["MessageAttributes"]["severity"]["Value"] == "alert"
    (second,) = fails("12:46:00")
    assert "from 12:10:00 to 12:40:00 UTC: killed" in second["Message"]
    assert "12:02:00" not in second["Message"]
    assert fails("13:15:00") == []
    assert KEY not in first["Message"] + second["Message"]


def test_several_at_once_are_one_message(
    api: Api, s3: Any, bucket: str, topic: tuple[str, Read], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a line each."""
    task, (_, messages) = Gaps(s3, bucket), topic
    task.record("00:00:00", "12:00:00", "rotation")
    task.record("12:02:00", "12:10:00", "killed")
    monkeypatch.setenv("AIRFLOW__ANTHILL__CLOCK", f"{DAY}T14:00:00+00:00")
    with pytest.raises(AirflowException):
        task.look()
    (only,) = messages()
    assert "in 2 gaps that REST was not asked for" in only["Message"]
    assert f"\n- crypto.minute_stream, 12:00:00 to 12:02:00 UTC: {UNKNOWN_END}\n" in only["Message"]


def test_a_gap_that_is_filled_is_not_told(api: Api, s3: Any, bucket: str, topic: tuple[str, Read]) -> None:
    """However old it is; its minutes are noted as asked for."""
    task, (_, messages) = Gaps(s3, bucket), topic
    task.record("00:00:00", "12:00:00", "rotation")
    task.record("12:02:00", "23:00:00", "rotation")
    api.refuses, api.now = False, f"{DAY}T20:00:00Z"
    told = task.look()[str(DAY)]
    assert told["gaps"] == [f"12:00:00 to 12:02:00 UTC: {UNKNOWN_END}"]
    assert [span.shard for span in task.listed().asked] == told["asked"] == ["rest-20260616T1159Z-20260616T1203Z"]
    assert messages() == []


def test_a_recorder_that_did_not_come_back_leaves_a_gap(
    api: Api, s3: Any, bucket: str, topic: tuple[str, Read]
) -> None:
    """The day after one that was recorded is listed whole, once there is one; days before the first are not."""
    task, (_, messages) = Gaps(s3, bucket), topic
    api.refuses, api.now = False, f"{DAY}T20:00:00Z"
    with pytest.raises(AirflowSkipException):
        task.look(day=None)
    task.record("00:00:00", "23:59:00", "stopped", DAY - dt.timedelta(days=1))
    told = task.look(day=None)
    assert told[str(DAY)]["gaps"] == ["00:00:00 to 19:54:00 UTC: nobody recorded before"]
    assert told[str(DAY)]["segments"] == 0
    assert messages() == []
