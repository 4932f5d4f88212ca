"""Bronze read by polars alone: the rows of the newest answers, under the names that the source gives them."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl


class Bronze:
    """The objects of a bucket under one folder, by their keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def days(self, asset_class: str, dataset: str) -> list[dt.date]:
        """The market days that are there."""
        places = (self.folder / "polygon" / asset_class / dataset).glob("date=*")
        return sorted(dt.date.fromisoformat(place.name.removeprefix("date=")) for place in places)

    def pages(self, asset_class: str, dataset: str, *, revision: int = -1) -> list[dict[str, Any]]:
        """Every page of every day and shard with its `market_date`, of the newest revision or of an earlier one."""
        found = []
        for day in self.days(asset_class, dataset):
            place = self.folder / "polygon" / asset_class / dataset / f"date={day}"
            for shard in sorted({file.parent for file in place.rglob("r*.jsonl.gz")}):
                file = sorted(shard.glob("r*.jsonl.gz"))[revision]
                for line in gzip.decompress(file.read_bytes()).splitlines():
                    if line:
                        found.append({"market_date": day, **json.loads(line)})
        return found

    def rows(
        self, asset_class: str, dataset: str, *, revision: int = -1, of_page: tuple[str, ...] = ()
    ) -> pl.DataFrame:
        """The rows of all pages with their `market_date`, and with what a page says once for its rows."""
        found = []
        for page in self.pages(asset_class, dataset, revision=revision):
            said = {name: page[name] for name in ("market_date", *of_page)}
            found += [row | said for row in page.get("results") or []]
        return pl.DataFrame(found, infer_schema_length=None)
