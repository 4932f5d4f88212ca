"""SQL functions that policies call: made once and never changed, since their names tell what they do."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import quote

from anthill.governance import refusals
from anthill.governance.listing import AT
from anthill.governance.permissions import Api

_FIXED = {
    "routine_body": "SQL",
    "parameter_style": "S",
    "is_deterministic": False,
    "sql_data_access": "CONTAINS_SQL",
    "is_null_call": False,
    "security_type": "DEFINER",
}


def name(table: str, purpose: str, sql: str, parameters: Mapping[str, str]) -> str:
    """The full name of a table's function: beside it, with what its body is known by."""
    digest = hashlib.sha256(f"{sql} {sorted(parameters.items())}".encode()).hexdigest()[:8]
    return f"{table}_{purpose}_{digest}"


def make(hook: Api, full: str, sql: str, returns: str, parameters: Mapping[str, str], comment: str) -> None:
    """Make a function of these parameters (name → SQL type), where it is not there."""
    if is_there(hook, full):
        return
    catalog, schema, short = full.split(".")
    given = [
        {"name": each, "type_text": kind, "type_name": _type_name(kind), "position": position}
        for position, (each, kind) in enumerate(parameters.items())
    ]
    info = {"name": short, "specific_name": short, "catalog_name": catalog, "schema_name": schema, **_FIXED}
    info |= {"routine_definition": sql, "full_data_type": returns, "data_type": _type_name(returns), "comment": comment}
    hook._do_api_call(("POST", f"{AT}/functions"), {"function_info": {**info, "input_params": {"parameters": given}}})


def is_there(hook: Api, full: str) -> bool:
    """Whether there is a function of this name."""
    try:
        hook._do_api_call(("GET", f"{AT}/functions/{quote(full, safe='')}"))
    except Exception as error:
        if refusals.is_not_there(error):
            return False
        raise
    return True


def drop(hook: Api, full: str) -> None:
    """Remove one."""
    hook._do_api_call(("DELETE", f"{AT}/functions/{quote(full, safe='')}"))


def _type_name(kind: str) -> str:
    return {"BIGINT": "LONG", "SMALLINT": "SHORT", "TINYINT": "BYTE"}.get(kind.upper(), kind.partition("(")[0].upper())
