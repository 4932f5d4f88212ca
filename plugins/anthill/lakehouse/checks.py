"""The SELECT that checks what is declared of a dataset: one pass over its rows, whatever is expected of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from anthill.dataset import Dataset
from anthill.expectation import Expectation
from anthill.lakehouse import measure, statements
from anthill.lakehouse.measure import Measure

_DAYS = "market_date BETWEEN :market_date_from AND :market_date_to"
_LOADED = ("market_date", "silver_rows", "bronze_rows", "quarantined", "recent_rows", "asof", "closed_at")
_RESULT = "expectation, severity, observed, threshold, passed, message"


def select(dataset: Dataset) -> str:
    """One SELECT over the view `loaded` and the dataset's rows: market_date and each expectation's result."""
    measures = {name: measure.of(name, each, dataset) for name, each in dataset.expectations.items()}
    counted = {each.column: each for each in measures.values() if each.aggregate}
    found = [name for name, each in dataset.expectations.items() if each.kind == "found"]
    views = {"measured": _pass(dataset, counted)}
    views |= {"found": _findings(dataset, found)} if found else {}
    views |= {"takings": _takings(dataset)} if _takes(dataset) else {}
    views["checked"] = _checked(counted, found, list(views))
    rows = ",\n".join(_result(name, each, measures[name]) for name, each in dataset.expectations.items())
    beside = ", ".join(f"{name} AS (\n{query}\n)" for name, query in views.items())
    return f"WITH {beside}\nSELECT market_date, stack({len(measures)},\n{rows}\n) AS ({_RESULT})\nFROM checked"


def digest(dataset: Dataset) -> str:
    """What tells what is expected of a dataset from anything else: SHA-256, hexadecimal."""
    return hashlib.sha256(select(dataset).encode()).hexdigest()


def _pass(dataset: Dataset, counted: Mapping[str, Measure]) -> str:
    """The one pass over the rows."""
    columns = "".join(f",\n  {each.aggregate} AS {column}" for column, each in counted.items())
    joins = [_join(each, dataset) for each in dataset.expectations.values() if each.listed_in]
    if any("day_before" in each.where for each in dataset.expectations.values()):
        before = "SELECT market_date AS loaded_date, day_before FROM loaded"
        joins.append(f"JOIN ({before}) loads ON loads.loaded_date = held.market_date")
    lines = [f"SELECT held.market_date{columns}", f"FROM {{silver}}.{dataset.table} held", *dict.fromkeys(joins)]
    return "\n".join([*lines, f"WHERE held.{_DAYS}", "GROUP BY held.market_date"])


def _join(each: Expectation, dataset: Dataset) -> str:
    """What another dataset lists on the market day; under names of its own, for `where` has those of the rows."""
    view = measure.listed(each)
    only = f"({each.listed_where}) AND " if each.listed_where else ""
    listed = (
        f"SELECT DISTINCT market_date AS {view}_date, {each.column} AS {view}_value "
        f"FROM {{silver}}.{dataset.asset_class}_{each.listed_in} WHERE {only}{_DAYS}"
    )
    return f"LEFT JOIN ({listed}) {view} ON {view}_date = held.market_date AND {view}_value = held.{each.column}"


def _findings(dataset: Dataset, names: list[str]) -> str:
    """What the dataset's own query finds: how many of each expectation, and their names."""
    file = statements.path("quality", dataset.asset_class, dataset.name)
    (query,) = statements.split(statements.code(file))
    if silent := [name for name in names if f"'{name}'" not in query]:
        raise statements.StatementError(f"{file}: it finds nothing of {', '.join(silent)}, which the declaration has")
    columns = "".join(
        f",\n  count_if(expectation = '{name}') AS n_{name},"
        f"\n  array_sort(collect_list(CASE WHEN expectation = '{name}' THEN finding END)) AS names_{name}"
        for name in names
    )
    return f"SELECT market_date{columns}\nFROM (\n{query}\n) findings\nGROUP BY market_date"


def _takes(dataset: Dataset) -> bool:
    return any(each.kind == "alike" for each in dataset.expectations.values())


def _takings(dataset: Dataset) -> str:
    """How many takings a day has, and the rows of the smallest and largest of them."""
    each = f"SELECT market_date, asof, count(*) AS held FROM {{silver}}.{dataset.table} WHERE {_DAYS}"
    return (
        f"SELECT market_date, count(*) AS takings, min(held) AS fewest, max(held) AS most\n"
        f"FROM ({each} GROUP BY market_date, asof) each_taking\nGROUP BY market_date"
    )


def _checked(counted: Mapping[str, Measure], found: list[str], views: list[str]) -> str:
    """A row for each loaded day, those without a row in silver among them."""
    columns = [f"loaded.{column}" for column in _LOADED]
    columns += [f"coalesce(measured.{column}, {each.otherwise}) AS {column}" for column, each in counted.items()]
    columns += [f"coalesce(found.n_{name}, 0) AS n_{name}, found.names_{name}" for name in found]
    columns += ["takings.takings, takings.fewest, takings.most"] if "takings" in views else []
    joins = "".join(f"\nLEFT JOIN {view} ON {view}.market_date = loaded.market_date" for view in views)
    return f"SELECT {', '.join(columns)}\nFROM loaded{joins}"


def _result(name: str, each: Expectation, measured: Measure) -> str:
    """The values of one row of the results."""
    limit, said = measure.text(measure.threshold(each)), measure.message(name, each, measured.number)
    return f"  '{name}', '{each.severity}', {measured.observed}, {limit}, {measured.passed}, {said}"
