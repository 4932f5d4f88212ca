"""Unity Catalog's grants, direct and effective: read and changed by who manages the securable."""

from __future__ import annotations

from typing import Any

from starlette.routing import Route

from local.databricks.account import Account
from local.databricks.audit import Audit
from local.databricks.errors import ApiError, invalid, missing
from local.databricks.held import Need
from local.databricks.lakehouse import Lakehouse
from local.databricks.privileges import APPLICABLE, parents
from local.databricks.rights import Rights
from local.databricks.securables import Securables
from local.databricks.store import Document
from local.databricks.web import Parameters, caller, integer, page, route

_PAGE = 20
_SMALLEST_PAGE = 150


class PermissionsApi:
    """Handlers of /api/2.1/unity-catalog/permissions and effective-permissions."""

    def __init__(
        self, lakehouse: Lakehouse, account: Account, rights: Rights, securables: Securables, audit: Audit
    ) -> None:
        self._lakehouse, self._account, self._rights, self._securables = lakehouse, account, rights, securables
        self._audit = audit

    def routes(self) -> list[Route]:
        """Every route."""
        at = "unity-catalog"
        return [
            route("GET", f"{at}/permissions/{{type}}/{{name}}", self.get),
            route("PATCH", f"{at}/permissions/{{type}}/{{name}}", self._audit.kept("updatePermissions", self.change)),
            route("GET", f"{at}/effective-permissions/{{type}}/{{name}}", self.effective),
        ]

    async def get(self, given: Parameters) -> Document:
        """Direct grants of a securable, in pages when `max_results` is given."""
        await self._readable(given)
        grants = [{"principal": who, "privileges": sorted(what)} for who, what in sorted(self._grants(given).items())]
        return _in_pages(_of_principal(grants, given), given)

    async def change(self, given: Parameters) -> Document:
        """Apply all changes, or none; for who owns the securable or what it lies in, or holds MANAGE."""
        await self._securables.must_exist(given)
        kind, name = given["type"], given["name"]
        self._rights.check(caller(), [Need("MANAGE", kind, name)])
        grants = {who: set(what) for who, what in self._grants(given).items()}
        for change in given.get("changes") or []:
            who, add, remove = self._checked(given, change)
            held = (grants.get(who, set()) | add) - remove
            if "ALL_PRIVILEGES" in remove:
                held = add
            grants[who] = held
            if "EXTERNAL_USE_SCHEMA" in add:  # which an owner of the catalog alone gives
                self._rights.check(caller(), [Need("MANAGE", "catalog", self._lakehouse.catalog)])
        kept = {who: sorted(what) for who, what in grants.items() if what}
        self._rights.grant(kind, name, kept)
        return {"privilege_assignments": [{"principal": who, "privileges": kept[who]} for who in sorted(kept)]}

    def _checked(self, given: Parameters, change: Any) -> tuple[str, set[str], set[str]]:
        """The principal, what it gains and what it loses, as the service would accept it."""
        who = change.get("principal") if isinstance(change, dict) else None
        if not who:
            raise invalid("Each change needs a principal.")
        if not self._account.knows(who):
            raise missing("PRINCIPAL_DOES_NOT_EXIST", f"Could not find principal with name {who}")
        add, remove = ({str(p).replace(" ", "_") for p in change.get(key) or []} for key in ("add", "remove"))
        for privilege in sorted(add | remove):
            if privilege not in APPLICABLE[given["type"]]:
                kind = given["type"].upper()
                raise invalid(f"Privilege {privilege} is not applicable to this entity [{given['name']}:{kind}].")
        if both := add & remove:
            raise invalid(f"Privilege {', '.join(sorted(both))} is both added to and removed from {who}.")
        return who, add, remove

    async def effective(self, given: Parameters) -> Document:
        """Grants of a securable with those that it inherits, each told from where."""
        await self._readable(given)
        found: dict[str, list[Document]] = {}
        for kind, name in [(given["type"], given["name"]), *parents(given["type"], given["name"])]:
            for who, privileges in self._grants({"type": kind, "name": name}).items():
                for privilege in privileges:
                    if privilege in APPLICABLE[given["type"]]:
                        source = {} if name == given["name"] else {"inherited_from_type": kind.upper()}
                        source |= {"inherited_from_name": name} if source else {}
                        found.setdefault(who, []).append({"privilege": privilege, **source})
        grants = [{"principal": who, "privileges": found[who]} for who in sorted(found)]
        return _in_pages(_of_principal(grants, given), given)

    async def _readable(self, given: Parameters) -> None:
        """Refuse who may not read the grants: all are for who manages the securable, one's own for everyone."""
        await self._securables.must_exist(given)
        if given.get("principal") != caller().name:
            self._rights.check(caller(), [Need("MANAGE", given["type"], given["name"])])

    def _grants(self, given: Parameters) -> dict[str, list[str]]:
        return self._rights.granted(given["type"], given["name"])


def _of_principal(grants: list[Document], given: Parameters) -> list[Document]:
    who = given.get("principal")
    return [grant for grant in grants if who in {None, "", grant["principal"]}]


def _in_pages(grants: list[Document], given: Parameters) -> Document:
    """All at once without `max_results`; else pages of the service's own length, as it documents them."""
    if "max_results" not in given:
        return {"privilege_assignments": grants} if grants else {}
    asked = integer(given, "max_results")
    if asked < 0 or 0 < asked < _SMALLEST_PAGE:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"max_results must be 0 or at least {_SMALLEST_PAGE}.")
    shown, more = page(grants, {**given, "limit": _PAGE}, "limit", _PAGE, _PAGE)
    return {"privilege_assignments": shown, **more}
