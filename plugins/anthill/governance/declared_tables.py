"""Which tables the declarations make: what is given on any other table would be given to whatever comes to be there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from anthill import catalog as declarations
from anthill import renamed
from anthill.catalog import DeclarationError
from anthill.governance.securables import Securable
from anthill.include import include_dir, tables_of_jobs
from anthill.nearest import asked

_PARTITIONED = re.compile(r"^PARTITIONED BY \(([^)]*)\)", re.MULTILINE)


def names() -> set[str]:
    """Every table as schema.table: of asset classes, the star, what jobs fill, metric views, quality, and old names."""
    found = {f"gold.{old}" for old in renamed.load().tables}
    for name in declarations.asset_classes():
        declared = declarations.load(name).with_streams()
        found |= {f"silver.{name}_{dataset}" for dataset in declared.datasets}
        found |= {f"gold.{name}_{table}" for table in declared.gold}
    sql = include_dir() / "sql"
    found |= {f"gold.{file.stem}" for file in (sql / "gold/star").glob("*.sql")}
    found |= {f"gold.{name}" for name in tables_of_jobs()}
    found |= {f"gold.{file.stem}" for file in (include_dir() / "metrics").glob("*.sql")}
    return found | {f"quality.{file.stem}" for file in (sql / "quality").glob("*.sql")}


def partitions(table: str) -> list[str]:
    """The columns by which the files of a table of gold are parted, as its SQL declares it; a view has none."""
    sql, name = include_dir() / "sql/gold", table.removeprefix("gold.")
    files = [
        sql / "star" / f"{name}.sql",
        *(sql / each / f"{name.removeprefix(f'{each}_')}.sql" for each in declarations.asset_classes()),
    ]
    text = next((file.read_text() for file in files if file.is_file()), "")
    found = _PARTITIONED.search(text)
    return [column.strip() for column in found[1].split(",")] if found else []


def check(securables: Iterable[Securable]) -> None:
    """DeclarationError with a line for each table that nothing declares, with its file and line."""
    known = names()
    wrong = [
        f"{each.at()}: {each.name}: nothing makes this table{asked(_short(each), sorted(known))}"
        for each in securables
        if each.type == "table" and _short(each) not in known
    ]
    if wrong:
        raise DeclarationError("\n".join(wrong))


def _short(securable: Securable) -> str:
    return securable.name.partition(".")[2]
