"""Silver of tables that are read in cuts: each version of a row, and from when to when it was so."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from anthill import intervals
from anthill.calendars import spans
from anthill.catalog import AssetClass
from anthill.dataset import Dataset
from anthill.lakehouse import bronze_rows, tables
from anthill.lakehouse.changed_rows import ChangedRows
from anthill.lakehouse.commits import Commit, CommitError, Day
from anthill.lakehouse.load import COUNTS, Load, SilverError
from anthill.lakehouse.typed_rows import Counts, TypedRows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row, SparkSession


class _Landed(msgspec.Struct):
    """A commit of bronze, as far as it is read here."""

    bucket: str
    key: str
    rows: int
    pages: int
    sha256: str
    revision: int
    asof: dt.datetime


class _Table(msgspec.Struct):
    columns: tuple[str, ...]
    commit: _Landed


class _Cut(msgspec.Struct):
    """A cut, as landing has put it beside bronze."""

    label: str
    tables: dict[str, _Table]
    begun: str = ""
    after: str = ""


class _Replaced(msgspec.Struct):
    """What stands for commits from which people were erased, by their keys."""

    replaced: dict[str, _Landed]


_OTHERWISE = (
    "its SQL or declaration is another than what typed the rows that are there, and changes are only some of them: "
    "drop the slot in the database, and the next cut has all tables whole"
)
_LABEL = slice(-len("20260601T100300Z.json"), -len(".json"))


def read(spark: SparkSession, catalog: str, manifest: str, declared: AssetClass) -> list[Commit]:
    """What the cuts that a manifest lists have of each table, in their order; cuts that silver has are not read."""
    listed = msgspec.json.decode(bronze_rows.content(spark, manifest), type=list[str | _Replaced])
    uris = sorted(each for each in listed if isinstance(each, str))
    replaced = {key: commit for each in listed if isinstance(each, _Replaced) for key, commit in each.replaced.items()}
    if not uris:
        raise CommitError(f"{manifest} lists no cut")
    known = _known(spark, catalog, declared)
    new = [uri for uri in uris if uri[_LABEL] > known] or uris[-1:]
    cuts = _in_a_row([(uri, msgspec.json.decode(bronze_rows.content(spark, uri), type=_Cut)) for uri in new], known)
    if not cuts:
        raise CommitError(
            f"{manifest} has changes since a cut that it lacks, and none with all tables whole: drop the slot in the "
            f"database, and the next cut is one"
        )
    beside = f"/{declared.source}/{declared.asset_class}/_cuts/"
    return [
        _commit(uri[: uri.rindex("/", 0, uri.rindex(beside)) + 1], cut, name, replaced)
        for uri, cut in cuts
        for name in declared.datasets
        if name in cut.tables
    ]


def cuts_of(dataset: Dataset, commits: Sequence[Commit]) -> tuple[list[Day], dict[dt.date, str]]:
    """The table in each cut, in their order, as what its day has by then."""
    return [Day(each.market_date, (each,)) for each in commits if each.dataset == dataset.name], {}


def _in_a_row(cuts: Sequence[tuple[str, _Cut]], known: str) -> list[tuple[str, _Cut]]:
    """The cuts from the first on that follows what silver has, or has its tables whole: each is read on the one before.

    The last that silver has may be looked at again.
    """
    follows = [at for at, (_, cut) in enumerate(cuts) if not cut.begun or cut.after == known or cut.label <= known]
    return list(cuts[follows[0] :]) if follows else []


def _known(spark: SparkSession, catalog: str, declared: AssetClass) -> str:
    """The label of the last cut that silver has of all tables; "" where it has none."""
    tables.make(spark, catalog, "quality", "loads")
    rows = spark.sql(
        f"SELECT dataset, max(revisions) AS newest FROM {catalog}.quality.loads "
        f"WHERE asset_class = '{declared.asset_class}' GROUP BY dataset"
    ).collect()
    newest: dict[str, str] = {row["dataset"]: max(json.loads(row["newest"])) for row in rows}
    return min(newest.get(name, "") for name in declared.datasets)


def _commit(buckets: str, cut: _Cut, name: str, replaced: Mapping[str, _Landed]) -> Commit:
    """A table's commit in a cut, whose label stands where others have a shard; `buckets` is where all of them lie."""
    named = cut.tables[name].commit
    landed = replaced.get(named.key, named)
    return Commit(
        dataset=name,
        market_date=intervals.day_of(cut.label),
        shard=cut.label,
        key=landed.key,
        uri=f"{buckets}{landed.bucket}/{landed.key}",
        rows=landed.rows,
        pages=landed.pages,
        sha256=landed.sha256,
        revision=landed.revision,
        asof=landed.asof.isoformat(),
        columns=cut.tables[name].columns,
    )


