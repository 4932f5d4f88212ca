"""What nobody granted on a table and somebody has all the same: by its schema, its catalog, or as an owner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec

from anthill.governance.listing import AT, everything
from anthill.governance.permissions import Api, GrantsNotReadError
from anthill.governance.plan import Item
from anthill.governance.refusals import is_not_there
from anthill.governance.securables import principal

OWNS = "OWNERSHIP"


class _Privilege(msgspec.Struct):
    privilege: str
    inherited_from_type: str | None = None
    inherited_from_name: str | None = None


class _Assignment(msgspec.Struct):
    principal: str | None = None
    privileges: list[_Privilege] | None = None


def of_schema(hook: Api, name: str) -> Iterator[Item]:
    """What is inherited by all that lies in a schema, and who owns it or a table in it; nothing where it is not there.

    One question a schema and not one a table: all its tables inherit the same.
    """
    on, quoted = f"schema {name}", quote(name, safe="")
    try:
        schema = hook._do_api_call(("GET", f"{AT}/schemas/{quoted}"))
    except Exception as error:
        if is_not_there(error):
            return
        raise
    owner = principal(str(schema.get("owner") or ""))
    yield Item(kind="grant", on=on, who=owner, what=OWNS, why="owns it, and so holds all that is in it")
    for assignment in _effective(hook, quoted, on):
        for held in assignment.privileges or []:
            by = f"{(held.inherited_from_type or '').lower()} {held.inherited_from_name}"
            why = f"inherited from {by}" if held.inherited_from_name else ""
            yield Item(kind="grant", on=on, who=principal(assignment.principal or ""), what=held.privilege, why=why)
    catalog, _, short = name.partition(".")
    bare = {"omit_columns": "true", "omit_properties": "true"}
    for table in everything(hook, "tables", catalog_name=catalog, schema_name=short, **bare):
        if (whose := principal(str(table.get("owner") or ""))) != owner:
            yield Item(kind="grant", on=f"table {table['full_name']}", who=whose, what=OWNS, why="owns it")


def _effective(hook: Api, quoted: str, on: str) -> Iterator[_Assignment]:
    path, token = f"{AT}/effective-permissions/schema/{quoted}", ""
    while True:
        asked: dict[str, Any] = {"max_results": 0, **({"page_token": token} if token else {})}
        page = hook._do_api_call(("GET", path), asked)
        try:
            yield from msgspec.convert(page.get("privilege_assignments") or [], list[_Assignment])
        except msgspec.ValidationError as error:
            raise GrantsNotReadError(f"{on}: Unity Catalog's answer is no list of effective grants: {error}") from error
        following = page.get("next_page_token") or ""
        if not following or following == token:
            return
        token = following
