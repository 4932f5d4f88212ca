"""What years cost in S3 calls and bytes: landing, a backfill's chunk and a night's load over a history of one dataset.

S3 is moto in this process; calls are counted as they are made, bytes as they are written.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import msgspec
from moto import mock_aws

from anthill import calendars, catalog
from anthill.backfill.land_chunk import missing
from anthill.bronze import manifest
from anthill.bronze.commits import Place
from anthill.dataset import Dataset
from anthill.intervals import market_day, of_days
from anthill.landing.commit import Committed, Committer
from anthill.landing.content import Content
from anthill.ledger.documents import Documents
from anthill.ledger.recorder import Recorder
from anthill.ledger.results import Landed
from anthill.sources import digest
from anthill.sources.inflate import deflate
from anthill.sources.page import Page
from benchmarks import pages

BUCKET, RUN = "anthill-prod-bronze", "market_backfill/manual__2026-07-03T20:00:00+00:00/chunk.land/0/1"
LAST = dt.date(2026, 7, 2)
CHUNK = 63  # market days, the form's default
CLOCK = dt.datetime(2026, 7, 3, 22, tzinfo=dt.UTC)


class Counted:
    """An S3 that counts its calls by name."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()
        keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
        self.s3 = boto3.client("s3", **keys)
        self.s3.meta.events.register("before-call.s3", self._count)
        self.s3.create_bucket(Bucket=BUCKET)

    def during(self, work: Callable[[], Any]) -> tuple[Any, dict[str, int]]:
        """What a piece of work gives, and the calls that it made."""
        self._calls.clear()
        result = work()
        return result, dict(sorted(self._calls.items()))

    def _count(self, model: Any, **_: Any) -> None:
        self._calls[model.name] += 1


def main() -> None:
    """Print a line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="stocks.tickers", help="stocks.tickers")
    parser.add_argument("--years", default="1,10", help="lengths of the history, parted by commas (1,10)")
    asked = parser.parse_args()
    asset_class, name = asked.dataset.split(".")
    dataset = catalog.load(asset_class).datasets[name]
    for years in map(int, asked.years.split(",")):
        days = calendars.market_days(dataset.calendar, LAST.replace(year=LAST.year - years), LAST)
        print(f"{asked.dataset}, {len(days):,} market days of {len(dataset.shard_names)} objects:")
        with mock_aws():
            store = Counted()
            for what, made in calls(store, dataset, days):
                told = ", ".join(f"{count:,} {name}" for name, count in made.items())
                print(f"  {what:<40} {told}", flush=True)
            for what, number in sizes(store, dataset, days):
                print(f"  {what:<40} {number:,.0f}", flush=True)
    for what, number in minutes():
        print(f"{what:<42} {number:,.1f}")


def calls(store: Counted, dataset: Dataset, days: list[dt.date]) -> Iterator[tuple[str, dict[str, int]]]:
    """Each piece of work over a history of these days, and the calls of S3 that it makes."""
    s3, chunk, today = store.s3, days[-CHUNK:], days[-1]
    for day in days[:-1]:
        land(s3, dataset, day)
    yield "land a new day", store.during(lambda: land(s3, dataset, today))[1]
    again, made = store.during(lambda: land(s3, dataset, today))
    assert {each.outcome for each in again} == {"unchanged"}
    yield "land it again, the same answer", made
    yield "tell the index of it", store.during(lambda: tell(s3, dataset, {today: again}))[1]
    tell(s3, dataset, {day: land(s3, dataset, day) for day in days})
    asked = of_days(dataset.calendar, chunk)
    lacking, made = store.during(lambda: missing(s3, BUCKET, Documents(s3, BUCKET), dataset, asked))
    assert not lacking
    yield f"what is missing of {CHUNK} days", made
    found, made = store.during(lambda: manifest.newest(s3, BUCKET, [dataset], chunk))
    yield f"find {CHUNK} days for silver", made
    yield (
        "write the list of them",
        store.during(lambda: manifest.write(s3, BUCKET, catalog.load(dataset.asset_class), found))[1],
    )


def sizes(store: Counted, dataset: Dataset, days: list[dt.date]) -> Iterator[tuple[str, float]]:
    """Bytes of what a chunk's load is told, after `calls` over the same days."""
    chunk = days[-CHUNK:]
    found = manifest.newest(store.s3, BUCKET, [dataset], chunk)
    uri = manifest.write(store.s3, BUCKET, catalog.load(dataset.asset_class), found)
    size = store.s3.head_object(Bucket=BUCKET, Key=uri.partition(f"{BUCKET}/")[2])["ContentLength"]
    yield "bytes a commit in the list", size / len(found)
    given = {"catalog": "prod", "asset_class": dataset.asset_class, "manifest": uri}
    given |= {"market_date_from": str(chunk[0]), "market_date_to": str(chunk[-1])}
    yield "bytes of a job's parameters", len(json.dumps(given))


def land(s3: Any, dataset: Dataset, day: dt.date) -> list[Committed]:
    """Commit a page of two rows for each shard of a day."""
    committer = Committer(s3, BUCKET, RUN)
    return [_commit(committer, Place.of(dataset, str(day), shard)) for shard in dataset.shard_names]


def _commit(committer: Committer, place: Place) -> Committed:
    body = f'{{"results":[{{"T":"A","o":{place.market_date.toordinal()}}},{{"T":"B"}}]}}'.encode()
    rows = msgspec.json.decode(body, type=dict[str, list[msgspec.Raw]])["results"]
    page = Page("", deflate(body), len(body), rows, digest.of_rows(rows), CLOCK, None)
    with Content.of([page]) as content:
        return committer.commit(place, content)


def tell(s3: Any, dataset: Dataset, days: dict[dt.date, list[Committed]]) -> None:
    """Tell the index of landed days, as a task does at its end."""
    recorder = Recorder(Documents(s3, BUCKET), RUN)
    for day, parts in days.items():
        commits = [part.commit for part in parts]
        asked = {commit.shard: CLOCK + dt.timedelta(hours=1) for commit in commits}
        rows = sum(commit.rows for commit in commits)
        outcome = parts[0].outcome
        about = (dataset.asset_class, dataset.name, market_day(dataset.calendar, day))
        told = (*about, outcome, rows, len(commits), 0, 0.1, commits, (), asked)
        recorder.note(dataset, Landed(*told))
    recorder.save()


def minutes() -> Iterator[tuple[str, float]]:
    """Bytes of a row of minute bars: as JSON, and as bronze keeps it."""
    body = pages.minutes("M00000")
    yield "bytes a minute bar, JSON", len(body) / pages.BARS
    yield "bytes a minute bar, gzip", len(deflate(body)) / pages.BARS


if __name__ == "__main__":
    main()
