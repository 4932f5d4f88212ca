"""A star as gold has it, read into a version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anthill.lakehouse import keys, statements
from anthill.warehouse.names import quoted
from anthill.warehouses.versions import Version, Versions

if TYPE_CHECKING:
    from anthill.asset_class import AssetClass
    from anthill.warehouse.warehouse import Warehouse


def keys_of(declared: AssetClass) -> dict[str, tuple[str, ...]]:
    """What tells the rows of each table of the star apart, as its SQL says."""
    return {
        name: keys.of(statements.path("gold", declared.asset_class, name))[0].columns for name in declared.warehouse
    }


def keep(warehouse: Warehouse, declared: AssetClass, versions: Versions, run: str) -> tuple[Version, bool]:
    """Read the tables and name them as a version; whether there is anything new.

    The last declared is read first: what it refers to is then at least as new as it is, whoever writes gold meanwhile.
    """
    found = {}
    for name, key in reversed(keys_of(declared).items()):
        table = statements.table("gold", declared.asset_class, name)
        order = ", ".join(map(quoted, key))
        rows = warehouse.query(f"SELECT * FROM {table} ORDER BY {order}").table  # noqa: S608 names of ours
        found[name] = versions.keep(name, rows)
    return versions.add(run, {name: found[name] for name in declared.warehouse})
