"""The numbers of docs/scale.md: what it derives follows from what it measured and from what is declared today.

A new dataset, gold table or measured number makes these fail with the table as it should be.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import msgspec
import pytest
from moto import mock_aws

from anthill import calendars, catalog, settings
from anthill.backfill import form
from anthill.bronze import manifest
from anthill.lakehouse import expectations, gold_table, quality
from anthill.landing import content
from benchmarks import scale as bench
from docs.site import scale
from docs.site.scale import given

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/scale.md").read_text()
USAGE = msgspec.yaml.decode((ROOT / "terraform/cost/usage.yaml").read_text())
PRICES = msgspec.yaml.decode((ROOT / "terraform/cost/prices.yaml").read_text())


@pytest.mark.parametrize("heading", scale.TABLES)
def test_a_table_follows_from_what_is_measured_and_declared(heading: str) -> None:
    """Each cell; where it does not, the message says how the page is written again."""
    expected = list(scale.TABLES[heading]())
    lines = "\n".join(f"| {' | '.join(row)} |" for row in expected)
    assert scale.table(heading) == expected, (
        f"docs/scale.md, {heading}, is to be:\n{lines}\nRun `PYTHONPATH=plugins:. python -m docs.site.scale`, and read "
        f"'Where it ends' again"
    )


def test_objects_are_counted_by_hand_where_they_are_few() -> None:
    """Indices: three objects a day, 250 days of 2025; 27 snapshots on 247 days, 15 on the three that close at 13:00."""
    (row,) = [row for row in scale.table("Objects") if row[0] == "indices"]
    assert row[1:5] == ("250", "3", f"{247 * 27 + 3 * 15:,}", f"{250 * 3 + 247 * 27 + 3 * 15:,}")


def test_limits_are_those_of_the_code() -> None:
    """What the page calls a limit of this repository is one."""
    silver = msgspec.yaml.decode((ROOT / "databricks/resources/silver.yml").read_text())["resources"]["jobs"]["silver"]
    assert (silver["timeout_seconds"], silver["max_concurrent_runs"]) == (given("seconds of silver, the limit"), 1)
    assert given("MiB of a chain, the limit") * 2**20 == content._MOST
    assert given("days listed one by one") == manifest._FEW
    assert given("rows of gold's portion") == gold_table._BATCH
    assert given("rows of quality's portion") == quality._AT_ONCE
    assert given("warnings handed back, the most") == quality._TOLD
    assert given("minutes of patience") == settings.job_patience_minutes()
    assert form.params()["chunk"].value == scale.CHUNK


def test_measured_numbers_are_those_of_the_other_pages() -> None:
    """What is taken from docs/performance.md and the data of docs/cost.md stands there."""
    performance = (ROOT / "docs/performance.md").read_text()
    for step in ("silver", "quality", "gold"):
        assert re.search(
            rf"^\| {step} \| [\d.]+ / {given(f'CPU s of {step}, 2.75 M rows')} \|", performance, re.MULTILINE
        )
    assert re.search(
        rf"^\| options .*\| 1,254 \|.*\| {given('s of silver, options, 1,254 days'):.0f} \|", performance, re.MULTILINE
    )
    assert f"| anthill | 600 | 16 | {given('CPU s of landing, a GB of JSON')} |" in performance
    assert f"{given('GB of memory, quality of 94 M rows')} GB" in performance
    assert given("$ a DBU, jobs, ENTERPRISE") == PRICES["databricks"]["jobs_dbu"]["ENTERPRISE"]
    assert given("bytes a row, Delta") == USAGE["bytes_a_row"]["delta"]
    warehouses = USAGE["warehouse_dbu_an_hour"]
    assert given("DBU a vCPU hour") == warehouses["2X-Small"] / 16 == warehouses["Small"] / 48
    assert given("DBU of a start, at most") == given("minutes of a start") / 60 * warehouses["2X-Small"]


def test_what_the_benchmark_prints_stands_on_the_page() -> None:
    """Calls of S3 and bytes, of a history that is just longer than a chunk: as one of a year, a listing each."""
    dataset = catalog.load("stocks").datasets["tickers"]
    days = calendars.market_days(dataset.calendar, dt.date(2026, 4, 1), bench.LAST)[-bench.CHUNK - 1 :]
    with mock_aws():
        store = bench.Counted()
        made = [
            (what, ", ".join(f"{count} {name}" for name, count in calls.items()))
            for what, calls in bench.calls(store, dataset, days)
        ]
        sizes = dict(bench.sizes(store, dataset, days))
    assert made == [(what, after_a_year) for what, after_a_year, _ in scale.table("S3's calls")]
    assert {name: round(size) for name, size in sizes.items()} == {name: given(name) for name in sizes}
    assert {name: round(size, 1) for name, size in bench.minutes()} == {
        name: given(name) for name, _ in bench.minutes()
    }


def test_a_warning_is_as_long_as_one_of_a_doubled_row() -> None:
    """The line as quality hands it back."""
    day = dt.date(2026, 7, 2)
    (warning,) = expectations.no_duplicates({day: {"duplicates": 1, "conflicts": 1, "doubled": "A"}})  # type: ignore[dict-item]
    assert given("bytes of a warning") == len(f"grouped_daily of {day}: {warning['message']}")


def test_sentences_hold_the_numbers_that_follow() -> None:
    """Numbers in prose."""
    (objects,) = [row[4] for row in scale.objects() if row[0] == "all"]
    put = int(objects.replace(",", "")) * PRICES["s3"]["put_1000"] / 1000
    inline = given("bytes of parameters, the limit") // given("bytes a commit in the list")
    _, dbu, _ = USAGE["environments"]["prod"]["working"]["job_dbu_a_day"]  # low, likely, high
    ten = len(scale.days(catalog.load("options"), scale.TEN))
    for sentence in (
        f"more than {given('minutes of patience') / given('minutes of a start'):.0f} chunks",
        f"In the parameters themselves {inline:.0f} commits would fit",
        f"A year of objects is {put:.2f} $",
        f"{dbu * USAGE['market_days'] * 12:,} DBU a year ({dbu} a day)",
        f"Objects stay one a day, {ten:,} in ten years",
        f"375,000 rows a day, a month has {375_000 * USAGE['market_days'] / 1e6:.1f} M rows",
    ):
        assert sentence in PAGE
