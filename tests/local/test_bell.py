"""What rings on one machine rings where runs start by themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from local import lake
from local.connections import Addresses
from local.stack import Options, Stack

VARIABLE = "AIRFLOW__ANTHILL__DROP_QUEUE"


def test_airflow_hears_where_runs_start_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack without a schedule starts nothing by itself; a person's own AWS has no queue of ours."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv("AIRFLOW_CONN_AWS_DEFAULT", raising=False)
    options = Options(home=tmp_path, schedule=True)
    addresses = Addresses(*(f"http://127.0.0.1:{port}" for port in (1, 2, 3, 4)), database="")

    def queue(given: Options) -> str | None:
        return Stack(given).at(addresses).environment().get(VARIABLE)

    assert queue(options) == f"https://sqs.us-east-1.amazonaws.com/000000000000/{lake.DROP}"
    assert queue(replace(options, schedule=False)) is None
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", '{"conn_type": "aws"}')
    assert queue(options) is None
