"""What is bad keeps only itself out of silver: one day of one dataset, or one row of a page."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random
import re
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from anthill.calendars import market_days
from anthill.lakehouse import bronze_rows, silver
from anthill.lakehouse.commits import Commit
from anthill.lakehouse.silver import BadObjectError, SilverError
from tests.plugins.anthill.lakehouse.lake import Lake, bar
from tests.plugins.anthill.lakehouse.test_page_rows import SPOILERS

DAYS = market_days("XNYS", dt.date(2024, 1, 2), dt.date(2024, 1, 5))


def _object(lake: Lake, dataset: str, day: dt.date, shard: str = "") -> Path:
    return Path(lake.commits[dataset, day, shard]["uri"].removeprefix("file://"))


def test_a_bad_day_keeps_only_itself_out(lake: Lake) -> None:
    """Its dataset's other days, and other datasets, reach silver and gold; the run is red and names day and object."""
    lake.only("traded_prices")
    days = market_days("XNYS", dt.date(2024, 1, 2), dt.date(2024, 1, 8))
    tampered, gone, fewer, half = days[1:]
    for day in days:
        lake.put_day(day, [bar("AAA", 10.0), bar("BBB", 20.0)])
    _object(lake, "grouped_daily", tampered).write_bytes(b"x")
    _object(lake, "splits", gone).unlink()
    lake.commits["grouped_daily", fewer, ""]["rows"] += 1
    del lake.commits["tickers", half, "delisted"]
    said = [
        rf"stocks\.grouped_daily of {tampered}: .*r000001\.jsonl\.gz: expected sha256",
        rf"stocks\.grouped_daily of {fewer}: .*r000001\.jsonl\.gz: expected 3 rows, found 2",
        rf"stocks\.tickers of {half}: bronze has the shards",
        rf"stocks\.splits of {gone}: .*splits/date={gone}/r000001\.jsonl\.gz: .*no object",
    ]
    with pytest.raises(SilverError, match=r"^4 market days .*" + r".* \| ".join(said)) as raised:
        lake.silver(days[0], days[-1])
    assert type(raised.value) is SilverError  # what is gone is not listed at the next try
    loads = lake.table("quality.loads")
    held = {name: set(loads.filter(pl.col("dataset") == name)["market_date"]) for name in loads["dataset"].unique()}
    assert held == {
        "grouped_daily": set(days) - {tampered, fewer},
        "tickers": set(days) - {half},
        "splits": set(days) - {gone},
        "dividends": set(days),
    }
    lake.quality(days[0], days[-1], datasets="-")
    lake.gold(days[0], days[-1])
    # It reads bars and splits: what they lack is held back, and the day without tickers is there.
    assert set(lake.table("gold.stocks_traded_prices")["market_date"]) == set(days) - {tampered, fewer, gone}


def test_many_bad_days_in_a_row_keep_only_themselves_out(lake: Lake) -> None:
    """What is wrong with objects says nothing of the next ones, and no other try mends it."""
    days = market_days("XNYS", dt.date(2024, 1, 2), dt.date(2024, 1, 12))
    for day in days:
        lake.put("splits", day, [])
    for day in days[1:8]:
        _object(lake, "splits", day).write_bytes(b"x")
    lake.commits["splits", days[7], ""]["rows"] += 1
    with pytest.raises(BadObjectError, match=r"^7 market days"):
        lake.silver(days[0], days[-1])
    assert sorted(lake.table("quality.loads")["market_date"]) == [days[0], days[8]]


