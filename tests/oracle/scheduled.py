"""The runs of an environment over HTTP and S3: a past in bulk, then nights that ask for days before again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from anthill import catalog
from anthill.calendars import market_days
from anthill.intervals import market_day, of_days
from anthill.landing.commit import Committer
from anthill.landing.land import land_all
from anthill.landing.operator import _restatable
from anthill.ledger.results import Refused
from anthill.sources.polygon.client import Client
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Transport
from tests.local.polygon.serving import KEY, Server
from tests.plugins.anthill.lakehouse.lake import Lake

NAMES = ("grouped_daily", "tickers", "ticker_events", "splits", "dividends")
"""The datasets that prices, returns and identity stand on."""
CHUNK = 126  # market days that a bulk run loads at once
Commits = dict[tuple[str, dt.date, str], dict[str, Any]]


class Environment:
    """One bucket of bronze and one lake, fed from a server whose clock is moved."""

    def __init__(self, server: Server, s3: Any, bucket: str, lake: Lake) -> None:
        self.server, self.s3, self.bucket, self.lake = server, s3, bucket, lake
        self.source = PolygonSource(Client(Transport(server.base, KEY), Gate(0)))

    def backfill(
        self, first: dt.date, last: dt.date, asset_class: str = "stocks", names: Sequence[str] = NAMES
    ) -> None:
        """Land, load and judge these days as the source knows them on the evening of the last one."""
        days = market_days(catalog.load(asset_class).calendar, first, last)
        self.server.move(today=str(last), time="22:30")
        self.land(days, asset_class, names)
        for at in range(0, len(days), CHUNK):
            chunk = days[at : at + CHUNK]
            self.lake.silver(chunk[0], chunk[-1])
        self.lake.quality(first, last)

    def land(self, days: Sequence[dt.date], asset_class: str, names: Sequence[str]) -> None:
        """Land these days as the source knows them now; of what has no past, the last one alone."""
        commits = self._commits(asset_class)
        for name in names:
            asked = days[-1:] if catalog.load(asset_class).datasets[name].present_only else days
            self._land(asset_class, name, asked, commits)
        self._choose(asset_class, commits)

    def night(self, day: dt.date) -> dt.date:
        """The landing of a market day's own run; the first of the days that it asked for."""
        self.server.move(today=str(day), time="22:30")
        declared, commits = catalog.load("stocks"), self._commits("stocks")
        context: Any = {"dag_run": SimpleNamespace(run_type="scheduled"), "params": {"market_date": None}}
        asked = [day]
        for name in NAMES:
            dataset = declared.datasets[name]
            before = [
                each.day
                for each in _restatable(context, declared, dataset, market_day(declared.calendar, day))
                if (name, each.day, dataset.shard_names[0]) in commits
            ]
            asked += before
            self._land("stocks", name, [*before, day], commits)
        self._choose("stocks", commits)
        return min(asked)

    def _commits(self, asset_class: str) -> Commits:
        """What is landed of an asset class; the same dictionary each time."""
        kept: dict[str, Commits] = self.__dict__.setdefault("_kept", {})
        return kept.setdefault(asset_class, {})

    def _choose(self, asset_class: str, commits: Commits) -> None:
        self.lake.asset_class, self.lake.commits = asset_class, commits

    def _land(self, asset_class: str, name: str, days: Sequence[dt.date], commits: Commits) -> None:
        dataset = catalog.load(asset_class).datasets[name]
        committer = Committer(self.s3, self.bucket, "oracle")
        for result in land_all(self.source, committer, dataset, of_days(dataset.calendar, days)):
            assert not isinstance(result, Refused), f"{name} {result.interval.day}: {result.reason}"
            for commit in result.commits:
                facts = ("shard", "key", "sha256", "revision", "rows", "pages")
                about = {"dataset": name, "market_date": str(result.interval.day)}
                about |= {"uri": f"s3://{self.bucket}/{commit.key}", "asof": commit.asof.isoformat()}
                commits[name, result.interval.day, commit.shard] = about | {
                    fact: getattr(commit, fact) for fact in facts
                }
