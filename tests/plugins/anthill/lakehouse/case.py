"""A small market in a file, landed over HTTP as scheduled runs do: what the source says when, and what is right.

`days` (or `first` and `last`) are run in order. `rows` are the source's, by dataset, or by asset class/dataset for
those beside `asset_class` (stocks if left out); `market_date` says to which day's answer a row belongs and is not sent,
`known_from` and `known_until` (included, excluded) when the source has it. `closes` are bars in short, a close a day or
null, `listed` what reference data says of tickers on all days, `spells` what it says `from` a day `to` another.
`in_adjusted_bars: false` marks a split that the source's own adjusted bars leave out. With `steps: daily`, silver,
quality and gold follow each day, with a list of days each of these, else the last alone.
`expect` are queries with the right rows and why they are right; gold is what they read and what that stands on.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from anthill import catalog
from anthill.calendars import market_days
from anthill.intervals import market_day
from anthill.lakehouse.quality import QualityError
from anthill.landing.commit import Committer
from anthill.landing.land import land
from anthill.landing.operator import _restatable
from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Transport
from tests.plugins.anthill.lakehouse.lake import Lake, bar
from tests.scripted_server import Asked, Reply, ScriptedServer, error, page

Rows = list[dict[str, Any]]
NEW_YORK = ZoneInfo("America/New_York")
NAMES = ("grouped_daily", "tickers", "ticker_events", "splits", "dividends")
MARKETS = {"stocks": "stocks", "fx": "forex", "crypto": "crypto"}
OURS = ("known_from", "known_until", "market_date", "in_adjusted_bars")
ASKS = {
    "": lambda a, b: a == b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
    "any_of": lambda a, b: a in b.split(","),
}


class Case:
    """A case's file, and what the source answers on `today`."""

    def __init__(self, file: Path) -> None:
        self.said = json.loads(file.read_text())
        self.asset_class: str = self.said.get("asset_class", "stocks")
        self.today = ""
        calendar = catalog.load(self.asset_class).calendar
        ends = [dt.date.fromisoformat(self.said[name]) for name in ("first", "last") if name in self.said]
        self.days = market_days(calendar, *ends) if ends else [*map(dt.date.fromisoformat, self.said["days"])]
        self.given: dict[str, Rows] = {name: list(rows) for name, rows in self.said.get("rows", {}).items()}
        for ticker, closes in self.said.get("closes", {}).items():
            held = [(day, close) for day, close in zip(self.days, closes, strict=True) if close is not None]
            self.given.setdefault("grouped_daily", []).extend(
                {"market_date": str(day)} | bar(ticker, close) for day, close in held
            )
        for ticker, facts in self.said.get("listed", {}).items():
            self.given.setdefault("tickers", []).extend(
                {"market_date": str(day), "ticker": ticker, "active": True} | facts for day in self.days
            )

        for spell in self.said.get("spells", []):
            known = {"active": True} | {name: value for name, value in spell.items() if name not in ("from", "to")}
            self.given.setdefault("tickers", []).extend(
                {"market_date": str(day)} | known for day in self.days if spell["from"] <= str(day) <= spell["to"]
            )

    def rows(self, asset_class: str, name: str) -> Rows:
        """The rows of a dataset that the source knows today."""
        given = self.given.get(name if asset_class == self.asset_class else f"{asset_class}/{name}", [])
        return [row for row in given if row.get("known_from", "") <= self.today < row.get("known_until", "9")]

    def __call__(self, asked: Asked) -> Reply:
        """The answer to a call."""
        parts, params = asked.path.strip("/").split("/"), asked.params
        if "grouped" in parts:
            rows = self._bars(MARKETS[parts[-2]], parts[-1], adjusted=params.get("adjusted", "true") == "true")
        elif parts[-1] == "events":
            found = self._events(parts[-2])
            return self._page({"results": plain(found)}) if found else error(404, {"status": "NOT_FOUND"})
        elif parts[-1] == "tickers":
            about = {"market_date": params["date"], "active": params["active"] == "true"}
            of_market = self.rows(MARKETS[params["market"]], "tickers")
            rows = [row for row in of_market if all(row[name] == value for name, value in about.items())]
        else:
            rows = self.rows("stocks", parts[-1])
            for name, value in params.items():
                field, _, operator = name.partition(".")
                if field not in ("limit", "sort", "order"):
                    rows = [row for row in rows if ASKS[operator](row.get(field) or "", value)]
        return self._page({"resultsCount": len(rows), "results": [plain(row) for row in rows]})

    def _bars(self, asset_class: str, day: str, *, adjusted: bool) -> Rows:
        """The bars of a day; adjusted by the splits of later days that the source counts itself."""
        end = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(16), NEW_YORK)
        rows = [row for row in self.rows(asset_class, "grouped_daily") if row["market_date"] == day]
        out = []
        for row in rows:
            ratio = math.prod(
                split["split_to"] / split["split_from"]
                for split in (self.rows("stocks", "splits") if adjusted and asset_class == "stocks" else [])
                if split["ticker"] == row["T"] and day < split["execution_date"] <= self.today
                if split.get("in_adjusted_bars", True)
            )
            prices = {key: row[key] / ratio for key in ("o", "h", "l", "c", "vw") if isinstance(row.get(key), float)}
            out.append({"t": int(end.timestamp()) * 1000} | row | prices | {"v": row["v"] * ratio})
        return out

    def _events(self, asked: str) -> dict[str, Any] | None:
        """What the source knows today of a FIGI's or a ticker's names; None where it knows neither."""
        known = []
        for row in self.rows("stocks", "ticker_events"):
            events = [event for event in row["events"] if event["date"] <= self.today]
            known += [row | {"events": events}] if events else []
        for row in self.rows("stocks", "tickers"):
            if row["active"] and row["market_date"] <= self.today:
                change = {"type": "ticker_change", "date": row["market_date"]}
                events = [change | {"ticker_change": {"ticker": row["ticker"]}}]
                known.append({"name": row.get("name"), "composite_figi": row.get("composite_figi"), "events": events})
        by_figi = [row for row in known if row["composite_figi"] == asked]
        named = [row for row in known if any(event["ticker_change"]["ticker"] == asked for event in row["events"])]
        return next(iter([*by_figi, *named]), None)

    def _page(self, document: dict[str, Any]) -> Reply:
        """An answer of the next morning, when every market's day is over."""
        clock = dt.datetime.combine(dt.date.fromisoformat(self.today) + dt.timedelta(1), dt.time(6, 5), dt.UTC)
        return page({"status": "OK", "request_id": "x"} | document, date=clock.timestamp())


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what only the case reads."""
    return {name: value for name, value in row.items() if name not in OURS}


class Nights:
    """The scheduled runs of a case's asset classes, those beside its own first."""

    def __init__(self, case: Case, lake: Lake, s3: Any, bucket: str) -> None:
        self.case, self.lake, self.s3, self.bucket = case, lake, s3, bucket
        beside = sorted({name.partition("/")[0] for name in case.given if "/" in name})
        self.commits: dict[str, dict[Any, Any]] = {name: {} for name in (*beside, case.asset_class)}

    def run(self) -> None:
        """Every day landed, and computed each day or at the end."""
        steps = self.case.said.get("steps", [str(self.case.days[-1])])
        since = dict.fromkeys(self.commits, self.case.days[-1])
        with ScriptedServer(self.case) as server:
            source = PolygonSource(Client(Transport(server.url, "k"), Gate(0), Patience(total=1, first=0.05)))
            for day in self.case.days:
                self.case.today = str(day)
                for asset_class in self.commits:
                    since[asset_class] = min(since[asset_class], self._land(source, asset_class, day))
                for asset_class in self.commits if steps == "daily" or str(day) in steps else ():
                    self._compute(asset_class, max(since[asset_class], self.case.days[0]), day)
                    since[asset_class] = day

    def _land(self, source: PolygonSource, asset_class: str, day: dt.date) -> dt.date:
        """Land a day, and those before that are asked for again; the first of them."""
        declared, commits = catalog.load(asset_class), self.commits[asset_class]
        context: Any = {"dag_run": SimpleNamespace(run_type="scheduled"), "params": {"market_date": None}}
        committer = Committer(self.s3, self.bucket, f"run-{day}")
        touched = {day}
        for dataset in [declared.datasets[name] for name in NAMES if name in declared.datasets]:
            before = [each.day for each in _restatable(context, declared, dataset, market_day(declared.calendar, day))]
            again = [each for each in before if (dataset.name, each, dataset.shard_names[0]) in commits]
            for each in [day, *again]:
                touched.add(each)
                for commit in land(source, committer, dataset, market_day(declared.calendar, each)).commits:
                    file = self.lake.root / "bronze" / commit.key
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(self.s3.get_object(Bucket=self.bucket, Key=commit.key)["Body"].read())
                    about = {"dataset": dataset.name, "market_date": str(each), "uri": f"file://{file}"}
                    facts = ("shard", "key", "sha256", "revision", "rows", "pages")
                    about |= {name: getattr(commit, name) for name in facts}
                    commits[dataset.name, each, commit.shard] = about | {"asof": commit.asof.isoformat()}
        return min(touched)

    def _compute(self, asset_class: str, first: dt.date, last: dt.date) -> None:
        """Silver, quality and gold of these days; a day that quality holds back stays out."""
        self.lake.asset_class, self.lake.commits = asset_class, self.commits[asset_class]
        asked = " ".join(expected["sql"] for expected in self.case.said["expect"])
        tables = re.findall(rf"\bgold\.{asset_class}_(\w+)", asked)
        self.lake.only(*tables, datasets=[name for name in NAMES if name in catalog.load(asset_class).datasets])
        self.lake.silver(first, last)
        try:
            self.lake.quality(first, last)
        except QualityError as held_back:
            print(held_back)
        if tables:
            self.lake.gold(first, last)


def same(got: Any, right: Any) -> bool:
    """Equal values; floats to 1e-9, dates as text."""
    if isinstance(got, float) and isinstance(right, float):
        return math.isclose(got, right, rel_tol=1e-9, abs_tol=1e-12)
    return bool((str(got) if isinstance(got, dt.date) else got) == right)
