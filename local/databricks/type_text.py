"""Spark's types in the words of the SQL statements API."""

from __future__ import annotations

import re
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def of(kind: Any) -> str:
    """Such as STRUCT<open: DOUBLE, tags: ARRAY<STRING>>; the names of fields as they are written."""
    inner = [getattr(kind, name) for name in ("elementType", "keyType", "valueType") if hasattr(kind, name)]
    if inner:
        return f"{kind.typeName().upper()}<{', '.join(map(of, inner))}>"
    if hasattr(kind, "fields"):
        return f"STRUCT<{', '.join(f'{_name(field.name)}: {of(field.dataType)}' for field in kind.fields)}>"
    return str(kind.simpleString().upper())


def _name(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else "`" + name.replace("`", "``") + "`"
