"""`anthill check`: a declaration read as the platform reads it, and what belongs to it looked for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anthill.cli.session import fail, session_of

if TYPE_CHECKING:
    from anthill.catalog import AssetClass


def check(
    context: typer.Context,
    declaration: Annotated[
        list[str] | None, typer.Argument(help="A YAML file, or the name of an asset class; all of them without it.")
    ] = None,
) -> None:
    """Check declarations; needs no platform.

    Keys, types, and that each dataset and gold table has its SQL. All that is wrong is told at once, with its line.

    Example: anthill check include/datasets/stocks.yaml
    """
    from anthill import catalog
    from anthill.include import include_dir

    session = session_of(context)
    results: list[dict[str, Any]] = []
    for name in declaration or catalog.asset_classes():
        path = Path(name)
        is_file = path.suffix in (".yaml", ".yml")
        try:
            declared = catalog.parse(path.resolve()) if is_file else catalog.load(name)
            problems = [*_missing(_wanted_of(declared)), *_unfit(declared)]
        except (catalog.DeclarationError, OSError) as error:
            file = path.resolve() if is_file else include_dir() / "datasets" / f"{name}.yaml"
            problems = [*str(error).splitlines(), *_missing(_wanted_by(file))]
            results.append({"declaration": name, "ok": False, "problems": problems})
            continue
        results.append(
            {"declaration": name, "ok": not problems, "problems": problems, "datasets": len(declared.datasets)}
        )
        if not problems:
            session.say_well(True, f"{declared.asset_class}: {len(declared.datasets)} datasets, {_calls(declared)}")
    session.answer(results)
    if problems := [problem for each in results for problem in each["problems"]]:
        fail("\n".join(f"✗ {problem}" for problem in problems))


def _wanted_of(declared: AssetClass) -> list[Path]:
    """The SQL files that a declaration needs beside itself."""
    reconciling = [dataset.name for dataset in declared.reconciling]
    return _paths(declared.asset_class, list(declared.datasets), reconciling, declared.gold)


def _wanted_by(file: Path) -> list[Path]:
    """The same by the bare names in a file that cannot be read as a declaration; none where it has no names."""
    from anthill.yaml_file import YamlError, YamlFile

    try:
        document = YamlFile(file).value
    except (YamlError, OSError):
        return []
    document = document if isinstance(document, dict) else {}
    entries, gold = document.get("datasets"), document.get("gold")
    entries, gold = entries if isinstance(entries, dict) else {}, gold if isinstance(gold, list) else []
    reconciling = [name for name, entry in entries.items() if isinstance(entry, dict) and entry.get("reconciles")]
    return _paths(file.stem, entries, reconciling, gold)


def _paths(asset_class: str, datasets: Iterable[Any], reconciling: Iterable[Any], gold: Iterable[Any]) -> list[Path]:
    """Where the SQL of these lies; what is no name has none."""
    from anthill.include import include_dir

    kinds = {"silver": datasets, "reconciliation": reconciling, "gold": gold}
    wanted = [(kind, name) for kind, names in kinds.items() for name in names if isinstance(name, str)]
    return [include_dir() / "sql" / kind / asset_class / f"{name}.sql" for kind, name in wanted]


def _missing(paths: Iterable[Path]) -> list[str]:
    """Those of the files that are not there."""
    return [f"{path} is not there: write the SQL of this table" for path in paths if not path.is_file()]


def _unfit(declared: AssetClass) -> list[str]:
    """What is wrong with the SQL that is there."""
    from anthill.lakehouse import checks, statements

    problems = []
    gold = [path for path in _paths(declared.asset_class, (), (), declared.gold) if path.is_file()]
    for path in gold:
        try:
            statements.creation(path)
        except statements.StatementError as error:
            problems.append(str(error))
    for dataset in declared.datasets.values():
        try:
            checks.select(dataset)
        except statements.StatementError as error:
            problems.append(str(error))
    return problems


def _calls(declared: AssetClass) -> str:
    """The first call of its first dataset, for a person to compare with the API's documentation."""
    first = next(iter(declared.datasets.values()))
    return f"asks first for {first.first_call(declared.start_date)}"
