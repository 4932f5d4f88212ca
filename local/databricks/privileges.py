"""Which privileges Unity Catalog accepts on which securables, and what they inherit from."""

from __future__ import annotations

_COMMON = {"ALL_PRIVILEGES", "APPLY_TAG", "MANAGE"}
_TABLE = _COMMON | {"SELECT", "MODIFY"}
_VOLUME = _COMMON | {"READ_VOLUME", "WRITE_VOLUME"}
_FUNCTION = _COMMON | {"EXECUTE"}
_CREATE = {"CREATE_FUNCTION", "CREATE_MATERIALIZED_VIEW", "CREATE_MODEL", "CREATE_TABLE", "CREATE_VOLUME"}
_SCHEMA = _TABLE | _VOLUME | _FUNCTION | _CREATE | {"EXTERNAL_USE_SCHEMA", "REFRESH", "USE_SCHEMA"}
_LOCATION = {"CREATE_EXTERNAL_TABLE", "CREATE_EXTERNAL_VOLUME", "CREATE_MANAGED_STORAGE", "READ_FILES", "WRITE_FILES"}

APPLICABLE: dict[str, set[str]] = {
    "catalog": _SCHEMA | {"BROWSE", "CREATE_SCHEMA", "USE_CATALOG"},
    "schema": _SCHEMA,
    "table": _TABLE,
    "volume": _VOLUME,
    "function": _FUNCTION,
    "external_location": _LOCATION | {"ALL_PRIVILEGES", "BROWSE", "MANAGE"},
}
_ABOVE = {"table": ["schema", "catalog"], "volume": ["schema", "catalog"], "function": ["schema", "catalog"]}


def parents(kind: str, name: str) -> list[tuple[str, str]]:
    """What a securable inherits from, the nearest first."""
    above = _ABOVE.get(kind, ["catalog"] if kind == "schema" else [])
    parts = name.split(".")
    return [(parent, ".".join(parts[: len(above) - depth])) for depth, parent in enumerate(above)]
