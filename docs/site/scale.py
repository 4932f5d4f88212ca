"""The tables of docs/scale.md that follow from its first one, what was measured, and from what is declared.

`PYTHONPATH=plugins:. python -m docs.site.scale` puts them into the page; a test compares.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import msgspec

from anthill import calendars, catalog
from anthill.backfill import form
from anthill.backfill.plan import MOST_CHUNKS, Plan, plan
from anthill.catalog import AssetClass
from anthill.dataset import Dataset
from anthill.lakehouse import statements

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/scale.md"
YEAR = dt.date(2025, 1, 1), dt.date(2025, 12, 31)
TEN = dt.date(2016, 1, 1), dt.date(2025, 12, 31)
CHUNK = 63  # market days, the form's default
DECLARED = {name: catalog.load(name) for name in catalog.with_past()}
Row = tuple[str, ...]
Span = tuple[dt.date, dt.date]
_TABLE = r"(\n## {}\n.*?^\|[^\n]*\n\|[ :|-]+\n)((?:\|[^\n]*\n)+)"


def table(heading: str) -> list[Row]:
    """The rows of the first table below a heading of the page."""
    found = _found(PAGE.read_text(), heading)
    return [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in found[2].splitlines()]


def _found(page: str, heading: str) -> re.Match[str]:
    found = re.search(_TABLE.format(re.escape(heading)), page, re.MULTILINE | re.DOTALL)
    if found is None or "\n## " in found[1][1:]:
        raise ValueError(f"docs/scale.md has no table below '{heading}'")
    return found


@cache
def _measured() -> dict[str, float]:
    return {name: float(value.replace(",", "")) for name, value, *_ in table("What was measured")}


def given(name: str) -> float:
    """A measured number; ValueError where the page's first table has it not."""
    if name not in _measured():
        raise ValueError(f"docs/scale.md, What was measured: lacks {name!r}")
    return _measured()[name]


def days(declared: AssetClass, span: Span) -> list[dt.date]:
    """Its market days."""
    return calendars.market_days(declared.calendar, *span)


