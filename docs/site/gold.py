"""The pages of gold: one a table, and the index of all of them with the star that they meet in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from posixpath import relpath

from markdown.extensions.toc import slugify

from anthill import catalog
from anthill.include import include_dir, tables_of_jobs
from anthill.lakehouse.keys import Key
from docs.site import samples
from docs.site.graph import Box, svg, upstream
from docs.site.joins import joins
from docs.site.samples import Sample
from docs.site.tables import Column, Table

STAR = "star"
MODELS = "models"  # what the job of that name fills, over all asset classes
FACT = "fact_daily_price"
QUESTIONS = Path(__file__).parents[1] / "how-to/query-gold.md"
NUMBER = ("bigint", "int", "double", "decimal", "float")


class Gold:
    """All tables of gold as they are declared, in declared order; those over all asset classes last."""

    def __init__(self, readers: Mapping[str, str]) -> None:
        """`readers` say who may read a table, by its name."""
        self.readers = readers
        self.samples = samples.read()
        self.folders = {name: list(catalog.load(name).gold) for name in catalog.asset_classes()}
        self.folders[MODELS] = sorted(tables_of_jobs())
        self.folders[STAR] = sorted(file.stem for file in (include_dir() / "sql/gold" / STAR).glob("*.sql"))
        self.tables = {
            folder: [Table.read(_place(folder) / f"{name}.sql") for name in names]
            for folder, names in self.folders.items()
        }

    @cached_property
    def reads(self) -> dict[str, list[str]]:
        """What each table is made from; what is over all asset classes reads a table of each."""
        found = {f"gold.{table.name}": list(table.reads) for tables in self.tables.values() for table in tables}
        for table in [*self.tables[MODELS], *self.tables[STAR]]:
            parts = [name.removeprefix("gold.") for name in table.reads]
            found[f"gold.{table.name}"] = [
                f"gold.{folder}_{part}" for part in parts for folder, names in self.folders.items() if part in names
            ]
        return found

    @cached_property
    def questions(self) -> dict[str, list[tuple[str, str]]]:
        """The questions that a table answers, each with its place on their page."""
        found: dict[str, list[tuple[str, str]]] = {}
        sections = re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", QUESTIONS.read_text(), re.MULTILINE | re.DOTALL)
        for title, text in sections:
            for name in dict.fromkeys(
                re.findall(r"\bgold\.(\w+)", "".join(re.findall(r"```sql(.*?)```", text, re.DOTALL)))
            ):
                found.setdefault(name, []).append((title, slugify(title, "-")))
        return found

    def pages(self) -> dict[str, str]:
        """A page a table, by its path within the catalogue."""
        return {
            self.page(f"gold.{table.name}"): "\n".join(self._table(folder, table)) + "\n"
            for folder, tables in self.tables.items()
            for table in tables
        }

    def page(self, name: str) -> str:
        """Where a table of gold or silver is told, from the catalogue's folder on."""
        layer, _, table = name.partition(".")
        for folder, tables in self.tables.items():
            if layer == "gold" and any(table == each.name for each in tables):
                return f"{folder}/{table.removeprefix(f'{folder}_')}.md"
        folder, _, dataset = table.partition("_")
        return f"{folder}/index.md#{dataset}"

    def index(self) -> Iterator[str]:
        """Every table with its key, an asset class after the other."""
        for folder, tables in self.tables.items():
            yield from (f"### {folder}", "", "| table | one row for each | what |", "| --- | --- | --- |")
            for table in tables:
                view = " (view)" if table.is_view else ""
                name = f"[{table.name}]({self.page(f'gold.{table.name}')}){view}"
                yield f"| {name} | {' '.join(map(grain, table.keys[:1]))} | {cell(table.comment)} |"
            yield ""

    def star(self, page: str, folder: str = STAR, fact: str = FACT) -> str:
        """A star schema: what happened in the middle, what it is told by around it."""
        tables = {table.name: table for table in self.tables[folder]}
        met = dict(joins(tables[fact], tables.values()))
        boxes = {
            name: Box(
                name, self._href(f"gold.{name}", page), "star", tuple(column.name for column in tables[name].columns)
            )
            for name in (fact, *met)
        }
        words = {(fact, name): condition.partition(" ")[2].strip("()") for name, condition in met.items()}
        return svg("The star schema", boxes, words, {edge: re.sub(r"\w+\.", "", said) for edge, said in words.items()})

    def lineage(self, page: str, edges: Iterable[tuple[str, str]], here: str = "") -> str:
        """A picture of tables and of what they are made from."""
        edges = list(edges)
        boxes = {
            name: Box(name, self._href(name, page), "here" if name == here else name.partition(".")[0])
            for edge in edges
            for name in edge
        }
        return svg(f"What {here or 'each table'} is made from", boxes, edges) if edges else ""

    def edges(self, folder: str) -> set[tuple[str, str]]:
        """From every table to those of an asset class that read it."""
        return {
            (source, f"gold.{table.name}")
            for table in self.tables[folder]
            for source in self.reads[f"gold.{table.name}"]
        }

    def _href(self, name: str, page: str) -> str:
        """From a page of the catalogue to the one that tells of a table, as it is in the built site."""
        target, _, anchor = self.page(name).partition("#")
        built = relpath(target, Path(page).parent).replace(".md", ".html")
        return f"{built}#{anchor}" if anchor else built

    def _table(self, folder: str, table: Table) -> Iterator[str]:
        name, page = f"gold.{table.name}", self.page(f"gold.{table.name}")
        yield from ("---", "hide: [toc]", "---", "")  # the columns need the width
        yield from (f"# {table.name}", "", f"{table.comment}.", "", "| | |", "| --- | --- |")
        yield f"| table | `{name}` |"
        if table.is_view:
            yield f'| kind | a view, which has no files: read it by SQL, `anthill export` or `anthill.read("{name}")` |'
        for at, key in enumerate(table.keys):
            yield f"| {'one row for each' if at == 0 else 'and for each'} | {grain(key)} |"
        yield f"| readers | {self.readers.get(name, 'nobody but the pipeline')} |"
        if asked := self.questions.get(table.name):
            links = [f"[{title}](../../how-to/query-gold.md#{anchor})" for title, anchor in asked]
            yield f"| answers | {'; '.join(links)} |"
        yield from ("", "## Columns", "")
        yield from columns(table, self.samples.get(table.name, Sample({}, {})))
        if table.null:
            yield from (f"NULL in a column that says nothing of it: {table.null}.", "")
        if met := joins(table, [*self.tables[folder], *(self.tables[STAR] if folder != STAR else ())]):
            yield from ("## Joins", "", "A row meets at most one row of these: no row is doubled.", "")
            yield from ("| table | |", "| --- | --- |")
            for other, condition in met:
                yield f"| [{other}]({relpath(self.page(f'gold.{other}'), folder)}) | `{condition}` |"
            yield ""
        if picture := self.lineage(page, upstream(name, self.reads), name):
            yield from ("## Where it comes from, and what reads it", "", picture, "")