def test_what_the_engine_cannot_do_is_not_tried_for_every_day(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """After five days in a row the others are not tried; each is named."""
    days = market_days("XNYS", dt.date(2024, 1, 2), dt.date(2024, 2, 28))
    for day in days:
        lake.put("splits", day, [])
    reads: list[int] = []

    def breaks(*_: Any) -> None:
        reads.append(1)
        raise RuntimeError("503 Slow Down\nat org.apache")

    monkeypatch.setattr("anthill.lakehouse.bronze_rows.verify", breaks)
    with pytest.raises(
        SilverError, match=rf"^{len(days)} market days .*: 503 Slow Down \| .* and {len(days) - 20} more"
    ) as raised:
        lake.silver(days[0], days[-1])
    assert type(raised.value) is SilverError  # it may work at the next try
    assert len(reads) < 25


def _page(*rows: bytes, tail: bytes = b"") -> bytes:
    return b'{"status":"OK","resultsCount":%d,"results":[%b]%b}' % (len(rows), b",".join(rows), tail)


def test_a_row_that_cannot_be_read_is_in_quarantine_and_its_neighbours_are_loaded(lake: Lake) -> None:
    """Each is there as it came, with its reason; other pages of the day, and other days, are as ever."""
    good = [json.dumps(bar(f"G{number}", 5.0)).encode() for number in range(2 * len(SPOILERS) + 1)]
    pages = [_page(good[2 * at], row, good[2 * at + 1]) for at, (row, _) in enumerate(SPOILERS)]
    data = gzip.compress(b"\n".join([*pages, _page(good[-1])]))
    facts = {"rows": len(good) + len(SPOILERS), "pages": len(pages) + 1, "asof": "2024-01-05T00:00:00Z"}
    lake._put("grouped_daily", DAYS[1], data, "jsonl", "", facts)
    for day in (DAYS[0], DAYS[2]):
        lake.put("grouped_daily", day, [bar("AAA", 1.0)])
    counts = lake.silver(DAYS[0], DAYS[2])["datasets"]["grouped_daily"]
    assert (counts["silver_rows"], counts["quarantined"], counts["loaded"]) == (len(good) + 2, len(SPOILERS), 3)
    held = lake.table("silver.stocks_grouped_daily").filter(market_date=DAYS[1])
    assert sorted(held["ticker"]) == sorted(f"G{number}" for number in range(len(good)))
    aside = lake.table("quality.quarantine")
    assert set(aside["row"]) == {row.decode("utf-8", "replace") for row, _ in SPOILERS}
    for row, said in SPOILERS:
        assert said in aside.filter(row=row.decode("utf-8", "replace"))["reason"][0]


def test_a_row_with_bytes_that_are_no_text_is_in_quarantine_wherever_they_are(lake: Lake) -> None:
    """In a name, too, and as one row of the right bytes in an array."""
    rows = [b'{"ticker":"AAA","name":"A\xffA","active":true}', b'{"ticker":"BBB","active":true}']
    rows.append(b'[{"ticker":"CCC","active":true}]')
    facts = {"rows": len(rows), "pages": 1, "asof": "2024-01-05T00:00:00Z"}
    lake._put("tickers", DAYS[0], gzip.compress(_page(*rows)), "jsonl", "active", facts)
    lake.put("tickers", DAYS[0], [], shard="delisted")
    lake.silver(DAYS[0])
    assert lake.table("silver.stocks_tickers")["ticker"].to_list() == ["BBB"]
    said = sorted(lake.table("quality.quarantine")["reason"])
    assert [reason.partition(":")[0] for reason in said] == ["row is no JSON object", "row is no UTF-8"]


@pytest.mark.parametrize("lake", ["options"], indirect=True)
def test_a_line_of_a_flat_file_that_cannot_be_read_is_in_quarantine(lake: Lake) -> None:
    """Its neighbours are loaded."""
    header = "ticker,volume,open,close,high,low,window_start,transactions"
    lines = [f"O:AAA240119C0010{number}000,5,1,1,1,1,1704171600000000000,2" for number in range(3)]
    data = "".join(f"{line}\n" for line in [header, *lines]).encode().replace(b"AAA240119C00101", b"A\xffA240119C00101")
    facts = {"rows": 3, "pages": 1, "asof": "2024-01-05T00:00:00Z"}
    lake._put("daily_bars", DAYS[0], gzip.compress(data), "csv", "", facts)
    lake.silver(DAYS[0])
    assert lake.table("silver.options_daily_bars").height == 2
    (aside,) = lake.table("quality.quarantine").to_dicts()
    assert aside["reason"].startswith("row is no UTF-8: O:A")


def test_a_whole_number_keeps_its_last_digit(lake: Lake) -> None:
    """Above 2^53 too, where a double has none for it; written in another way it is the same number."""
    texts = {"A": "9007199254740993", "B": "900719925474099301", "C": "1.2e+01", "D": "12.00"}
    rows = [json.dumps(bar(name, 5.0, n="N")).replace('"N"', text).encode() for name, text in texts.items()]
    facts = {"rows": len(rows), "pages": 1, "asof": "2024-01-05T00:00:00Z"}
    lake._put("grouped_daily", DAYS[0], gzip.compress(_page(*rows)), "jsonl", "", facts)
    lake.silver(DAYS[0])
    found = lake.table("silver.stocks_grouped_daily").sort("ticker")["trades"].to_list()
    assert found == [9007199254740993, 900719925474099301, 12, 12]


def test_objects_and_lists_of_more_than_a_mebibyte(lake: Lake) -> None:
    """Each is read once, and in its bad rows' own text, too."""
    noise = random.Random(1)
    rows = [bar(f"A{number}", 5.0, noise=noise.randbytes(1500).hex()) for number in range(1500)]
    rows[7]["c"] = "n/a"
    lake.put("grouped_daily", DAYS[0], rows)
    assert _object(lake, "grouped_daily", DAYS[0]).stat().st_size > 2 << 20
    manifest = lake.root / "long.json"
    manifest.write_text(json.dumps(list(lake.commits.values())) + " " * (2 << 20))
    days = {"market_date_from": str(DAYS[0]), "market_date_to": str(DAYS[0])}
    done = silver.run(lake.spark, catalog="dev", asset_class="stocks", manifest=f"file://{manifest}", **days)
    counts = done["datasets"]["grouped_daily"]
    assert (counts["bronze_rows"], counts["silver_rows"], counts["quarantined"]) == (1500, 1499, 1)
    assert re.search('"c": "n/a"', lake.table("quality.quarantine")["row"][0])


def test_a_list_that_is_not_there_is_an_error(lake: Lake) -> None:
    """It is named."""
    with pytest.raises(Exception, match=r"nowhere\.json"):
        bronze_rows.content(lake.spark, f"file://{lake.root}/nowhere.json")


class NoSuchPath:
    """A session whose reads end as Spark's do at a path without an object; Sail finds nothing and says nothing."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __getattr__(self, _: str) -> Any:
        return self

    def __call__(self, *_: Any, **__: Any) -> Any:
        """Any call of a reader or a frame."""
        return self

    def collect(self) -> Any:
        """Every plan ends here."""
        raise RuntimeError(f"[PATH_NOT_FOUND] Path does not exist: {self.path}. SQLSTATE: 42K03")


def test_a_location_without_an_object_is_named_with_what_to_do(lake: Lake) -> None:
    """On Spark as on Sail: the object of a day, among others that are there, and the list of objects."""
    for day in DAYS[:2]:
        lake.put("grouped_daily", day, [bar("A", 1.0)])
    commits = msgspec.convert(list(lake.commits.values()), list[Commit])
    gone = commits[1]
    with pytest.raises(bronze_rows.BronzeError, match=f"{gone.uri}: .*found no object.*land the day again"):
        bronze_rows.verify(NoSuchPath(f"s3a://lake/{gone.key}"), commits)  # type: ignore[arg-type]
    with pytest.raises(bronze_rows.BronzeError, match=r"s3://lake/list\.json: no such object; run the task again"):
        bronze_rows.content(NoSuchPath("s3a://lake/list.json"), "s3://lake/list.json")  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="PATH_NOT_FOUND"):
        bronze_rows.content(NoSuchPath("s3a://lake/other"), "s3://lake/list.json")  # type: ignore[arg-type]
