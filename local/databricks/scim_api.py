"""SCIM of the workspace: users, groups and service principals by name, which everybody may read."""

from __future__ import annotations

import re
import zlib

from starlette.routing import Route

from local.databricks.account import Account
from local.databricks.errors import ApiError
from local.databricks.store import Document
from local.databricks.web import Parameters, route

_FILTER = re.compile(r'(\w+) eq "((?:[^"\\]|\\.)*)"')
_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


class ScimApi:
    """Handlers of the lists of /api/2.0/preview/scim/v2, with the one filter that is asked for: attribute eq "name"."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[Route]:
        """Every route."""
        return [
            route("GET", "preview/scim/v2/Groups", self.groups),
            route("GET", "preview/scim/v2/Users", self.users),
            route("GET", "preview/scim/v2/ServicePrincipals", self.service_principals),
        ]

    async def groups(self, given: Parameters) -> Document:
        """The groups that are assigned to the workspace."""
        return _found("displayName", self._account.groups, given)

    async def users(self, given: Parameters) -> Document:
        """People."""
        return _found("userName", self._account.users, given)

    async def service_principals(self, given: Parameters) -> Document:
        """Service principals by their application ids."""
        return _found("applicationId", self._account.service_principals, given)


def _found(attribute: str, names: frozenset[str], given: Parameters) -> Document:
    """SCIM compares text without case (RFC 7643, caseExact false)."""
    wanted = None
    if asked := given.get("filter"):
        match = _FILTER.fullmatch(str(asked))
        if match is None or match[1] != attribute:
            raise ApiError(400, "INVALID_PARAMETER_VALUE", f"filter is not understood: {asked}")
        wanted = re.sub(r"\\(.)", r"\1", match[2]).lower()
    found = [
        {attribute: name, "id": str(zlib.crc32(name.encode()))}
        for name in sorted(names)
        if wanted in {None, name.lower()}
    ]
    start, count = int(given.get("startIndex") or 1), int(given.get("count") or 100)
    shown = found[start - 1 : start - 1 + count]
    told = {"totalResults": len(found), "startIndex": start, "itemsPerPage": len(shown)}
    return {"schemas": [_LIST], **told, **({"Resources": shown} if shown else {})}
