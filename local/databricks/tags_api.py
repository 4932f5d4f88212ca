"""Tags of the catalog, its schemas, tables and columns over REST: entity-tag-assignments."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.routing import Route

from local.databricks.audit import Audit
from local.databricks.errors import ApiError, invalid, missing
from local.databricks.held import Need
from local.databricks.rights import Rights
from local.databricks.securables import Securables
from local.databricks.store import Document, Store
from local.databricks.web import Parameters, caller, page, route

_KINDS = {"catalogs": "catalog", "schemas": "schema", "tables": "table", "columns": "table"}
_MOST, _LONGEST_KEY, _LONGEST_VALUE = 50, 255, 1000  # a securable's tags, and their letters
_ODD = set(".,-=/:")  # which no key of a tag has
_PAGE = 50


class TagsApi:
    """Handlers of /api/2.1/unity-catalog/entity-tag-assignments."""

    def __init__(self, store: Store, rights: Rights, securables: Securables, audit: Audit) -> None:
        self._store, self._rights, self._securables, self._audit = store, rights, securables, audit

    def routes(self) -> list[Route]:
        """Every route."""
        at, kept = "unity-catalog/entity-tag-assignments", self._audit.kept
        of = f"{at}/{{entity_type}}/{{entity_name}}/tags"
        return [
            route("POST", at, kept("createEntityTagAssignment", self.create)),
            route("GET", of, self.all),
            route("GET", f"{of}/{{tag_key}}", self.get),
            route("PATCH", f"{of}/{{tag_key}}", kept("updateEntityTagAssignment", self.update)),
            route("DELETE", f"{of}/{{tag_key}}", kept("deleteEntityTagAssignment", self.delete)),
        ]

    async def create(self, given: Parameters) -> Document:
        """A new tag on something; for who owns it or may tag it."""
        await self._may(given, "APPLY_TAG")
        key, value = str(given.get("tag_key") or ""), str(given.get("tag_value") or "")
        if not key or len(key) > _LONGEST_KEY or _ODD & set(key) or key != key.strip():
            raise invalid(
                f"{key!r} is no key of a tag: at most {_LONGEST_KEY} letters, none of {''.join(sorted(_ODD))}."
            )
        if len(value) > _LONGEST_VALUE:
            raise invalid(f"The value of a tag has at most {_LONGEST_VALUE} letters.")
        there = self._on(given)
        if key in {tag["tag_key"] for tag in there}:
            raise ApiError(409, "ALREADY_EXISTS", f"Tag assignment with tag key {key} already exists.")
        if len(there) >= _MOST:
            raise ApiError(400, "RESOURCE_EXHAUSTED", f"{given['entity_name']} has {_MOST} tags already.")
        return self._keep(given, key, value)

    async def all(self, given: Parameters) -> Document:
        """Those of something."""
        await self._may(given)
        shown, more = page(self._on(given), given, "max_results", _PAGE, _PAGE)
        return {"tag_assignments": shown, **more} if shown else more

    async def get(self, given: Parameters) -> Document:
        """One by its key."""
        await self._may(given)
        return self._found(given)

    async def update(self, given: Parameters) -> Document:
        """Another value."""
        await self._may(given, "APPLY_TAG")
        self._found(given)
        if given.get("update_mask") != "tag_value":
            raise invalid("update_mask must be tag_value.")
        return self._keep(given, given["tag_key"], str(given.get("tag_value") or ""))

    async def delete(self, given: Parameters) -> Document:
        """Take it off."""
        await self._may(given, "APPLY_TAG")
        self._found(given)
        self._store.delete("tags", _key(given, given["tag_key"]))
        return {}

    async def _may(self, given: Parameters, *privileges: str) -> None:
        kind = _KINDS.get(str(given.get("entity_type")))
        if kind is None:
            raise invalid(f"entity_type must be one of {', '.join(_KINDS)}, not {given.get('entity_type')!r}.")
        name = str(given.get("entity_name"))
        holder = name.rpartition(".")[0] if given["entity_type"] == "columns" else name
        await self._securables.must_exist({"type": kind, "name": holder})
        if given["entity_type"] == "columns":
            await self._securables.must_have_column(holder, name.rpartition(".")[2])
        self._rights.check(caller(), [Need(privilege, kind, holder) for privilege in privileges])

    def _on(self, given: Parameters) -> list[Document]:
        return list(self._store.all("tags", _key(given, "")))

    def _found(self, given: Parameters) -> Document:
        if (tag := self._store.get("tags", _key(given, given["tag_key"]))) is None:
            raise missing("RESOURCE_DOES_NOT_EXIST", f"{given['entity_name']} has no tag {given['tag_key']}.")
        return tag

    def _keep(self, given: Parameters, key: str, value: str) -> Document:
        tag = {"entity_type": given["entity_type"], "entity_name": given["entity_name"], "tag_key": key}
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        tag |= {"tag_value": value, "update_time": moment, "updated_by": caller().name}
        self._store.put("tags", _key(given, key), tag)
        return tag


def _key(given: Parameters, key: str) -> str:
    return f"{given['entity_type']} {given['entity_name']} {key}"