def takings(declared: AssetClass, span: Span) -> int:
    """How often snapshots are taken: from the open to the close, both included."""
    opens, closes = calendars.session_open, calendars.session_close
    sessions = [closes(declared.calendar, day) - opens(declared.calendar, day) for day in days(declared, span)]
    return sum(length // each.every + 1 for length in sessions for each in declared.intraday.values() if each.every)


def shards(datasets: Iterable[Dataset]) -> int:
    """The objects that a day of these datasets has, each landed once."""
    return sum(max(1, len(dataset.shards)) for dataset in datasets)


def historical(declared: AssetClass) -> list[Dataset]:
    """What a backfill fetches where it is asked for all."""
    return [declared.datasets[name] for name in declared.historical]


def listings(objects: int) -> int:
    """The calls that list so many keys."""
    return max(1, math.ceil(objects / given("keys a listing")))


def whole(name: str) -> Plan:
    """The plan of all that the source has of an asset class, until the end of 2025."""
    asked = {key: param.value for key, param in form.params().items()} | {"asset_class": name}
    return plan({**asked, "market_date_from": str(DECLARED[name].start_date), "market_date_to": str(YEAR[1])})


def objects() -> Iterator[Row]:
    """Objects in bronze by asset class."""
    total = [0] * 4
    for name, declared in DECLARED.items():
        a_day = shards(declared.daily.values())
        numbers = [a_day, takings(declared, YEAR)]
        numbers += [a_day * len(days(declared, span)) + takings(declared, span) for span in (YEAR, TEN)]
        total = [sum(pair) for pair in zip(total, numbers, strict=True)]
        yield (name, f"{len(days(declared, YEAR))}", *(f"{number:,}" for number in numbers))
    yield ("all", "", *(f"{number:,}" for number in total))


def nights() -> Iterator[Row]:
    """What a scheduled run fetches again and finds for silver, at most, after a history of one and of ten years."""
    for name, declared in DECLARED.items():
        looked = declared.restated_days + 1
        again = sum(shards([each]) * each.restated_days for each in declared.daily.values())
        known = days(declared, TEN)
        span = max((last - first).days + 1 for first, last in zip(known, known[looked - 1 :], strict=False))
        lists = (_night(declared, span, history) for history in (YEAR, TEN))
        heads = looked * (shards(declared.daily.values()) + _most_takings(declared))
        yield (name, f"{looked}", f"{span}", f"{again:,}", *(f"{count:,}" for count in lists), f"{heads:,}")


def _night(declared: AssetClass, span: int, history: Span) -> int:
    """The listings by which a run finds so many calendar days: a day each, or all of a dataset."""
    if span <= given("days listed one by one"):
        return span * len(declared.datasets)
    each = [listings(shards([dataset]) * len(days(declared, history))) for dataset in declared.daily.values()]
    return sum(each) + sum(listings(takings(declared, history) // len(declared.intraday)) for _ in declared.intraday)


def _most_takings(declared: AssetClass) -> int:
    """Snapshots of a whole session."""
    return max(takings(declared, (day, day)) for day in days(declared, (dt.date(2025, 12, 1), YEAR[1])))


def backfills() -> Iterator[Row]:
    """A backfill of all that can be had into an empty bucket, chunk by chunk."""
    for name, declared in DECLARED.items():
        for label, span in (("a year", YEAR), ("ten years", TEN)):
            count, width = len(days(declared, span)), [shards([each]) for each in historical(declared)]
            ends = [*range(CHUNK, count, CHUNK), count]
            # Of each dataset: before a chunk is landed, before it is loaded, and in the report.
            lists = sum(
                sum(listings(each * at) for at in (0, *ends[:-1])) + sum(listings(each * at) for at in (*ends, count))
                for each in width
            )
            starts = len(ends) + 2  # silver a chunk, quality and gold once
            dbu = starts * given("DBU of a start, at most")
            yield (name, label, f"{len(ends)}", f"{sum(width) * count:,}", f"{lists:,}", f"{starts}", f"{dbu:,.0f}")


def plans() -> Iterator[Row]:
    """The plan of all that the source has, and how long silver's runs take to start one after the other."""
    for name in DECLARED:
        made = whole(name)
        count, size = len(made.chunks), len(json.dumps(made.chunks))
        hours = count * given("minutes of a start") / 60
        yield (name, f"{len(made.days):,}", f"{count}", f"{2 * count}", f"{size:,}", f"{hours:.1f}")


def lists_of_loads() -> Iterator[Row]:
    """What silver is told to read, in commits and bytes."""
    stocks = DECLARED["stocks"]
    a_day, past = shards(stocks.daily.values()) + _most_takings(stocks), shards(historical(stocks))
    for what, commits in (
        ("stocks, a scheduled run", (stocks.restated_days + 1) * a_day),
        (f"stocks, a chunk of {CHUNK} days", CHUNK * past),
        ("stocks, the largest chunk, 504 days", 504 * past),
        (f"option contracts' minutes, {CHUNK} days of one object", CHUNK),
    ):
        yield (what, f"{commits:,}", f"{commits * given('bytes a commit in the list') / 1000:,.0f}")


def starts() -> Iterator[Row]:
    """Starts of jobs in 2025, and what they are billed at most."""
    total = 0
    for name, declared in DECLARED.items():
        jobs = 4 if declared.reconciling else 3
        total += (count := jobs * len(days(declared, YEAR)))
        yield (name, f"{jobs}", *_billed(count))
    yield ("all", "", *_billed(total))


def _billed(count: int) -> Row:
    dbu = count * given("DBU of a start, at most")
    return f"{count:,}", f"{dbu:,.0f}", f"{dbu * given('$ a DBU, jobs, ENTERPRISE'):,.0f}"


def silver_on_spark() -> float:
    """CPU seconds of a row through silver, estimated."""
    return given("CPU s of silver, 2.75 M rows") / 2.75e6 * given("Spark's CPU by Sail's, silver")


def computing() -> Iterator[Row]:
    """CPU and DBU of rows through silver, quality and gold, once."""
    usage = msgspec.yaml.decode((ROOT / "terraform/cost/usage.yaml").read_text())
    after = (given("CPU s of quality, 2.75 M rows") + given("CPU s of gold, 2.75 M rows")) / 2.75e6
    sail = given("CPU s of silver, 2.75 M rows") / 2.75e6 + after
    spark = silver_on_spark() + after * given("Spark's CPU by Sail's, gold")
    for what, rows in (
        ("grouped stock bars", given("stocks of a day")),
        ("prod as in cost.md", usage["environments"]["prod"]["working"]["rows_a_day"]),
        *zip(("minutes of the contracts that trade", "minutes of all that are listed"), _minutes(), strict=True),
    ):
        dbu = rows * spark / 3600 * given("DBU a vCPU hour") * len(days(DECLARED["options"], YEAR))
        cells = (f"{dbu:,.2f}", f"{10 * dbu:,.1f}", f"{dbu * given('$ a DBU, jobs, ENTERPRISE'):,.2f}")
        yield (what, f"{rows:,.0f}", f"{rows * sail:,.1f}", f"{rows * spark:,.1f}", *cells)


def _contracts() -> tuple[float, float]:
    return given("option contracts that trade a day"), given("option contracts listed")


def _minutes() -> list[float]:
    """Rows of a day at most: each contract in every minute."""
    return [contracts * given("minutes of a session") for contracts in _contracts()]


def minutes_of_options() -> Iterator[Row]:
    """What a day of minutes of option contracts comes to, at most: those that trade, and all."""
    json_gb = given("bytes a minute bar, JSON") / 1e9
    a_year = len(days(DECLARED["options"], YEAR))
    for what, a_row, form_of in (
        ("million rows", 1e-6, ",.0f"),
        ("GB of JSON", json_gb, ",.1f"),
        ("GB in bronze, as pages", given("bytes a minute bar, gzip") / 1e9, ",.1f"),
        ("GB in bronze, as a flat file", given("bytes a bar, flat file") / 1e9, ",.1f"),
        ("CPU s of landing", json_gb * given("CPU s of landing, a GB of JSON"), ",.0f"),
        ("CPU s of silver, on Spark", silver_on_spark(), ",.0f"),
        ("GB that quality holds, a day in one query", given("GB of memory, quality of 94 M rows") / 94e6, ",.0f"),
        ("TB in Delta a year", given("bytes a row, Delta") * a_year / 1e12, ",.1f"),
    ):
        yield (what, *(format(rows * a_row, form_of) for rows in _minutes()))
    a_second = given("calls a second, paid plans")
    yield ("hours of calls, 100 a second", *(f"{each / a_second / 3600:,.1f}" for each in _contracts()))
    yield ("days of calls, 5 a minute", *(f"{each / 5 / 60 / 24:,.0f}" for each in _contracts()))


def breaks() -> Iterator[Row]:
    """At how many rows a day, and minutes a contract on average, each limit is reached."""
    most, seconds = given("MiB of a chain, the limit") * 2**20, given("seconds of silver, the limit")
    for what, rows in (
        ("gold's portion", given("rows of gold's portion")),
        ("quality's portion", given("rows of quality's portion")),
        ("512 MiB an object, as pages", most / given("bytes a minute bar, gzip")),
        ("512 MiB an object, as a flat file", most / given("bytes a bar, flat file")),
        (f"silver's two hours, {CHUNK} days on 16 cores", seconds * 16 / silver_on_spark() / CHUNK),
        ("silver's two hours, a day on one core", seconds / silver_on_spark()),
    ):
        yield (what, f"{rows / 1e6:,.1f}", *(f"{rows / contracts:,.0f}" for contracts in _contracts()))


def not_by_day() -> Iterator[Row]:
    """Gold tables without a market day: computed whole, or by months."""
    for name, declared in DECLARED.items():
        found: dict[str, list[str]] = {"whole": [], "month": []}
        for each in declared.gold:
            code = statements.code(statements.path("gold", name, each))
            created, columns = statements.declared(statements.split(code)[0])
            names = {column.name for column in columns}
            if created and "market_date" not in names:
                found["month" if "month" in names else "whole"].append(each)
        yield (name, *(", ".join(each) or "none" for each in found.values()))


def near() -> Iterator[Row]:
    """How near ten years, or all that the source has, come to each limit with what is declared today."""
    longest = max(map(whole, DECLARED), key=lambda made: len(made.chunks))
    chunks, warned = len(longest.chunks), given("warnings handed back, the most") * given("bytes of a warning")
    hours, patience = chunks * given("minutes of a start") / 60, given("minutes of patience") / 60
    silver, timeout = given("s of silver, options, 1,254 days") / 1254 * CHUNK, given("seconds of silver, the limit")
    told = given("bytes of a job's parameters")
    for what, number, limit in (
        (f"hours in silver's queue, all of {longest.asset_class} at once, {chunks} chunks", hours, patience),
        ("chunks of a plan, the same", chunks, MOST_CHUNKS),
        ("copies of a mapped task, the same", chunks, given("copies of a mapped task, the limit")),
        ("bytes of a job's parameters", told, given("bytes of parameters, the limit")),
        ("bytes of warnings that quality hands back", warned, given("bytes of a result, the limit")),
        (f"seconds of silver, {CHUNK} days of options, Sail on two cores", silver, timeout),
    ):
        yield (what, f"{number:,.0f}", f"{limit:,.0f}", f"{100 * number / limit:,.0f} %")


TABLES: dict[str, Callable[[], Iterator[Row]]] = {
    "How near the limits are": near,
    "Objects": objects,
    "A night's listings": nights,
    "A backfill's calls": backfills,
    "The plan of a backfill": plans,
    "Job parameters and the list of a load": lists_of_loads,
    "DBU of starts": starts,
    "DBU of computing": computing,
    "Every option contract's minutes": minutes_of_options,
    "Minutes a contract at which a limit is reached": breaks,
    "Gold that is not kept by day": not_by_day,
}


def main() -> None:
    """Put the tables into the page."""
    page = PAGE.read_text()
    for heading, rows in TABLES.items():
        found = _found(page, heading)
        lines = "".join(f"| {' | '.join(row)} |\n" for row in rows())
        page = page[: found.start(2)] + lines + page[found.end(2) :]
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
