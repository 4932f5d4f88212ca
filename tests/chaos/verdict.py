"""What must be true in the end: nothing lost, nothing doubled, every revision readable, gold as if nothing had been."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import itertools
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from anthill import calendars, catalog
from anthill.bronze import commits as bronze
from anthill.bronze.commits import Commit
from local import connections, lake
from tests.chaos.worker import DATASETS
from tests.chaos.world import World

_MADE_BY_RUNS = (
    *("asof", "revision", "source_uri", "loaded_at", "published_at", "computed_at", "run", "sha256"),
    *("known_at", "is_late", "corrected_at"),  # when the source was asked, and whether in time
)
Rows = Counter[str]


@dataclass(frozen=True)
class Claim:
    """A landing that said it was done: the newest revision that it knew of, and its rows."""

    dataset: str
    day: dt.date
    revision: int
    rows: int


class Verdict:
    """Looks at a world whose faults are over; `wrong` is what must not be."""

    def __init__(self, world: World, first: dt.date, claims: Sequence[Claim]) -> None:
        self.world = world
        self.days = calendars.market_days("XNYS", first, world.today)
        self.claims = claims
        self.wrong: list[str] = []
        self.revisions = 0
        self._given: dict[tuple[str, dt.date, dt.date], Rows] = {}

    def bronze(self) -> None:
        """Every object is a whole answer of the API at its time; revisions go forward; nobody's claim is lost."""
        s3 = self.world.stack.s3()
        known: dict[tuple[str, dt.date], list[Commit]] = defaultdict(list)
        for key in self.world.objects():
            if "/_loads/" in key:
                self._manifest(s3, key)
            if "/_" in key:  # what lies beside bronze
                continue
            place, _ = bronze.parse(key)
            commit = bronze.read_commit(s3, lake.BRONZE, key)
            known[place.dataset, place.market_date].append(commit)
            self._revision(s3, place, commit)
        today = self.world.today
        for (dataset, day), commits in known.items():
            commits.sort(key=lambda commit: commit.revision)
            self.revisions += len(commits)
            at = f"{dataset} on {day}"
            self._must(
                [c.revision for c in commits] == list(range(1, len(commits) + 1)), f"{at}: a revision is missing"
            )
            pairs = list(itertools.pairwise(commits))
            self._must(all(a.digest != b.digest for a, b in pairs), f"{at}: the same rows are there twice in a row")
            self._must(all(a.asof <= b.asof for a, b in pairs), f"{at}: an older answer follows a newer one")
        for claim in self.claims:
            commits = known.get((claim.dataset, claim.day), [])
            held = [commit.rows for commit in commits if commit.revision == claim.revision]
            self._must(held == [claim.rows], f"{claim}: bronze has {held}")
        for dataset in DATASETS:
            for day in self.days:
                commits = known.get((dataset, day), [])
                newest = sum(self._rows(s3, commits[-1]).values()) if commits else -1
                given = self._honest(dataset, day, today)
                same = bool(commits) and self._rows(s3, commits[-1]) == given
                self._must(same, f"{dataset} on {day}: {newest} rows in bronze, the API gave {given.total()}")
        uploads = s3.list_multipart_uploads(Bucket=lake.BRONZE).get("Uploads", [])
        self._must(not uploads, f"{len(uploads)} uploads were left behind")

    def silver(self) -> None:
        """Rows in bronze are rows in silver, duplicates and quarantine, for each dataset and day, and once."""
        loads = self.world.warehouse().records("SELECT * FROM quality.loads")
        counted = {(row["dataset"], str(row["market_date"])): row for row in loads}
        self._must(len(counted) == len(loads), "quality.loads has a day twice")
        for dataset in DATASETS:
            table = f"silver.stocks_{dataset}"
            found = self.world.warehouse().records(f"SELECT market_date, count(*) AS n FROM {table} GROUP BY 1")
            held = {str(row["market_date"]): row["n"] for row in found}
            for day in self.days:
                given = self._honest(dataset, day, self.world.today).total()
                row = counted.get((dataset, str(day)), {})
                parts = [int(row.get(name, -1)) for name in ("silver_rows", "duplicates", "quarantined")]
                held_there = parts[0] + int(row.get("withdrawn") or 0)  # what earlier answers have stays beside it
                self._must(
                    int(row.get("bronze_rows", -1)) == given == sum(parts) and held.get(str(day), 0) == held_there,
                    f"{table} on {day}: the API gave {given} rows, loaded {row}, held {held.get(str(day), 0)}",
                )

    def gold(self) -> None:
        """Each gold table equals that of an undisturbed run."""
        folder = self.world.home / "undisturbed"
        addresses = self.world.stack.addresses
        ends = [str(self.days[0]), str(self.days[-1])]
        command = [sys.executable, "-m", "tests.chaos.undisturbed", self.world.honest.base, connections.POLYGON_KEY]
        environment = {"AWS_ENDPOINT": addresses.s3, "AWS_ALLOW_HTTP": "true", **self.world.environment}
        environment |= {
            "AWS_ENDPOINT_URL": addresses.s3,
            "AWS_ACCESS_KEY_ID": lake.KEY,
            "AWS_SECRET_ACCESS_KEY": lake.KEY,
        }
        done = subprocess.run(
            [*command, addresses.s3, str(folder), *ends],
            env={**_inherited(), **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"the undisturbed run failed:\n{done.stderr[-3000:]}")
        tables = sorted(path.parent.name for path in (folder / "gold").glob("*/_delta_log"))
        self._must(len(tables) > 3, f"the undisturbed run made only {tables}")
        for table in tables:
            calm = pl.read_delta(str(folder / "gold" / table))
            wild = pl.read_delta(f"{lake.SCHEMAS['gold']}/{table}", storage_options=self.world.storage)
            if difference := _difference(calm, wild):
                self.wrong.append(f"gold.{table}: {difference}")

    def _revision(self, s3: Any, place: bronze.Place, commit: Commit) -> None:
        body = s3.get_object(Bucket=lake.BRONZE, Key=commit.key)["Body"].read()
        self._must(hashlib.sha256(body).hexdigest() == commit.sha256, f"{commit.key}: other bytes than committed")
        lines = gzip.decompress(body).splitlines()
        rows = Counter(_text(row) for line in lines for row in json.loads(line).get("results") or [])
        self._must((rows.total(), len(lines)) == (commit.rows, commit.pages), f"{commit.key}: its counts are wrong")
        day = commit.asof.astimezone(ZoneInfo("America/New_York")).date()
        given = self._honest(place.dataset, place.market_date, day)
        self._must(rows == given, f"{commit.key}: {rows.total()} rows, the API gave {given.total()} on {day}")

    def _manifest(self, s3: Any, key: str) -> None:
        body = s3.get_object(Bucket=lake.BRONZE, Key=key)["Body"].read()
        name = re.search(r"_loads/([0-9a-f]{64})\.json$", key)
        self._must(bool(name) and hashlib.sha256(body).hexdigest() == name[1], f"{key}: not the list it says")

    def _rows(self, s3: Any, commit: Commit) -> Rows:
        body = gzip.decompress(s3.get_object(Bucket=lake.BRONZE, Key=commit.key)["Body"].read())
        return Counter(_text(row) for line in body.splitlines() for row in json.loads(line).get("results") or [])

    def _honest(self, dataset: str, day: dt.date, on: dt.date) -> Rows:
        """What the API gives for a day when nothing is in the way, asked on another day."""
        if (dataset, day, on) not in self._given:
            self.world.honest.move(today=str(on), time="18:00")
            call = catalog.load("stocks").datasets[dataset].call(day)
            query = "&".join(f"{name}={value}" for name, value in call.params.items())
            rows = self.world.honest.rows(f"{call.path}?{query}")
            self.world.honest.move(today=str(self.world.today), time="18:00")
            self._given[dataset, day, on] = Counter(map(_text, rows))
        return self._given[dataset, day, on]

    def _must(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)


def _text(row: Any) -> str:
    return json.dumps(row, sort_keys=True)


def _difference(left: pl.DataFrame, right: pl.DataFrame) -> str:
    """What tells two tables apart but for when and from what they were made; "" where they are equal."""
    kept = [name for name in left.columns if name not in _MADE_BY_RUNS]
    if set(kept) - set(right.columns):
        return f"columns {right.columns}, not {left.columns}"
    tables = [
        frame.select(kept).with_columns(pl.col(pl.Float64).round_sig_figs(9)).sort(kept) for frame in (left, right)
    ]
    if tables[0].height != tables[1].height:
        return f"{tables[1].height} rows, not {tables[0].height}"
    if tables[0].equals(tables[1]):
        return ""
    other = [name for name in kept if not tables[0][name].equals(tables[1][name])]
    return f"other values in {', '.join(other)}"


def _inherited() -> dict[str, str]:
    from tests.plugins.anthill.landing.workers import environment

    return environment()
