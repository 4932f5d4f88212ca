"""A person, or a day, leaves silver, gold and quality, and the files in which they were."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from anthill import include
from anthill.lakehouse import erasure
from tests.plugins.anthill.erasure.panel import ANNA, BERT, CARL, DAY, NEXT, declared_in, row
from tests.plugins.anthill.lakehouse.lake import Lake

DIGEST = hashlib.sha256(BERT.encode()).hexdigest()


@pytest.fixture
def lake(sail: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The panel of two market days in gold; Bert's number was corrected, and a row of his cannot be typed."""
    monkeypatch.setattr(include, "_PLACES", (declared_in(tmp_path / "include"),))
    lake = Lake(sail, tmp_path / "lake", asset_class="people")
    lake.only("answers", "mood")
    lake.put("panel", DAY, [row(ANNA, 1), row(BERT, 2), row(CARL, 3)])
    lake.silver(DAY)
    lake.put("panel", DAY, [row(ANNA, 1), row(BERT, 4), row(CARL, 3), {"who": {"email": BERT}, "number": "two"}])
    lake.put("panel", NEXT, [row(ANNA, 5), row(CARL, 6)])
    lake.silver(DAY, NEXT)
    lake.quality(DAY, NEXT)
    lake.gold(DAY, NEXT)
    yield lake
    lake.close()


def erase(lake: Lake, **asked: Any) -> dict[str, Any]:
    """Run the job by a plan of the first day."""
    plan = lake.root / "plan.json"
    asked = {"asset_class": "people", "dataset": "panel", **asked}
    plan.write_text(json.dumps({"asked": asked, "days": [str(DAY)], "objects": [], "bucket": "b"}))
    return erasure.run(lake.spark, "dev", "people", str(plan))


def values(lake: Lake, query: str) -> list[Any]:
    """The rows of a query, as tuples."""
    return [tuple(found) for found in lake.spark.sql(query).collect()]


def files(lake: Lake) -> list[Path]:
    """Every data file of the lake's tables in which Bert can be read."""
    return [file for file in (lake.root / "dev").rglob("*.parquet") if BERT.encode() in _read(file)]


def _read(file: Path) -> bytes:
    import polars as pl

    return pl.read_parquet(file).write_json().encode()


def test_a_person_is_in_no_table_and_no_file(lake: Lake) -> None:
    """Silver and gold have everybody else; what is told of the day's rows is gone, and the day is loaded again."""
    assert files(lake)
    told = erase(lake, column="email", digests=[DIGEST])
    assert told["tables"]["silver.people_panel"] == {"rows": 1}
    assert told["tables"]["gold.people_answers"] == {"rows": 1}
    assert told["tables"]["gold.people_mood"] == {"rows": 1}
    assert values(lake, "SELECT email FROM dev.silver.people_panel ORDER BY market_date, email") == [
        (ANNA,), (CARL,), (ANNA,), (CARL,)
    ]  # fmt: skip
    assert values(lake, "SELECT market_date, says FROM dev.gold.people_mood") == [(NEXT, 5.5)]
    answers = "SELECT email FROM dev.gold.people_answers WHERE market_date = DATE'2026-06-15' ORDER BY email"
    assert values(lake, answers) == [(ANNA,), (CARL,)]
    for table in ("changes", "quarantine", "loads", "results", "earlier_loads"):
        assert values(lake, f"SELECT * FROM dev.quality.{table} WHERE market_date = DATE'2026-06-15'") == []
    assert values(lake, "SELECT dataset FROM dev.quality.loads") == [("panel",)]
    assert files(lake) == []


def test_again_it_changes_nothing(lake: Lake) -> None:
    """A run that was cut off is run again: the second time there is nothing."""
    erase(lake, column="email", digests=[DIGEST])
    again = erase(lake, column="email", digests=[DIGEST])
    assert {found["rows"] for found in again["tables"].values()} == {0}


class Killed(BaseException):
    """The job's process is gone."""


class Cut:
    """A session whose process ends with a statement: nothing that stands behind it is run, not even what cleans up."""

    def __init__(self, spark: Any, last: str, times: int) -> None:
        self._spark, self._last, self._left = spark, last, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._spark, name)

    def sql(self, statement: str) -> Any:
        """Run it, unless the process has ended."""
        if not self._left:
            raise Killed(statement)
        found = self._spark.sql(statement)
        self._left -= statement.startswith(self._last)
        return found


def test_a_job_that_is_killed_goes_on_to_the_same_end(lake: Lake) -> None:
    """After a deletion, before and after a VACUUM, while a table keeps no old file: the next run leaves no trace."""
    cuts = {"DELETE FROM dev.gold": 1, "DELETE FROM dev.silver": 1, "REORG": 1, "ALTER TABLE": 3, "VACUUM": 3}
    for last, times in cuts.items():
        whole = lake.spark
        lake.spark = Cut(whole, last, times)
        with pytest.raises(Killed):
            erase(lake, column="email", digests=[DIGEST])
        lake.spark = whole
        assert files(lake), "the cut came too late to be one"
    erase(lake, column="email", digests=[DIGEST])
    everybody = "SELECT DISTINCT email FROM dev.silver.people_panel ORDER BY email"
    assert values(lake, everybody) == [(ANNA,), (CARL,)]
    assert values(lake, "SELECT market_date, says FROM dev.gold.people_mood") == [(NEXT, 5.5)]
    assert values(lake, "SELECT dataset FROM dev.quality.loads") == [("panel",)]
    assert files(lake) == []
    for log in (lake.root / "dev").rglob("_delta_log"):
        held = DeltaTable(str(log.parent)).metadata().configuration
        assert held.get("delta.deletedFileRetentionDuration") != "interval 0 hours", log


def test_the_day_comes_back_without_them(lake: Lake) -> None:
    """Bronze has an answer without the person; the next load makes the day whole again, aggregates included."""
    erase(lake, column="email", digests=[DIGEST])
    lake.put("panel", DAY, [row(ANNA, 1), row(CARL, 3)])
    lake.silver(DAY)
    lake.quality(DAY)
    lake.gold(DAY)
    assert values(lake, "SELECT says FROM dev.gold.people_mood ORDER BY market_date") == [(2.0,), (5.5,)]
    assert values(lake, "SELECT count(*) FROM dev.quality.changes") == [(0,)]
    assert files(lake) == []


def test_a_day_goes_whole(lake: Lake) -> None:
    """Everybody's rows of it, and nothing of another day."""
    erase(lake, market_date=str(DAY))
    for table in ("silver.people_panel", "gold.people_answers", "gold.people_mood", "quality.published"):
        assert set(values(lake, f"SELECT market_date FROM dev.{table}")) == {(NEXT,)}, table


def test_whole_numbers_are_found_by_their_digits(lake: Lake) -> None:
    """As in bronze."""
    told = erase(lake, column="member", digests=[hashlib.sha256(b"2").hexdigest()])
    assert told["tables"]["silver.people_panel"] == {"rows": 1}
    assert BERT not in str(values(lake, "SELECT email FROM dev.silver.people_panel"))
    # Gold has no such column: its rows of the day go, whoever they are about, and are computed again.
    assert values(lake, "SELECT DISTINCT market_date FROM dev.gold.people_answers") == [(dt.date(2026, 6, 16),)]
