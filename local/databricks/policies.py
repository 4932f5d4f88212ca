"""Policies, tags and functions as they are kept, and those of them that count for one principal."""

from __future__ import annotations

from collections import defaultdict

from local.databricks.account import Principal
from local.databricks.lakehouse import Lakehouse
from local.databricks.secured import Secured, columns_of
from local.databricks.store import Document, Store


class Policies:
    """What the store has of them."""

    def __init__(self, store: Store, lakehouse: Lakehouse) -> None:
        self._store, self._lakehouse = store, lakehouse

    def told(self, who: Principal) -> Document:
        """What a run is told of the policies that name who it runs as."""
        policies = [policy for policy in self._store.all("policies") if _names(policy, who)]
        told: Document = {"name": who.name, "groups": sorted(who.identities), "policies": policies}
        if not policies:
            return {**told, "tags": {}, "functions": {}}
        tags: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for tag in self._store.all("tags"):
            tags[f"{tag['entity_type']} {tag['entity_name']}"][tag["tag_key"]] = tag.get("tag_value") or ""
        functions = {function["full_name"]: function for function in self._store.all("functions")}
        return {**told, "tags": tags, "functions": functions}

    def forget(self, kind: str, name: str) -> None:
        """What is gone has none any more, and its columns have none."""
        for policy in [*self._store.all("policies", f"{kind} {name} ")]:
            self._store.delete("policies", f"{kind} {name} {policy['name']}")
        for on in (f"{kind}s {name} ", f"columns {name}."):
            for tag in [*self._store.all("tags", on)]:
                self._store.delete("tags", f"{tag['entity_type']} {tag['entity_name']} {tag['tag_key']}")

    def secured(self, who: Principal, tables: dict[str, str]) -> Secured:
        """What somebody sees of the tables; schema.table → location."""
        return Secured(self.told(who), columns_of(self._lakehouse.catalog, tables, self._lakehouse.options))


def _names(policy: Document, who: Principal) -> bool:
    applies = set(policy["to_principals"]) & who.identities
    return bool(applies) and not set(policy.get("except_principals") or ()) & who.identities
