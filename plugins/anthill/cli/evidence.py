"""What S3 knows, asked of the coverage page's own app: a person at a plain Airflow needs no credentials of S3."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from anthill.cli.airflow import PlainAirflow
from anthill.lineage.evidence import Run
from anthill.lineage.objects import Object


class PageEvidence:
    """Asks the app, which reads S3 by Airflow's connection."""

    def __init__(self, airflow: PlainAirflow) -> None:
        self._airflow = airflow

    def objects(self, asset_class: str, dataset: str, day: dt.date, revisions: Mapping[str, int]) -> list[Object]:
        """The objects of a market day in these revisions of its shards, read and checked."""
        found = self._get(
            "objects", asset_class=asset_class, dataset=dataset, day=day, revisions=json.dumps(dict(revisions))
        )
        return msgspec.convert(found, list[Object])

    def runs(self, asset_class: str, since: dt.datetime) -> list[Run]:
        """The runs that ended since a moment, the oldest first."""
        return msgspec.convert(self._get("runs", asset_class=asset_class, since=since.isoformat()), list[Run])

    def _get(self, path: str, **query: Any) -> Any:
        return self._airflow.at("GET", f"/anthill/api/{path}", query)
