"""Which tables the declarations make: what is given on any other table would be given to whatever comes to be there."""

from __future__ import annotations

from collections.abc import Iterable

from anthill import catalog as declarations
from anthill import renamed
from anthill.catalog import DeclarationError
from anthill.governance.securables import Securable
from anthill.include import include_dir
from anthill.nearest import asked


def names() -> set[str]:
    """Every table as schema.table: of the asset classes, the star, quality, and the old names of gold."""
    found = {f"gold.{old}" for old in renamed.load().tables}
    for name in declarations.asset_classes():
        declared = declarations.load(name)
        found |= {f"silver.{name}_{dataset}" for dataset in declared.datasets}
        found |= {f"gold.{name}_{table}" for table in declared.gold}
    sql = include_dir() / "sql"
    found |= {f"gold.{file.stem}" for file in (sql / "gold/star").glob("*.sql")}
    return found | {f"quality.{file.stem}" for file in (sql / "quality").glob("*.sql")}


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
