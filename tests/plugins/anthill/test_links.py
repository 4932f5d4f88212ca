"""A task's page leads to what the task wrote."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from anthill import links

COMMIT = {"bucket": "anthill-dev-bronze", "key": "polygon/stocks/splits/date=2026-07-02/r000001.jsonl.gz"}


@pytest.fixture
def xcoms(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the task has pushed."""
    pushed: dict[str, Any] = {}
    monkeypatch.setattr(links.XCom, "get_value", lambda *, key, ti_key: pushed.get(key))
    return pushed


def test_a_landing_leads_to_the_folder_of_its_day(xcoms: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """In the console of AWS, or in the listing of an S3 that has none; nowhere when nothing was landed."""
    link = links.BronzeLink()
    assert link.get_link(None, ti_key=None) == ""
    xcoms["return_value"] = {"commits": [COMMIT]}
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    console = (
        "https://console.aws.amazon.com/s3/buckets/anthill-dev-bronze?prefix=polygon/stocks/splits/date=2026-07-02/"
    )
    assert link.get_link(None, ti_key=None) == console
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")
    assert link.get_link(None, ti_key=None).startswith(
        "http://127.0.0.1:9000/anthill-dev-bronze?list-type=2&prefix=polygon/"
    )


def test_a_job_leads_to_its_schema(xcoms: dict[str, Any]) -> None:
    """In the workspace that ran it; nowhere before there is a run."""
    link, silver = links.TablesLink(), SimpleNamespace(job="silver")
    assert link.get_link(silver, ti_key=None) == ""
    xcoms["run_page_url"] = "https://dbc.example.com/jobs/7/runs/9"
    assert link.get_link(silver, ti_key=None) == "https://dbc.example.com/explore/data/dev/silver"
