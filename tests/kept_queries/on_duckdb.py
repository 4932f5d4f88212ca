"""Run by var/consumption's Python: queries over Delta tables by DuckDB, an answer a file of Parquet."""

import json
import sys
from importlib.metadata import files
from pathlib import Path

import duckdb


def main() -> None:
    """Read what is asked from stdin."""
    asked = json.load(sys.stdin)
    (extension,) = (each for each in files("duckdb-ext-delta") or () if each.name == "delta.duckdb_extension")
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    connection.sql(f"LOAD '{extension.locate()}'")
    connection.sql(f"CREATE SCHEMA {asked['database']}")
    connection.sql(f"USE {asked['database']}")
    for name, path in asked["tables"].items():
        connection.sql(f"CREATE VIEW {name} AS SELECT * FROM delta_scan('{path}')")
    for name, select in asked["views"].items():
        connection.sql(f"CREATE VIEW {name} AS {select}")
    for name, query in asked["queries"].items():
        connection.sql(f"COPY ({query}) TO '{Path(asked['out'], name)}.parquet' (FORMAT parquet)")


main()
