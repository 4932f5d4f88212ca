"""Objects that lie outside Unity Catalog and stand in its lineage, over REST: lineage-tracking/external-metadata."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

from starlette.routing import Route

from local.databricks.audit import Audit
from local.databricks.errors import ApiError, denied, invalid, missing
from local.databricks.external_lineage_api import ExternalLineageApi
from local.databricks.held import Need
from local.databricks.rights import Rights
from local.databricks.store import Document, Store
from local.databricks.web import Parameters, caller, page, route

SYSTEM_TYPES = frozenset({
    "AMAZON_REDSHIFT", "AZURE_SYNAPSE", "CONFLUENT", "DATABRICKS", "GOOGLE_BIGQUERY", "KAFKA", "LOOKER",
    "MICROSOFT_FABRIC", "MICROSOFT_SQL_SERVER", "MONGODB", "MYSQL", "ORACLE", "OTHER", "POSTGRESQL", "POWER_BI",
    "SALESFORCE", "SAP", "SERVICENOW", "SNOWFLAKE", "STREAM_NATIVE", "TABLEAU", "TERADATA", "WORKDAY",
})  # fmt: skip
_NAME = re.compile(r"[^./\s\x00-\x1f\x7f]{1,255}")  # as of anything in Unity Catalog
_FIELDS = ("system_type", "entity_type", "columns", "description", "properties", "url")
_MOST = 1000  # objects of a page


class ExternalMetadataApi:
    """Handlers of /api/2.0/lineage-tracking/external-metadata."""

    def __init__(self, store: Store, rights: Rights, lineage: ExternalLineageApi, audit: Audit) -> None:
        self._store, self._rights, self._lineage, self._audit = store, rights, lineage, audit

    def routes(self) -> list[Route]:
        """Every route."""
        at, kept = "lineage-tracking/external-metadata", self._audit.kept
        return [
            route("GET", at, self.all),
            route("POST", at, kept("createExternalMetadata", self.create)),
            route("GET", f"{at}/{{name}}", self.get),
            route("PATCH", f"{at}/{{name}}", kept("updateExternalMetadata", self.update)),
            route("DELETE", f"{at}/{{name}}", kept("deleteExternalMetadata", self.delete)),
        ]

    async def all(self, given: Parameters) -> Document:
        """Those of the metastore: everybody may browse what was made."""
        shown, more = page(list(self._store.all("external_metadata")), given, "page_size", _MOST, _MOST)
        return {"external_metadata": shown, **more} if shown else more

    async def get(self, given: Parameters) -> Document:
        """One by its name."""
        return self._found(given)

    async def create(self, given: Parameters) -> Document:
        """A new one; for who may make some."""
        self._rights.check(caller(), [Need("CREATE_EXTERNAL_METADATA", "metastore", self._rights.METASTORE)])
        name = str(given.get("name") or "").lower()
        if not _NAME.fullmatch(name):
            raise invalid(f"{name!r} is no name: up to 255 letters, and no blank, period or slash.")
        if self._store.get("external_metadata", name) is not None:
            raise ApiError(409, "RESOURCE_ALREADY_EXISTS", f"External metadata '{name}' already exists.")
        who, at = caller().name, _now()
        made = {"name": name, "id": str(uuid.uuid4()), "owner": who, "created_by": who, "create_time": at}
        return self._keep(made, {field: given[field] for field in _FIELDS if given.get(field)})

    async def update(self, given: Parameters) -> Document:
        """Other values of the fields that the mask names; for who owns it."""
        made = self._owned(given)
        mask = [field for field in str(given.get("update_mask") or "").split(",") if field]
        if not mask or not set(mask) <= set(_FIELDS):
            raise invalid(f"update_mask must name some of {', '.join(_FIELDS)}, not {given.get('update_mask')!r}.")
        kept = {field: value for field, value in made.items() if field not in mask}
        return self._keep(kept, {field: given[field] for field in mask if given.get(field)})

    async def delete(self, given: Parameters) -> Document:
        """Remove one, and what was told of where it stands; for who owns it."""
        name = self._owned(given)["name"]
        self._lineage.forget(name)
        self._store.delete("external_metadata", name)
        return {}

    def _found(self, given: Parameters) -> Document:
        name = str(given["name"]).lower()
        if (made := self._store.get("external_metadata", name)) is None:
            raise missing("RESOURCE_DOES_NOT_EXIST", f"External metadata '{name}' does not exist.")
        return made

    def _owned(self, given: Parameters) -> Document:
        made = self._found(given)
        if not self._rights.manages("external_metadata", made["name"]):
            raise denied(f"User does not have MODIFY on External Metadata '{made['name']}'.")
        return made

    def _keep(self, made: Document, said: Document) -> Document:
        kept = {**made, **said}
        if kept.get("system_type") not in SYSTEM_TYPES:
            raise invalid(f"system_type must be one of {', '.join(sorted(SYSTEM_TYPES))}.")
        if not kept.get("entity_type"):
            raise invalid("Missing required field: entity_type")
        kept |= {"updated_by": caller().name, "update_time": _now()}
        self._store.put("external_metadata", kept["name"], kept)
        return kept


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