class LoadVersions(Load):
    """The load of one table: what a cut has and silver has not is a new version, what it lacks has ended.

    A commit is loaded once, however many cuts have it; one of an earlier moment than silver's is in it already.
    """

    def run(self, days: Sequence[Day], failed: Mapping[dt.date, str]) -> dict[str, Any]:
        """Load the cuts in their order: counts of the last one's rows, and of the versions that are new or ended."""
        reached, typed_by = self._reached(), self._typed_by()
        counts: dict[dt.date, Counts] = {}
        changed = unchanged = 0
        broken = ""
        for at, day in enumerate(days):
            (commit,) = day.commits
            if broken and commit.is_changes:
                self.failed.setdefault(day.market_date, f"not tried, since the changes before it failed: {broken}")
            elif (reached and commit.moment < reached) or self._stands(day):
                unchanged += 1
            elif commit.is_changes and typed_by not in ("", self.logic):
                if any(not later.commits[0].is_changes for later in days[at:]):  # a whole table stands for it
                    unchanged += 1
                    continue
                broken = _OTHERWISE
                self.failed[day.market_date] = broken
            elif done := self._each([day], self._before([day])):
                broken, typed_by = "", self.logic
                counts |= done
                changed += done[day.market_date]["changed_rows"]
                reached = commit.moment
            else:
                broken = self.failed[day.market_date]
        return {
            "days": len({day.market_date for day in days}),
            "loaded": len(counts),
            "loaded_on": spans(self.calendar, counts),
            "unchanged": unchanged,
            "superseded": [],
            "restated": {},
            **{name: sum(day[name] for day in counts.values()) for name in COUNTS},
            "changed_rows": changed,
        }

    def _typed_by(self) -> str:
        """The logic that typed what silver has; "" where it has nothing."""
        names = f"asset_class = '{self.dataset.asset_class}' AND dataset = '{self.dataset.name}'"
        newest = f"SELECT logic FROM {self.loads} WHERE {names} ORDER BY market_date DESC LIMIT 1"
        return next((str(row["logic"]) for row in self.spark.sql(newest).collect()), "")

    def _reached(self) -> dt.datetime | None:
        """The moment up to which the table has versions; None where it has none."""
        newest = "max(greatest(seen_from, coalesce(seen_until, seen_from)))"
        (row,) = self.spark.sql(f"SELECT {newest} AS moment FROM {self.table}").collect()
        return row["moment"].replace(tzinfo=dt.UTC) if row["moment"] else None

    def _stands(self, day: Day) -> bool:
        """Whether silver has this very commit; its record is the day's then, under the label of the newest cut."""
        (commit,) = day.commits
        names = f"asset_class = '{self.dataset.asset_class}' AND dataset = '{self.dataset.name}'"
        if self.records:
            record = list(self.records[max(self.records)])
        else:
            found = self.spark.sql(
                f"SELECT * FROM {self.loads} WHERE {names} AND replaces IS NULL ORDER BY market_date DESC LIMIT 1"
            ).collect()
            if not found:
                return False
            record = list(found[0])
        if (record[4], record[5]) != (commit.sha256, self.logic) or self._held([day]) != {day.market_date: record[7]}:
            return False
        record[2], record[3] = day.market_date, json.dumps(day.revisions)
        self.records[day.market_date] = record
        return True

    def _held(self, days: Sequence[Day]) -> dict[dt.date, int]:
        """How many rows the table has now, under the day of the last cut."""
        return {days[-1].market_date: self.spark.table(self.table).where("seen_until IS NULL").count()}

    def _publish(
        self, typed: TypedRows, counts: dict[dt.date, Counts], before: Mapping[dt.date, Row], gone: Sequence[Row]
    ) -> None:
        """Put the versions that are new beside the others, and end those that are no more; all in one commit."""
        (day,), (count,) = typed.days, counts.values()
        moment = day.commits[0].moment.replace(tzinfo=None)
        good = typed.good(clean=not (count["duplicates"] or count["quarantined"]))
        scope, beside = "true", 0
        if isinstance(typed, ChangedRows):
            untouched = typed.untouched()
            scope, beside = typed.scope(), untouched.count()
            good = good.unionByName(untouched) if scope == "true" else good
        good.createOrReplaceTempView("incoming")
        self._begin([day] if before else [])
        merged = self.spark.sql(self._merged(typed.columns, f"TIMESTAMP'{moment}'", scope))
        tables.replace(self.spark, self.table, scope, merged)
        held = self._held([day])[day.market_date]
        if held != (wrote := count["silver_rows"] + beside):
            raise SilverError(f"{self.table} of {day.market_date}: wrote {wrote} rows, holds {held}")
        at = f"seen_from = TIMESTAMP'{moment}' OR seen_until = TIMESTAMP'{moment}'"
        count["changed_rows"] = self.spark.table(self.table).where(at).count()
        if isinstance(typed, ChangedRows):  # what the table is said to have is all of it, as where it is read whole
            count["silver_rows"] = held
            count["quarantined"] += self._still_bad(typed).count()
            count["bronze_rows"] = held + count["quarantined"]
        self._note(typed, counts, {day.market_date: count["changed_rows"]}, {})

    def _read(self, days: Sequence[Day], *, with_text: bool) -> TypedRows:
        (day,) = days
        if day.commits[0].is_changes:
            return ChangedRows(self.spark, self.dataset, self.select, day, self.table, with_text=with_text)
        return super()._read(days, with_text=with_text)

    def _set_aside(self, typed: TypedRows, faulty: bool, now: dt.datetime) -> None:
        """The same; beside what a commit of changes has stays what was set aside before it."""
        if not (faulty and isinstance(typed, ChangedRows)):
            super()._set_aside(typed, faulty, now)
            return
        (day,) = typed.days
        of = f"'{self.dataset.asset_class}' AS asset_class", f"'{self.dataset.name}' AS dataset"
        bad = typed.bad().selectExpr(*of, "*", f"TIMESTAMP'{now.replace(tzinfo=None)}' AS loaded_at")
        tables.replace(self.spark, self.quarantine, self._mine([day]), bad.unionByName(self._still_bad(typed)))

    def _still_bad(self, typed: ChangedRows) -> DataFrame:
        """What the load before set aside and the changes say nothing of."""
        (day,) = typed.days
        names = f"asset_class = '{self.dataset.asset_class}' AND dataset = '{self.dataset.name}'"
        (row,) = self.spark.sql(f"SELECT max(market_date) AS day FROM {self.loads} WHERE {names}").collect()
        last = max(self.records, default=row["day"])
        where = "false" if typed.emptied or last is None else f"{names} AND market_date = DATE'{last}'"
        bad = self.spark.sql(
            f"SELECT * FROM (SELECT * FROM {self.quarantine} WHERE {where}) bad "
            "LEFT ANTI JOIN touched ON bad.key = touched.key_text"
        )
        return bad.drop("market_date").selectExpr("*", f"DATE'{day.market_date}' AS market_date")

    def _merged(self, columns: Sequence[str], moment: str, scope: str) -> str:
        """All versions of the keys in a scope, as they are once the view `incoming` is what there is of them."""
        table = f"(SELECT * FROM {self.table} WHERE {scope})"
        same_key = " AND ".join(f"held.`{name}` = incoming.`{name}`" for name in self.dataset.key)
        same = " AND ".join(f"held.`{name}` <=> incoming.`{name}`" for name in self.dataset.columns)
        others = ", ".join(f"held.`{name}`" for name in columns if name != "seen_until")
        all_of = ", ".join(f"`{name}`" for name in columns)
        has_ended = f"held.seen_until IS NULL AND NOT ({same})"
        ended = (
            f"SELECT {others}, CASE WHEN {has_ended} THEN {moment} ELSE held.seen_until END AS seen_until "
            f"FROM {table} held LEFT JOIN incoming ON held.seen_until IS NULL AND {same_key} "
        )
        new = (
            f"SELECT {', '.join(f'incoming.`{name}`' for name in columns)} FROM incoming "
            f"LEFT JOIN (SELECT * FROM {table} WHERE seen_until IS NULL) held ON {same_key} "
            f"WHERE NOT ({same})"
        )
        # One of this very moment that is no more was never seen: another reading of the same rows took its place.
        return (
            f"SELECT {all_of} FROM ({ended}) WHERE seen_until IS NULL OR seen_until > seen_from "
            f"UNION ALL SELECT {all_of} FROM ({new})"
        )
