"""S3 comes from Airflow's connections."""

from __future__ import annotations

from typing import Any

import pytest

from anthill.bronze import connections
from anthill.bronze.storage import THREADS
from tests.plugins.anthill.aws import aws_connection


def connect(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection of a stack."""
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection("http://127.0.0.1:1", "eu-west-1"))


def told(config: Any) -> tuple[Any, ...]:
    """How often a client tries, how long it waits, and how many threads may use it."""
    times = (config.connect_timeout, config.read_timeout, config.max_pool_connections)
    return (config.retries["mode"], config.retries["total_max_attempts"], *times)


def test_a_client_of_bronze_tries_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The landing has a patience of its own; as many connections as threads, at the connection's address."""
    connect(monkeypatch)
    client = connections.s3_client("aws_default")
    assert told(client.meta.config) == ("standard", 1, 10, 60, THREADS)
    assert (client.meta.endpoint_url, client.meta.region_name) == ("http://127.0.0.1:1", "eu-west-1")
    assert connections.s3_client("aws_default", 3).meta.config.max_pool_connections == 3
