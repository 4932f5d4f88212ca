"""The data catalogue: gold first, a page a table; then what is loaded. From declarations, SQL and grants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path

from anthill import catalog, intervals, renamed
from anthill.catalog import AssetClass
from anthill.dataset import Dataset
from anthill.governance import grants
from anthill.include import include_dir
from anthill.lakehouse import measure
from docs.site import schema
from docs.site.gold import MODELS, STAR, Gold, cell
from docs.site.tables import Column, Table

CALENDARS = {
    "XNYS": "sessions of the New York Stock Exchange",
    "24/7": "every day",
    "forex": "Sunday evening to Friday evening, New York",
}
QUALITY = "quality.md"


def pages() -> dict[str, str]:
    """Every page of the catalogue by its path in it."""
    declared = [catalog.load(name) for name in catalog.asset_classes()]
    readers = _readers()
    gold = Gold(readers)
    made = {"index.md": "\n".join(_index(declared, gold)) + "\n", QUALITY: _quality(readers)} | gold.pages()
    made[f"{STAR}/index.md"] = "\n".join(_star(gold)) + "\n"
    made[f"{MODELS}/index.md"] = "\n".join(_models(gold)) + "\n"
    for each in declared:
        made[f"{each.asset_class}/index.md"] = "\n".join(_asset_class(each, gold, readers)) + "\n"
    return made


def _index(declared: list[AssetClass], gold: Gold) -> Iterator[str]:
    yield from ("# Data catalogue", "")
    yield "Every table that can be asked. Gold is for analysts; its answers to real questions are in"
    yield "[fifteen questions](../how-to/query-gold.md)."
    yield from ("", "## Gold", "")
    yield "**Keys.** What a row is one for is its table's key; *days from … to …* says when a row counts. A join on"
    yield "the whole key of the other table doubles no row; each page lists those that there are."
    yield ""
    yield "**Units.** A number is counted in what its column says; `fraction` is a part of one, 0.01 is 1 %."
    yield "Moments are UTC, a `market_date` is the market's own day."
    yield ""
    yield "**NULL.** Each column says what it means there; `never` is a promise."
    yield ""
    yield from gold.index()
    yield from ("## The star schema", "", f"All asset classes together: [{STAR}]({STAR}/index.md).", "")
    yield from (gold.star("index.md"), "")
    yield from ("## What is loaded", "")
    yield from ("| asset class | market days | datasets | gold tables | since |", "| --- | --- | ---: | ---: | --- |")
    for each in declared:
        page, days = f"[{each.asset_class}]({each.asset_class}/index.md)", _calendar(each)
        yield f"| {page} | {days} | {len(each.datasets)} | {len(each.gold)} | {each.start_date} |"
    yield from ("", f"What was checked, loaded and changed: [the tables of quality]({QUALITY}).", "")
    yield from ("### All datasets", "", "| dataset | what | endpoint |", "| --- | --- | --- |")
    for each in declared:
        for dataset in each.datasets.values():
            link = f"[{dataset.table}]({each.asset_class}/index.md#{dataset.name})"
            yield f"| {link} | {cell(dataset.description)} | `{dataset.endpoint}` |"


def _star(gold: Gold) -> Iterator[str]:
    page = f"{STAR}/index.md"
    yield from ("# star", "", "All asset classes in one table of prices, with its instruments and dates.", "")
    yield from (gold.star(page), "", "## What it is made from", "", gold.lineage(page, gold.edges(STAR)))


def _models(gold: Gold) -> Iterator[str]:
    yield from ("# models", "", "What the job `models` says of all asset classes, each day:", "")
    yield "forecasts ([how](../../volatility.md)) and opinions on anomalies ([how](../../concepts.md))."
    yield from ("", "| table | what |", "| --- | --- |")
    for table in gold.tables[MODELS]:
        page = gold.page(f"gold.{table.name}").partition("/")[2]
        yield f"| [{table.name}]({page}) | {cell(table.comment)} |"
    yield from ("", "## What it is made from", "", gold.lineage(f"{MODELS}/index.md", gold.edges(MODELS)))


def _asset_class(declared: AssetClass, gold: Gold, readers: dict[str, str]) -> Iterator[str]:
    name = declared.asset_class
    yield from (f"# {name}", "", f"{declared.description}.", "")
    yield from ("| | |", "| --- | --- |")
    if declared.has_versions:
        yield f"| cuts | {_calendar(declared)}, of all tables at one moment; nothing is written where nothing changed |"
    else:
        yield f"| market days | {_calendar(declared)}, since {declared.start_date} |"
        yield f"| due | {_span(declared.due_after_close)} after the close |"
    yield f"| owner | {declared.owner} |"
    yield f"| declared in | `include/datasets/{name}.yaml`, grants in `include/grants/{name}.yaml` |"
    for listed, found in declared.lists.items():
        yield f"| list `{listed}` | {', '.join(found)} |"
    yield from ("", "## Gold", "", "| table | what |", "| --- | --- |")
    for table in gold.tables[name]:
        page = gold.page(f"gold.{table.name}").partition("/")[2]
        yield f"| [{table.name}]({page}) | {cell(table.comment)} |"
    if declared.warehouse:
        yield from (
            "",
            "## Its star",
            "",
            "As a warehouse has it, under plain names; the fact refers to the others.",
        )
        yield from ("", gold.star(f"{name}/index.md", name, f"{name}_{declared.warehouse[-1]}"))
    yield from ("", "## What gold is made from", "", gold.lineage(f"{name}/index.md", gold.edges(name)), "")
    yield from _old_names(name, readers)
    yield from ("## Silver", "")
    if picture := schema.picture(declared):
        yield from ("A row's key comes first; an arrow leads to the table whose row it names.", "", picture, "")
    for dataset in declared.datasets.values():
        yield from _dataset(declared, dataset, readers)


def _old_names(asset_class: str, readers: dict[str, str]) -> Iterator[str]:
    """The tables that were renamed, each a view for one release."""
    old = {name: table for name, table in renamed.load().tables.items() if name.startswith(f"{asset_class}_")}
    if not old:
        return
    yield from ("## Old names", "", "Views for one release.", "")
    yield from ("| view | has the rows of | old columns | readers |", "| --- | --- | --- | --- |")
    for name, table in old.items():
        rows = ", ".join(f"`gold.{each}`" for each in table.rows_of)
        columns = ", ".join(f"`{before}` is `{now}`" for before, now in table.columns.items())
        yield f"| `gold.{name}` | {rows} | {columns} | {readers.get(f'gold.{name}', 'nobody but the pipeline')} |"
    yield ""


def _dataset(declared: AssetClass, dataset: Dataset, readers: dict[str, str]) -> Iterator[str]:
    table = Table.read(_sql("silver", declared.asset_class, dataset.name))
    yield from (f"### {dataset.name}", "", f"{dataset.description}.", "", "| | |", "| --- | --- |")
    yield f"| table | `silver.{dataset.table}` |"
    yield from (f"| {label} | {said} |" for label, said in dataset.asked())
    yield f"| schedule | {_schedule(declared, dataset)} |"
    within = "among the rows of a cut" if dataset.has_versions else "within a market day"
    yield f"| key, {within} | {', '.join(f'`{column}`' for column in dataset.key)} |"
    if dataset.stays_after:
        since = "the market day before" if dataset.stays_after == 1 else f"{dataset.stays_after} market days in a row"
        yield f"| a `{dataset.key[0]}` that is gone | is a warning where it was there on {since} |"
    if dataset.restated_days:
        yield f"| revised by the source | for {dataset.restated_days} market days, which are fetched again |"
    if dataset.keeps_withdrawn:
        yield "| withdrawn by the source | rows stay, marked as `withdrawn` |"
    empty = "an answer to try again" if dataset.empty == "refused" else "landed as a day without rows"
    if dataset.has_versions:
        empty = "refused, and the cut with it" if dataset.empty == "refused" else "what the cut has then"
        yield f"| a table without rows | is {empty} |"
    else:
        yield f"| a day without rows | is {empty} |"
    yield f"| readers | {readers.get(f'silver.{dataset.table}', 'nobody but the pipeline')} |"
    source = {column: field for field, column in {**dataset.page_fields, **dataset.fields}.items()}
    yield from _columns(table.columns, source)
    yield from (
        '??? note "What is expected of a market day"',
        "",
        "    | expectation | severity | threshold |",
        "    | --- | --- | --- |",
    )
    for name, each in dataset.expectations.items():
        yield f"    | `{name}` | {each.severity} | {cell(measure.threshold(each))} |"
    yield ""


def _quality(readers: dict[str, str]) -> str:
    """The tables in which quality is written down."""
    lines = ["# quality", "", "What was checked, loaded, published and changed, of all asset classes.", ""]
    for file in sorted((include_dir() / "sql/quality").glob("*.sql")):
        table, name = Table.read(file), f"quality.{file.stem}"
        lines += [f"## {file.stem}", "", f"{table.comment}.", "", "| | |", "| --- | --- |", f"| table | `{name}` |"]
        lines += [f"| readers | {readers.get(name) or readers.get('quality', 'nobody but the pipeline')} |"]
        lines += _columns(table.columns, {})
    return "\n".join(lines) + "\n"


def _columns(columns: Iterable[Column], source: dict[str, str]) -> Iterator[str]:
    """A table of columns; the field of the API where one fills the column."""
    typed, filled = any(column.type for column in columns), bool(source)
    head = ["column", *(["type"] if typed else []), "what, and its unit", *(["field"] if filled else [])]
    yield from ("", "| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |")
    for column in columns:
        cells = [f"`{column.name}`", *([f"`{column.type}`"] if typed else []), cell(column.comment)]
        cells += [f"`{source[column.name]}`" if column.name in source else ""] if filled else []
        yield "| " + " | ".join(cells) + " |"
    yield ""


def _readers() -> dict[str, str]:
    """Who may SELECT what: by the table's own grants, else by its schema's."""
    found: dict[str, str] = {}
    for securable in grants.load(grants.areas(), "catalog"):
        who = sorted(principal for principal, privileges in securable.grants.items() if "SELECT" in privileges)
        found[securable.name.removeprefix("catalog.")] = ", ".join(who)
    return found


def _calendar(declared: AssetClass) -> str:
    """When there is something of it."""
    span = intervals.span_of(declared.calendar)
    return f"every {_span(span)}" if span else CALENDARS[declared.calendar]


def _schedule(declared: AssetClass, dataset: Dataset) -> str:
    if dataset.has_versions:
        return f"in every cut, {_calendar(declared)}"
    if dataset.every:
        return f"every {_span(dataset.every)} in market hours"
    due = dataset.due_after_close or declared.due_after_close
    now = ", the present only: no past days" if dataset.present_only else ""
    return f"every market day, {_span(due)} after the close{now}"


def _span(span: dt.timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest or not hours else [])])


def _sql(layer: str, folder: str, name: str) -> Path:
    return include_dir() / "sql" / layer / folder / f"{name}.sql"
