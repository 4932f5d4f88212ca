"""The semantic model in TMDL, a tab a level."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from docs.site.tables import Column, Table
from scripts.power_bi.declaration import Measure, Project

_TYPES = {
    "string": "string",
    "date": "dateTime",
    "timestamp": "dateTime",
    "int": "int64",
    "bigint": "int64",
    "double": "double",
    "decimal": "decimal",
    "boolean": "boolean",
}
_FORMATS = {"date": "yyyy-mm-dd", "timestamp": "yyyy-mm-dd hh:nn:ss"}
_PARAMETERS = {  # and an example of each: whoever opens the project writes their own
    "Host": "workspace.cloud.databricks.com",
    "HttpPath": "/sql/1.0/warehouses/0123456789abcdef",
    "CatalogName": "prod",
}
_META = 'IsParameterQuery=true, Type="Text", IsParameterQueryRequired=true'
_SOURCE = (
    "Databricks.Catalogs(Host, HttpPath, [Catalog=CatalogName, Database=null, EnableAutomaticProxyDiscovery=null])"
)
_DATES = "dim_date"


def files(project: Project) -> dict[str, str]:
    """Each file of the model's definition."""
    model = [
        "model Model",
        "\tculture: en-US",
        "\tdefaultPowerBIDataSourceVersion: powerBI_V3",
        "\tdiscourageImplicitMeasures",  # a sum of prices is nothing
        "\tsourceQueryCulture: en-US",
        "",
        *(f"ref table {table.name}" for table in project.tables),
        "",
        *(f"ref role {role}" for role in project.roles),
    ]
    made = {
        "database.tmdl": ["database", "\tcompatibilityLevel: 1600"],
        "model.tmdl": model,
        "expressions.tmdl": _parameters(),
        "relationships.tmdl": _relationships(project),
    }
    made |= {f"tables/{table.name}.tmdl": _table(project, table) for table in project.tables}
    made |= {f"roles/{role}.tmdl": [f"role {role}", "\tmodelPermission: read"] for role in project.roles}
    return {name: "\n".join(lines).rstrip("\n") + "\n" for name, lines in made.items()}


def quoted(name: str) -> str:
    """A name as TMDL writes it: between apostrophes where it is more than a word."""
    return name if re.fullmatch(r"\w+", name) else "'" + name.replace("'", "''") + "'"


def _parameters() -> Iterator[str]:
    for name, example in _PARAMETERS.items():
        yield f'expression {name} = "{example}" meta [{_META}]'
        yield ""


def _relationships(project: Project) -> Iterator[str]:
    """From many rows to one, as TMDL has it where nothing is said."""
    for each in project.relationships:
        yield f"relationship {each.table}_{each.column}_{each.other}"
        yield f"\tfromColumn: {each.table}.{each.column}"
        yield f"\ttoColumn: {each.other}.{each.key}"
        yield ""


def _table(project: Project, table: Table) -> Iterator[str]:
    yield f"/// {table.comment}"
    yield f"table {table.name}"
    if table.name == _DATES:
        yield "\tdataCategory: Time"
    yield ""
    for measure in project.measures:
        if measure.table == table.name:
            yield from _measure(measure)
    for column in table.columns:
        yield from _column(table, column, project.type_of(table, column))
    yield from _partition(table)


def _measure(measure: Measure) -> Iterator[str]:
    yield f"\t/// {measure.says}"
    yield f"\tmeasure {quoted(measure.name)} ="
    yield from _deeper(3, measure.dax.splitlines())
    yield f"\t\tformatString: {measure.format}"
    yield ""


def _column(table: Table, column: Column, kind: str) -> Iterator[str]:
    yield f"\t/// {column.comment}"
    yield f"\tcolumn {column.name}"
    yield f"\t\tdataType: {_TYPES[kind.partition('(')[0]]}"
    if table.name == _DATES and (column.name,) in [key.columns for key in table.keys]:
        yield "\t\tisKey"
    if kind in _FORMATS:
        yield f"\t\tformatString: {_FORMATS[kind]}"
    yield "\t\tsummarizeBy: none"
    yield f"\t\tsourceColumn: {column.name}"
    yield ""


def _partition(table: Table) -> Iterator[str]:
    """Asked where it lies, with the rights of who asks: nothing is copied into the model."""
    kind = "View" if table.is_view else "Table"
    yield f"\tpartition {table.name} = m"
    yield "\t\tmode: directQuery"
    yield "\t\tsource ="
    yield from _deeper(
        4,
        [
            "let",
            f"    Source = {_SOURCE},",
            '    Environment = Source{[Name=CatalogName, Kind="Database"]}[Data],',
            '    Gold = Environment{[Name="gold", Kind="Schema"]}[Data],',
            f'    Rows = Gold{{[Name="{table.name}", Kind="{kind}"]}}[Data]',
            "in",
            "    Rows",
        ],
    )


def _deeper(tabs: int, lines: Iterable[str]) -> Iterator[str]:
    return ("\t" * tabs + line for line in lines)
