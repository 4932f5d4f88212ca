"""`anthill check`: a declaration read as the platform reads it, and what belongs to it looked for."""

from __future__ import annotations

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

    session = session_of(context)
    results: list[dict[str, Any]] = []
    for name in declaration or catalog.asset_classes():
        path = Path(name)
        try:
            declared = catalog.parse(path.resolve()) if path.suffix in (".yaml", ".yml") else catalog.load(name)
            problems = _missing(declared)
        except (catalog.DeclarationError, OSError) as error:
            results.append({"declaration": name, "ok": False, "problems": str(error).splitlines()})
            continue
        results.append(
            {"declaration": name, "ok": not problems, "problems": problems, "datasets": len(declared.datasets)}
        )
        if not problems:
            session.say_well(True, f"{declared.asset_class}: {len(declared.datasets)} datasets, {_calls(declared)}")
    session.answer(results)
    if problems := [problem for each in results for problem in each["problems"]]:
        fail("\n".join(f"✗ {problem}" for problem in problems))


def _missing(declared: AssetClass) -> list[str]:
    """What a declaration needs beside itself and is not there, or not as it must be."""
    from anthill.include import include_dir
    from anthill.lakehouse import checks, statements

    wanted = [
        *(("silver", name) for name in declared.datasets),
        *(("reconciliation", dataset.name) for dataset in declared.reconciling),
        *(("gold", name) for name in declared.gold),
    ]
    paths = [include_dir() / "sql" / kind / declared.asset_class / f"{name}.sql" for kind, name in wanted]
    problems = [f"{path} is not there: write the SQL of this table" for path in paths if not path.is_file()]
    for path in [path for (kind, _), path in zip(wanted, paths, strict=True) if kind == "gold" and path.is_file()]:
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
