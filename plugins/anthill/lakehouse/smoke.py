"""Smoke: after a deployment, that the wheel on Databricks is whole and the catalog has what the jobs need."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from anthill import catalog as declarations
from anthill import fingerprint
from anthill.include import include_dir
from anthill.lakehouse import statements

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LAYERS = ("silver", "gold", "quality")


class SmokeError(RuntimeError):
    """What was deployed cannot work; the message lists everything that is missing."""


def run(spark: SparkSession, *, catalog: str, digest: str = "") -> dict[str, Any]:
    """Read every declaration and SQL file, ask each schema for its tables and one of them for a row.

    `digest` is the one of what was deployed; without it, whatever runs is taken.
    """
    wrong: list[str] = []
    own = fingerprint.digest()
    if digest not in ("", own):
        wrong.append(
            f"the wheel {_version()} runs with the digest {own[:12]}, and {digest[:12]} was deployed: an older one was "
            "kept. Deploy again (make bundle-deploy), which gives each content a version of its own"
        )
    declared, tables = 0, {}
    for name in declarations.asset_classes():
        try:
            declared += len(declarations.load(name).datasets)
        except declarations.DeclarationError as error:
            wrong.append(str(error))
    files = sorted((include_dir() / "sql").rglob("*.sql"))
    wrong += [f"{file}: no statement" for file in files if not statements.split(statements.code(file))]
    if not declared or not files:
        wrong.append(
            f"{include_dir()}: {declared} datasets and {len(files)} SQL files: the wheel was built without include/"
        )
    for layer in LAYERS:
        try:
            found = [row.tableName for row in spark.sql(f"SHOW TABLES IN {catalog}.{layer}").collect()]
            for table in found[:1]:
                spark.sql(f"SELECT * FROM {catalog}.{layer}.{table} LIMIT 1").collect()
            tables[layer] = len(found)
        except Exception as error:  # what is refused differs by engine; all of it is told at once
            wrong.append(
                f"schema {catalog}.{layer}: {str(error).splitlines()[0]}. The jobs' principal needs it, "
                "and the right to read it: apply the stack catalog"
            )
    if wrong:
        raise SmokeError(f"{len(wrong)} things are wrong in {catalog}: {' | '.join(wrong)}")
    return {"version": _version(), "digest": own, "datasets": declared, "sql": len(files), "tables": tables}


def _version() -> str:
    """The wheel's version; on a laptop the package may be a folder."""
    try:
        return version("anthill")
    except PackageNotFoundError:
        return "not installed"