def _place(folder: str) -> Path:
    gold = include_dir() / "sql/gold"
    return gold if folder == MODELS else gold / folder


def columns(table: Table, sample: Sample) -> Iterator[str]:
    """The columns with type, unit, meaning, NULL and the value of one row."""
    types, row = sample
    yield from ("| column | type | unit | what | NULL | a row |", "| --- | --- | --- | --- | --- | --- |")
    for column in table.columns:
        kind = column.type.removesuffix(" NOT NULL") or types.get(column.name, "").upper()
        unit = unit_of(column, kind)
        null = "never" if table.never_null(column) else column.null
        value = f"`{row[column.name]}`" if row.get(column.name) else ""
        kind = f"`{kind}`" if kind else ""
        yield f"| `{column.name}` | {kind} | {unit} | {cell(column.comment)} | {cell(null)} | {cell(value)} |"
    yield ""


def unit_of(column: Column, kind: str) -> str:
    """What a number or moment is counted in."""
    return column.unit if kind.lower().startswith((*NUMBER, "timestamp")) else ""


def grain(key: Key) -> str:
    """A key in words."""
    words = [f"`{name}`" for name in key.columns]
    if key.days:
        first, last = key.days
        words.append(f"days from `{first}` {'up to, without,' if key.ends_before else 'to'} `{last}`")
    return ", ".join(words) or "table: it has one row"


def cell(words: str) -> str:
    """Words that may stand in a cell of a table."""
    return words.replace("|", "\\|").replace("<", "&lt;")
