"""Who owns what in Unity Catalog and holds which privileges: given by Terraform, granted, or made."""

from __future__ import annotations

from collections.abc import Iterable

from local.databricks import views
from local.databricks.account import Account, Principal
from local.databricks.errors import denied
from local.databricks.held import OWNER, Held, Need
from local.databricks.lakehouse import Lakehouse
from local.databricks.policies import Policies
from local.databricks.privileges import parents
from local.databricks.store import Document, Store
from local.databricks.web import caller

TELLS = ("made", "dropped", "view")  # events of a run that change who owns what


class Rights:
    """Ownership and grants, kept in the store."""

    METASTORE = "metastore"

    def __init__(self, store: Store, lakehouse: Lakehouse, account: Account, policies: Policies) -> None:
        self._store, self._lakehouse, self._account, self._policies = store, lakehouse, account, policies
        catalog = lakehouse.catalog
        store.put("grants", f"catalog {catalog}", account.catalog_grants)  # one writer: Terraform
        store.put("owners", f"catalog {catalog}", {"owner": account.catalog_owner})
        self.own("metastore", self.METASTORE, account.catalog_owner)
        self.grant("metastore", self.METASTORE, account.metastore_grants)
        for schema in lakehouse.schemas:
            if store.get("owners", f"schema {catalog}.{schema}") is None:
                self.own("schema", f"{catalog}.{schema}", account.schema_owner)
            if schema in account.schema_grants:
                self.grant("schema", f"{catalog}.{schema}", account.schema_grants[schema])
            if given := account.model_makers.get(schema):  # beside what the pipeline grants on its own schemas
                self.grant("schema", f"{catalog}.{schema}", self.granted("schema", f"{catalog}.{schema}") | given)
        for location in lakehouse.locations:
            self.grant("external_location", location, account.location_grants.get(location, {}))
            self.own("external_location", location, account.catalog_owner)

    def granted(self, kind: str, name: str) -> dict[str, list[str]]:
        """The direct grants on a securable, by principal."""
        return self._store.get("grants", f"{kind} {name}") or {}

    def grant(self, kind: str, name: str, held: dict[str, list[str]]) -> None:
        """Put direct grants in the place of those that are there."""
        self._store.put("grants", f"{kind} {name}", held)

    def owner(self, kind: str, name: str) -> str:
        """Who owns a securable: for a table that nobody was seen to make, the owner of its schema."""
        known = self._store.get("owners", f"{kind} {name}")
        if known is None and kind == "table":
            known = self._store.get("owners", f"schema {name.rpartition('.')[0]}")
        return str((known or {}).get("owner", ""))

    def own(self, kind: str, name: str, owner: str) -> None:
        """Write whose a securable is."""
        self._store.put("owners", f"{kind} {name}", {"owner": owner})

    def forget(self, kind: str, name: str) -> None:
        """A securable that is gone has neither owner nor grants, neither tags nor policies."""
        for what in ("owners", "grants"):
            self._store.delete(what, f"{kind} {name}")
        self._policies.forget(kind, name)

    def direct(self, who: Principal, tables: Iterable[str]) -> dict[str, list[str]]:
        """What somebody holds by securable, ownership included; `tables` are all that exist, as schema.table."""
        catalog = self._lakehouse.catalog
        seen = [
            f"metastore {self.METASTORE}",
            f"catalog {catalog}",
            *(f"schema {catalog}.{name}" for name in self._lakehouse.schemas),
        ]
        seen += [f"external_location {name}" for name in self._lakehouse.locations]
        seen += [f"table {catalog}.{name}" for name in tables]
        seen += [f"table {view['name']}" for view in self._store.all("views")]
        seen += [f"function {function['full_name']}" for function in self._store.all("functions")]
        return self._held(who, seen)

    def _held(self, who: Principal, securables: Iterable[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for securable in securables:
            kind, _, name = securable.partition(" ")
            held = {
                p for to, privileges in self.granted(kind, name).items() if to in who.identities for p in privileges
            }
            if self.owner(kind, name) in who.identities:
                held.add(OWNER)
            if held:
                found[securable] = sorted(held)
        return found

    def of(self, who: Principal, *tables: str) -> Held:
        """What somebody holds, of the catalog, the schemas and these tables."""
        return Held(self.direct(who, tables))

    def manages(self, what: str, name: str) -> bool:
        """Whether one of what lies above all catalogs (shares, recipients, …) is the caller's, or the metastore is."""
        made = self._store.get(what, name) or {}
        return {made.get("owner"), self.owner("metastore", self.METASTORE)} & caller().identities != set()

    def check(self, who: Principal, needs: Iterable[Need]) -> None:
        """Refuse a call of who lacks something of it."""
        needs = list(needs)
        about = {(kind, name) for need in needs for kind, name in [need[1:], *parents(*need[1:])]}
        if lacking := Held(self._held(who, [f"{kind} {name}" for kind, name in about])).lacks(needs):
            raise denied(str(lacking))

    def of_run(self, name: str, tables: Iterable[str]) -> Document:
        """What a run is told of who it runs as."""
        who = self._account.named(name)
        if who is None:
            return {"name": name, "direct": {}, "secured": None}
        return {"name": name, "direct": self.direct(who, tables), "secured": self._policies.told(who)}

    def happened(self, event: Document, by: str) -> None:
        """Keep what a run tells of tables and views that it made or dropped."""
        name = event["name"]
        if event["event"] == "dropped":
            self.forget("table", name)
            self._store.delete("views", name)
        elif event["event"] == "made":
            self.own("table", name, by)
        elif views.is_made(event["statement"], self._store.get("views", name) is not None):
            # Replacing a view is dropping it and making another: its grants are gone.
            self.forget("table", name)
            self.own("table", name, by)
            self._store.put("views", name, {key: value for key, value in event.items() if key != "event"})
