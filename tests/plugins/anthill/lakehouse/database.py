"""A database in the lake: cuts of it by the product's own way, loaded as the job does it, and its tables as rows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec

from anthill import catalog
from anthill.bronze.cuts import Cuts
from anthill.intervals import ending
from anthill.lakehouse import gold, quality, silver
from anthill.landing.commit import Committer
from anthill.landing.land_cut import land_cut
from anthill.sources.postgres.declaration import PostgresDataset
from anthill.sources.postgres.source import PostgresSource
from local.totesys.business import Business
from tests.plugins.anthill.lakehouse.lake import Lake

if TYPE_CHECKING:
    from local.totesys.server import Server

TOTESYS = catalog.load("totesys")
NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


class Reading:
    """A database as one reader sees it: its bronze in a folder, and the lake that stands on it."""

    def __init__(
        self,
        server: Server,
        s3: Any,
        bucket: str,
        lake: Lake,
        source: type[PostgresSource] = PostgresSource,
        asset_class: str = "totesys",
    ) -> None:
        self.server, self.s3, self.bucket, self.lake = server, s3, bucket, lake
        self._source, self._asset_class = source, asset_class
        self.number = 0
        self.moments: list[dt.datetime] = []

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What PostgreSQL answers, sorted."""
        with self.server.connect() as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return sorted(cursor.fetchall(), key=repr)

    def table(self, name: str, *columns: str) -> list[tuple[Any, ...]]:
        """Columns of a table of the lake, sorted; all where none is named."""
        frame = self.lake.table(name)
        return sorted((frame.select(columns) if columns else frame).rows(), key=repr)

    def cut(self, day: int = 0) -> bool:
        """Land the next cut, by the product's own way; whether there was anything new."""
        self.number += 1
        interval = ending("PT3M", NOON + day * dt.timedelta(days=1) + self.number * dt.timedelta(minutes=3))
        declared = catalog.load(self._asset_class)
        datasets = declared.datasets
        tables = [each for each in datasets.values() if isinstance(each, PostgresDataset)]
        source = self._source(self.server.connect, tables, "totesys_default", "postgres://local/totesys")
        committer, cuts = Committer(self.s3, self.bucket, "run"), Cuts(self.s3, self.bucket, declared)
        landed = land_cut(source, lambda _: committer, cuts, datasets, interval, "run")
        self.day, self.label, self.landed = interval.day, interval.label, landed.cut
        self.moments.append(landed.cut.asof)
        return landed.written

    def load(self) -> dict[str, Any]:
        """Silver of all cuts, as the job does it: bronze lies in a folder, bucket beside bucket."""
        root = self.lake.root / "buckets"
        for each in self.s3.list_objects_v2(Bucket=self.bucket)["Contents"]:
            file = root / self.bucket / each["Key"]
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                self.s3.download_file(self.bucket, each["Key"], str(file))
        cuts = sorted((root / self.bucket / f"postgres/{self._asset_class}/_cuts").iterdir())
        manifest = self.lake.root / "manifest.json"
        replaced = Cuts(self.s3, self.bucket, catalog.load(self._asset_class)).erasures.replaced
        beside = [{"replaced": replaced}] if replaced else []
        manifest.write_bytes(msgspec.json.encode([*(f"file://{file}" for file in cuts), *beside]))
        return silver.run(self.lake.spark, manifest=f"file://{manifest}", **self._about())

    def publish(self) -> dict[str, Any]:
        """Quality and gold; what quality warned of."""
        checked = quality.run(self.lake.spark, **self._about())
        gold.run(self.lake.spark, **self._about())
        return checked

    def _about(self) -> dict[str, str]:
        return {
            "catalog": "dev",
            "asset_class": self._asset_class,
            "market_date_from": str(self.day),
            "market_date_to": str(self.day),
        }


class Scene(Reading):
    """A business of its own, and whoever reads it whole."""

    def __init__(self, server: Server, s3: Any, bucket: str, lake: Lake) -> None:
        server.reset()
        super().__init__(server, s3, bucket, lake)
        self.business = Business(server.connect, seed=5)
        self.business.open(designs=3, counterparties=3, staff=3)
