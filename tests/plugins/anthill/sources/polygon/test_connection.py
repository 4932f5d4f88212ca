"""The API and the flat files are opened as Airflow's connections say."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from anthill.bronze.storage import THREADS
from anthill.sources.errors import UnknownKeyError
from anthill.sources.polygon import connection
from anthill.sources.polygon.declaration import FlatFile, PolygonDataset
from tests.plugins.anthill.aws import aws_connection

PLAIN = PolygonDataset("bars", ("T",), {"T": "t"}, path="/v2/bars")
FILED = msgspec.structs.replace(PLAIN, flat_file=FlatFile("us_options_opra/day_aggs_v1", {"T": "t"}))


def connect(monkeypatch: pytest.MonkeyPatch, **extra: Any) -> None:
    """The connections of a stack."""
    aws = aws_connection("http://127.0.0.1:1", "eu-west-1")
    monkeypatch.setenv("AIRFLOW_CONN_POLYGON_FLAT_FILES", aws)
    polygon = {"conn_type": "polygon", "host": "http://127.0.0.1:2", "password": "KEY", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_POLYGON_DEFAULT", json.dumps(polygon))


def told(config: Any) -> tuple[Any, ...]:
    """How often a client tries, how long it waits, and how many threads may use it."""
    times = (config.connect_timeout, config.read_timeout, config.max_pool_connections)
    return (config.retries["mode"], config.retries["total_max_attempts"], *times)


def test_a_source_keeps_to_its_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the pool's; flat files are read only where they are asked for and have a connection."""
    connect(monkeypatch, plan="starter")
    monkeypatch.setenv("AIRFLOW__ANTHILL__POOL_SLOTS", "20")
    source = connection.connect([PLAIN], 1)
    assert (source.client.transport.base_url, source.flat_files) == ("http://127.0.0.1:2", None)
    assert source.threads == 1  # 300 calls a minute wait for their turn
    assert source.client.transport._pool.pool.maxsize == THREADS
    with_files = connection.connect([PLAIN, FILED], 2)
    assert with_files.threads == 16
    assert with_files.flat_files is not None
    config = with_files.flat_files._s3.meta.config
    assert told(config) == ("standard", 5, 10, 60, THREADS)
    assert config.s3["addressing_style"] == "path"


def test_without_a_connection_of_flat_files_the_api_is_called(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A line says so: it costs a call a contract."""
    connect(monkeypatch)
    monkeypatch.delenv("AIRFLOW_CONN_POLYGON_FLAT_FILES")
    caplog.set_level("INFO")
    assert connection.connect([FILED], 4).flat_files is None
    assert "There is no connection polygon_flat_files: the REST API is called" in caplog.text


def test_the_rate_of_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own, its plan's, or none; a connection without a key is no source."""
    for extra, rate in (({}, 5), ({"plan": "starter"}, 6000), ({"requests_per_minute": 0}, 0)):
        connect(monkeypatch, **extra)
        assert connection.requests_per_minute() == rate
    monkeypatch.setenv("AIRFLOW_CONN_POLYGON_DEFAULT", json.dumps({"conn_type": "polygon"}))
    with pytest.raises(UnknownKeyError):
        connection.connect([PLAIN], 4)
