"""The workspace's one SQL warehouse, and who may use it: its access list and the workspace's admins."""

from __future__ import annotations

from starlette.routing import Route

from local.databricks import access_list
from local.databricks.access_list import MANAGE, OWNER
from local.databricks.account import Account
from local.databricks.errors import denied, missing
from local.databricks.store import Document, Store
from local.databricks.web import Parameters, caller, route

ID = "local"
_LEVELS = ("CAN_USE", "CAN_MONITOR", MANAGE, OWNER)
_DESCRIBED = {
    "id": ID,
    "name": ID,
    "state": "RUNNING",
    "cluster_size": "2X-Small",
    "warehouse_type": "PRO",
    "enable_serverless_compute": True,
}
_REFUSED = "You do not have permission to use the SQL Warehouse. Please contact your administrator."


class Warehouse:
    """Handlers of /api/2.0/sql/warehouses and /api/2.0/permissions/warehouses."""

    def __init__(self, store: Store, account: Account) -> None:
        self._store, self._account = store, account
        if store.get("access", ID) is None:  # as Terraform makes it
            owner = {"service_principal_name": account.catalog_owner, "permission_level": OWNER}
            users = [{"group_name": group, "permission_level": "CAN_USE"} for group in account.warehouse_users]
            store.put("access", ID, {"entries": [owner, *users]})

    def routes(self) -> list[Route]:
        """Every route."""
        at = "permissions/warehouses/{id}"
        return [
            route("GET", "sql/warehouses", self.all),
            route("GET", "sql/warehouses/{id}", self.one),
            route("GET", at, self.get),
            route("PUT", at, self.replace),
            route("PATCH", at, self.change),
        ]

    def check(self, warehouse_id: str) -> None:
        """Refuse the caller who may not use it; one that is not there is nobody's."""
        if warehouse_id != ID or not self._may(_LEVELS):
            raise denied(_REFUSED)

    async def all(self, _: Parameters) -> Document:
        """The one, for who may use it."""
        return {"warehouses": [_DESCRIBED]} if self._may(_LEVELS) else {}

    async def one(self, given: Parameters) -> Document:
        """The warehouse by its id."""
        self.check(given["id"])
        return _DESCRIBED

    async def get(self, given: Parameters) -> Document:
        """Its access list."""
        return self._told(self._managed(given))

    async def replace(self, given: Parameters) -> Document:
        """Put a list in the place of the one that is there."""
        self._managed(given)
        return self._keep(access_list.asked(given, _LEVELS, "Warehouse", self._account))

    async def change(self, given: Parameters) -> Document:
        """Give the principals of a list their levels; others keep theirs."""
        entries = self._managed(given)
        asked = access_list.asked(given, _LEVELS, "Warehouse", self._account)
        return self._keep(access_list.changed(entries, asked))

    def _may(self, levels: tuple[str, ...]) -> bool:
        who = caller()
        return who.is_admin or any(
            entry["permission_level"] in levels and access_list.named(entry) in who.identities
            for entry in self._entries()
        )

    def _entries(self) -> list[Document]:
        return list((self._store.get("access", ID) or {})["entries"])

    def _managed(self, given: Parameters) -> list[Document]:
        if given["id"] != ID:
            raise missing("RESOURCE_DOES_NOT_EXIST", f"SQL warehouse {given['id']} does not exist.")
        if not self._may((MANAGE, OWNER)):
            raise denied(f"{caller().name} does not have Manage permissions on SQL warehouse with ID: {ID}.")
        return self._entries()

    def _keep(self, entries: list[Document]) -> Document:
        self._store.put("access", ID, {"entries": entries})
        return self._told(entries)

    def _told(self, entries: list[Document]) -> Document:
        return access_list.told(f"/sql/warehouses/{ID}", "warehouses", entries, self._account)
