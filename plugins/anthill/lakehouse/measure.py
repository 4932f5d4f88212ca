"""One expectation in SQL: what is counted in the pass over the rows, and what is observed, allowed and said of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from anthill.dataset import Dataset
from anthill.expectation import Expectation

RECENT_DAYS = 20  # loaded market days that a day's row count is compared with
_NAMED = 10  # names in a message
_NEAR = 5  # rows more or fewer than usual that are nothing


class Measure(NamedTuple):
    """Expressions over a row for each loaded day, and the `aggregate` over its rows that is kept in `column`."""

    observed: str
    passed: str
    number: str  # what the message counts
    column: str = ""
    aggregate: str = ""
    otherwise: str = "0"  # in the place of the aggregate on a day without rows


def of(name: str, each: Expectation, dataset: Dataset) -> Measure:
    """The measure of one expectation of a dataset."""
    return _MEASURES[each.kind](name, each, dataset)


def threshold(each: Expectation) -> str:
    """What is allowed, as people read it."""
    least, most = each.at_least, each.at_most
    match each.kind:
        case "some":
            return "> 0"
        case "most" | "alike":
            return f">= {least}"
        case "after_close":
            return ">= 0 hours"
        case "rows":
            sunday = "from" if most else "at least"
            sundays = f" (Sundays {sunday} {each.sundays} times)" if each.sundays else ""
            usual = f"{least} to {most} times" if most else f"at least {least} times"
            return f"{usual}{sundays} the median of the last {RECENT_DAYS} loaded days, or within {_NEAR} rows of it"
    return f"<= {most}" if most else "= 0"


def message(name: str, each: Expectation, number: str) -> str:
    """What is said: the number, what it is of, and the first names where there are some."""
    match each.kind:
        case "rows":
            usual = "coalesce(CAST(recent_rows AS STRING), 'none')"
            return f"concat({number}, ' rows, recent days have ', {usual})"
        case "quarantined":
            return f"concat({number}, ' bronze rows are in quarantine')"
        case "alike":
            rows = "coalesce(fewest, 0), ' to ', coalesce(most, 0)"
            return f"concat({number}, ' takings with ', {rows}, ' rows')"
    says = each.says if "{n}" in each.says else f"{{n}} {each.says}"
    if each.kind in ("answered", "found") and "{names}" not in says:
        says += "{more}"
    names = f"array_join(slice({_names(name)}, 1, {_NAMED}), {text(each.joined_by)})"
    some = f"CASE WHEN size({_names(name)}) > 0 THEN"
    words = {
        "{n}": number,
        "{names}": f"{some} {names} ELSE 'none' END",
        "{more}": f"{some} concat(': ', {names}) ELSE '' END",
    }
    parts = [part for part in re.split(r"({\w+})", says) if part]
    return f"concat({', '.join(words.get(part) or text(part) for part in parts)})"


def text(value: str) -> str:
    """A text as SQL has it."""
    escaped = value.replace("\\", r"\\").replace("'", r"\'")
    return f"'{escaped}'"


def listed(each: Expectation) -> str:
    """What the values are called that `listed_in` has: with _date and _value, its columns."""
    return f"{each.listed_in}_{each.column}"


def _number(name: str) -> str:
    return f"n_{name}"


def _names(name: str) -> str:
    return f"names_{name}"


def _share(of: str, all_of: str) -> str:
    return f"CAST(coalesce({of} / nullif({all_of}, 0), 0) AS DOUBLE)"


def _counted(name: str, aggregate: str = "") -> Measure:
    """A number that must be 0."""
    number = _number(name)
    return Measure(f"CAST({number} AS DOUBLE)", f"{number} = 0", number, number, aggregate)


def _none(name: str, each: Expectation, _: Dataset) -> Measure:
    parts = [f"({each.where})"] if each.where else []
    parts += [f"{listed(each)}_value IS NULL"] if each.listed_in else []
    counted = _counted(name, f"count_if({' AND '.join(parts)})")
    if not each.at_most:
        return counted
    number = counted.number
    return counted._replace(
        observed=_share(number, "silver_rows"),
        passed=f"{number} <= {each.at_most} * silver_rows",
        number=f"concat({number}, ' of ', silver_rows)",
    )


def _some(name: str, each: Expectation, _: Dataset) -> Measure:
    if not each.where:
        return Measure("CAST(silver_rows AS DOUBLE)", "silver_rows > 0", "silver_rows")
    return _counted(name, f"count_if({each.where})")._replace(passed=f"{_number(name)} > 0")


def _most(name: str, each: Expectation, _: Dataset) -> Measure:
    so = f"CASE WHEN {each.where} THEN 1.0 ELSE 0.0 END"
    mean = f"avg(CASE WHEN {each.of} THEN {so} END)" if each.of else f"avg({so})"
    passed = f"coalesce({_number(name)} >= {each.at_least}, true)"
    percent = f"concat(coalesce(CAST(round(100 * {_number(name)}, 1) AS STRING), 'no'), ' %')"
    return _counted(name, mean)._replace(passed=passed, number=percent, otherwise="NULL")


def _answered(name: str, each: Expectation, dataset: Dataset) -> Measure:
    # Sail takes no array whose items cannot be NULL together with one of a column's.
    asked = f"CAST(array({', '.join(map(text, sorted(dataset.listed)))}) AS ARRAY<STRING>)"
    missing = f"array_sort(array_except({asked}, collect_set({each.column})))"
    number = f"size({_names(name)})"
    return Measure(f"CAST({number} AS DOUBLE)", f"{number} = 0", number, _names(name), missing, asked)


def _found(name: str, _: Expectation, __: Dataset) -> Measure:
    return _counted(name)


def _unique(name: str, _: Expectation, dataset: Dataset) -> Measure:
    key = dataset.key[0] if len(dataset.key) == 1 else f"struct({', '.join(dataset.key)})"
    return _counted(name, f"count(*) - count(DISTINCT {key})")


def _alike(_: str, each: Expectation, __: Dataset) -> Measure:
    passed = f"coalesce(fewest >= {each.at_least} * most, true)"
    return Measure("CAST(coalesce(fewest / most, 1) AS DOUBLE)", passed, "coalesce(takings, 0)")


def _rows(_: str, each: Expectation, __: Dataset) -> Measure:
    least = str(each.at_least)
    if each.sundays:
        least = f"(CASE WHEN dayofweek(market_date) = 1 THEN {each.sundays} ELSE {least} END)"
    most = f" AND silver_rows <= {each.at_most} * recent_rows" if each.at_most else ""
    near = f"abs(silver_rows - recent_rows) <= {_NEAR}"
    passed = f"coalesce((silver_rows >= {least} * recent_rows{most}) OR {near}, true)"
    return Measure("CAST(silver_rows AS DOUBLE)", passed, "silver_rows")


def _quarantined(_: str, each: Expectation, __: Dataset) -> Measure:
    passed = f"quarantined <= {each.at_most} * bronze_rows"
    return Measure(_share("quarantined", "bronze_rows"), passed, "concat(quarantined, ' of ', bronze_rows)")


def _after_close(_: str, __: Expectation, ___: Dataset) -> Measure:
    seconds = "unix_timestamp(asof) - unix_timestamp(closed_at)"
    return Measure(f"({seconds}) / CAST(3600 AS DOUBLE)", "asof >= closed_at", seconds)


_MEASURES: Mapping[str, Callable[[str, Expectation, Dataset], Measure]] = {
    "none": _none,
    "some": _some,
    "most": _most,
    "answered": _answered,
    "found": _found,
    "unique": _unique,
    "alike": _alike,
    "rows": _rows,
    "quarantined": _quarantined,
    "after_close": _after_close,
}
