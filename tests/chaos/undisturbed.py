"""The same market days landed and loaded at one go, with nothing in the way: what gold must be in the end."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from anthill import calendars, catalog, intervals
from anthill.backfill.land_chunk import land_chunk
from anthill.bronze import manifest
from anthill.lakehouse import gold, quality, silver
from anthill.landing.commit import Committer
from anthill.sources.polygon.client import Client
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Transport
from local import lake
from local.databricks import engine
from tests.chaos.worker import DATASETS
from tests.plugins.anthill.landing.s3 import s3_at

BUCKET = "undisturbed"


def main(api: str, key: str, s3_url: str, home: str, first: str, last: str) -> None:
    """Land into a bucket of its own; tables as Delta files under `home`."""
    import datetime as dt

    declared = catalog.load("stocks")
    days = calendars.market_days(declared.calendar, dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    s3 = s3_at(s3_url, key=lake.KEY)  # the stack's S3 knows keys
    s3.create_bucket(Bucket=BUCKET)
    source = PolygonSource(Client(Transport(api, key), Gate(0)))
    datasets = [declared.datasets[name] for name in DATASETS]
    todo = [(dataset, intervals.of_days(declared.calendar, days)) for dataset in datasets]
    done = land_chunk(source, Committer(s3, BUCKET, "undisturbed"), todo, lambda *_: None)
    if done.refused:
        raise SystemExit(f"the undisturbed landing was refused: {done.refused}")
    schemas = {name: f"file://{Path(home)}/{name}" for name in ("silver", "quality", "gold")}
    spark = engine.alone("dev", schemas)
    asked: dict[str, Any] = {
        "catalog": "dev",
        "asset_class": "stocks",
        "market_date_from": str(days[0]),
        "market_date_to": str(days[-1]),
    }
    uri = manifest.write(s3, BUCKET, declared, manifest.newest(s3, BUCKET, datasets, days))
    result = {
        "silver": silver.run(spark, manifest=uri, **asked),
        "quality": quality.run(spark, datasets=",".join(DATASETS), **asked),
        "gold": gold.run(spark, **asked),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
