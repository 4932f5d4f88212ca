"""Policies of tables: row filters and column masks, by the tables' own entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import Any
from urllib.parse import quote

from anthill.governance import functions, policy, principals, refusals
from anthill.governance.entries import Entry
from anthill.governance.listing import AT, everything
from anthill.governance.permissions import READERS, Api
from anthill.governance.plan import Held, Item
from anthill.governance.policy import Policy
from anthill.governance.refusals import RefusedError
from anthill.governance.tried import tried

KIND = "policy"
_SCHEMAS = ("silver", "gold")


class Policies:
    """Those of every declared table; what is on its schema or catalog is shown, and left as it is."""

    kind = KIND

    def __init__(self, hook: Api, catalog: str, entries: Sequence[Entry]) -> None:
        self._hook, self._catalog, self._entries = hook, catalog, entries

    @cached_property
    def _jobs(self) -> str:
        """The principal that the jobs run as: Airflow's own, who starts them."""
        return str(self._hook._do_api_call(("GET", f"{principals.AT}/Me"))["userName"])

    @cached_property
    def _declared(self) -> dict[tuple[str, str], Policy]:
        """What is declared, by table and name."""
        entries = [entry for entry in self._entries if entry.access.rows or entry.access.masks]
        found = [each for entry in entries for each in policy.declared(entry, self._jobs)]
        return {(each.table, each.name): each for each in found}

    @cached_property
    def _there(self) -> dict[str, str]:
        """The tables that there are, by full name, each TABLE, VIEW and so on."""
        asked = {"catalog_name": self._catalog, "omit_columns": "true"}
        listed = [each for schema in _SCHEMAS for each in everything(self._hook, "tables", schema_name=schema, **asked)]
        return {each["full_name"]: str(each.get("table_type")) for each in listed}

    def declared(self) -> list[Item]:
        """Every policy."""
        return [_item(each, each.at) for each in self._declared.values()]

    def refused(self) -> list[RefusedError]:
        """Policies on views and of columns that are not there; principals that the workspace does not know."""
        wrong = [error for each in self._declared.values() for error in self._wrong(each)]
        named = {(who, each.at) for each in self._declared.values() for who in each.but_for if who != self._jobs}
        return [*wrong, *principals.unknown(self._hook, sorted(named))]

    def _wrong(self, declared: Policy) -> Iterator[RefusedError]:
        what = f"{declared.at}: {declared.name} on {declared.table}"
        kind = self._there.get(declared.table)
        if kind == "VIEW":
            yield RefusedError(
                what, "it is a view, which no policy can be on: declare it for the tables that the view reads"
            )
        elif kind and (lacking := [each for each in declared.of if each not in self._types(declared.table)]):
            known = ", ".join(self._types(declared.table))
            yield RefusedError(what, f"the table has no column {', '.join(lacking)}: it has {known}")

    def held(self) -> Held:
        """The policies on every declared table, with their functions' bodies."""
        names = [entry.name for entry in self._entries if self._there.get(entry.name, "VIEW") != "VIEW"]
        with ThreadPoolExecutor(READERS) as pool:
            found = [told for listed in pool.map(partial(self._on, "table"), names) for told in listed]
            bodies = list(pool.map(self._sql, map(policy.function_of, found)))
        items = [_item(policy.held(told, sql)) for told, sql in zip(found, bodies, strict=True)]
        schemas = [f"{self._catalog}.{each}" for each in _SCHEMAS]
        above = {_key(told): told for name in schemas for told in self._on("schema", name, include_inherited="true")}
        unmanaged = [self._above(told) for told in above.values()]
        absent = {f"table {each.table}" for each in self._declared.values() if each.table not in self._there}
        return Held(items, unmanaged, frozenset(absent))

    def _on(self, kind: str, name: str, **asked: str) -> list[dict[str, Any]]:
        try:
            return everything(self._hook, f"policies/{kind}/{quote(name, safe='')}", "policies", **asked)
        except Exception as error:
            if refusals.is_not_there(error):
                return []
            raise

    def _above(self, told: Mapping[str, Any]) -> Item:
        """A policy that somebody put on a schema or the catalog: the jobs have to be exempt from it, too."""
        exempt = self._jobs in (told.get("except_principals") or [])
        why = "" if exempt else "does not exempt the jobs, so that gold lacks what it holds back"
        kind, to = str(told["on_securable_type"]).lower(), ", ".join(told.get("to_principals") or [])
        on = f"{kind} {told['on_securable_fullname']}"
        return Item(kind=KIND, on=on, who=to, what=f"{told['name']}: {policy.function_of(told)}", why=why)

    def _sql(self, function: str) -> str:
        try:
            told = self._hook._do_api_call(("GET", f"{AT}/functions/{quote(function, safe='')}"))
        except Exception as error:
            if refusals.is_not_there(error):
                return f"{function}, which is gone"
            raise
        return str(told.get("routine_definition"))

    def _types(self, table: str) -> Mapping[str, str]:
        told = self._hook._do_api_call(("GET", f"{AT}/tables/{quote(table, safe='')}"))
        return {column["name"]: str(column["type_text"]) for column in told.get("columns") or []}

    def apply(self, added: Sequence[Item], removed: Sequence[Item]) -> list[RefusedError]:
        """Put policies on, change them in one call, take off what is not declared."""
        about = [*added, *removed]
        wanted = {(item.on.partition(" ")[2], item.what) for item in added}
        refused: list[RefusedError] = []
        for each in self._declared.values():
            if (each.table, each.what) in wanted:
                mine = [item for item in about if item.on == f"table {each.table}"]
                refused += tried(f"{each.at}: {each.name} on {each.table}", mine, partial(self._put, each))
        for table in sorted({item.on.partition(" ")[2] for item in removed}):
            for told in self._on("table", table):
                if (table, told["name"]) not in self._declared:
                    mine = [item for item in about if item.on == f"table {table}"]
                    refused += tried(f"{told['name']} on {table}", mine, partial(self._take, table, told))
        return refused

    def _put(self, each: Policy) -> None:
        """The function, the tags by which the policy finds its columns, then itself: until then all is as it was."""
        function, returns, parameters = each.function(self._types(each.table))
        functions.make(self._hook, function, each.sql, returns, parameters, f"Called by {each.name} on {each.table}")
        for column in each.of:
            self._tag(f"{each.table}.{column}", column)
        before = [told for told in self._on("table", each.table) if told["name"] == each.name]
        body = each.body(function)
        if not before:
            self._hook._do_api_call(("POST", f"{AT}/policies"), body)
            return
        fields = "to_principals,except_principals,match_columns,when_condition,row_filter,column_mask,comment"
        self._hook._do_api_call(("PATCH", f"{_path(each.table, each.name)}?update_mask={quote(fields)}"), body)
        if (old := policy.function_of(before[0])) != function and old.startswith(f"{each.table}_"):
            functions.drop(self._hook, old)

    def _tag(self, column: str, value: str) -> None:
        at = f"entity-tag-assignments/columns/{quote(column, safe='')}/tags"
        if any(tag["tag_key"] == policy.COLUMN_TAG for tag in everything(self._hook, at, "tag_assignments")):
            return
        body = {"entity_type": "columns", "entity_name": column, "tag_key": policy.COLUMN_TAG, "tag_value": value}
        self._hook._do_api_call(("POST", f"{AT}/entity-tag-assignments"), body)

    def _take(self, table: str, told: Mapping[str, Any]) -> None:
        self._hook._do_api_call(("DELETE", _path(table, told["name"])))
        if (function := policy.function_of(told)).startswith(f"{table}_"):  # made for this policy alone
            functions.drop(self._hook, function)


def _item(each: Policy, at: str = "") -> Item:
    return Item(kind=KIND, on=f"table {each.table}", who="account users", what=each.what, at=at)


def _key(told: Mapping[str, Any]) -> tuple[str, str]:
    return str(told["on_securable_fullname"]), str(told["name"])


def _path(table: str, name: str) -> str:
    return f"{AT}/policies/table/{quote(table, safe='')}/{quote(name, safe='')}"
