"""ABAC policies over REST: row filters and column masks on the catalog, its schemas and its tables.

The refusals are those of docs.databricks.com ("ABAC requirements, quotas, and limitations") and of the SDK's class.
"""

from __future__ import annotations

import uuid

from starlette.routing import Route

from local.databricks import conditions
from local.databricks.account import Account
from local.databricks.audit import Audit
from local.databricks.errors import ApiError, invalid, missing
from local.databricks.held import Need
from local.databricks.privileges import parents
from local.databricks.rights import Rights
from local.databricks.routine import parameters
from local.databricks.securables import Securables
from local.databricks.store import Document, Store
from local.databricks.tasks import now
from local.databricks.web import Parameters, caller, flag, integer, route

_QUOTA = {"catalog": 100, "schema": 100, "table": 50}
_PRINCIPALS, _CONDITIONS = 20, 3
_BODIES = {"POLICY_TYPE_ROW_FILTER": "row_filter", "POLICY_TYPE_COLUMN_MASK": "column_mask"}
_TAKEN = {
    "name", "on_securable_type", "on_securable_fullname", "for_securable_type", "policy_type", "to_principals",
    "except_principals", "match_columns", "when_condition", "row_filter", "column_mask", "comment",
}  # fmt: skip
_SET = {"on_securable_type", "on_securable_fullname", "policy_type"}  # that no update changes
_PAGE = 20


class PoliciesApi:
    """Handlers of /api/2.1/unity-catalog/policies."""

    def __init__(self, store: Store, account: Account, rights: Rights, securables: Securables, audit: Audit) -> None:
        self._store, self._account, self._rights, self._securables = store, account, rights, securables
        self._audit = audit

    def routes(self) -> list[Route]:
        """Every route."""
        of, kept = "unity-catalog/policies/{type}/{securable}", self._audit.kept
        return [
            route("POST", "unity-catalog/policies", kept("createPolicy", self.create)),
            route("GET", of, self.all),
            route("GET", f"{of}/{{name}}", self.get),
            route("PATCH", f"{of}/{{name}}", kept("updatePolicy", self.update)),
            route("DELETE", f"{of}/{{name}}", kept("deletePolicy", self.delete)),
        ]

    async def create(self, given: Parameters) -> Document:
        """A new policy on a securable; for who manages it."""
        policy = {key: value for key, value in given.items() if key in _TAKEN}
        for field in ("name", "on_securable_type", "on_securable_fullname"):
            if not policy.get(field):
                raise invalid(f"Missing required field: {field}")
        policy["on_securable_type"] = str(policy["on_securable_type"]).upper()
        kind, name = policy["on_securable_type"].lower(), policy["on_securable_fullname"]
        await self._managed({"type": kind, "securable": name})
        if self._store.get("policies", _key(kind, name, policy["name"])) is not None:
            raise ApiError(409, "ALREADY_EXISTS", f"Policy '{policy['name']}' already exists on {kind} '{name}'.")
        if len(self._on(kind, name)) >= _QUOTA[kind]:
            raise ApiError(400, "RESOURCE_EXHAUSTED", f"Cannot create more than {_QUOTA[kind]} policies on a {kind}.")
        self._check(policy)
        made = {"id": str(uuid.uuid4()), "created_at": now(), "created_by": caller().name}
        return self._keep({**policy, **made})

    async def all(self, given: Parameters) -> Document:
        """Those on a securable, with inherited ones where asked; a first page is empty and has another after it."""
        await self._managed(given)
        kind, name = given["type"].lower(), given["securable"]
        found = self._on(kind, name)
        if flag(given, "include_inherited"):
            found += [policy for above in parents(kind, name) for policy in self._on(*above)]
        size = min(integer(given, "max_results", 0) or _PAGE, _PAGE)
        if not given.get("page_token"):
            return {"next_page_token": "0"} if found else {}
        start = integer(given, "page_token")
        shown = {"policies": found[start : start + size]}
        return {**shown, **({"next_page_token": str(start + size)} if start + size < len(found) else {})}

    async def get(self, given: Parameters) -> Document:
        """One, by what it is on and its name."""
        await self._managed(given)
        return self._found(given)

    async def update(self, given: Parameters) -> Document:
        """Change the fields that `update_mask` names, or all that are sent."""
        await self._managed(given)
        policy = self._found(given)
        sent = {key: value for key, value in given.items() if key in _TAKEN and key != "name"}
        fields = [each for each in str(given.get("update_mask") or "*").split(",") if each]
        changed = sent if fields == ["*"] else {field: sent.get(field) for field in fields}
        if fixed := sorted(key for key in _SET if key in changed and changed[key] != policy[key]):
            raise invalid(f"{', '.join(fixed)} of a policy cannot be updated.")
        policy = {key: value for key, value in {**policy, **changed}.items() if value is not None}
        self._check(policy)
        return self._keep(policy)

    async def delete(self, given: Parameters) -> Document:
        """Remove one."""
        await self._managed(given)
        self._found(given)
        self._store.delete("policies", _key(given["type"].lower(), given["securable"], given["name"]))
        return {}

    async def _managed(self, given: Parameters) -> None:
        """Refuse what policies cannot be on, and who does not manage it."""
        kind, name = str(given["type"]).lower(), given["securable"]
        if kind not in _QUOTA:
            raise invalid(f"Policies on a securable of type {kind} are not supported: {', '.join(_QUOTA)}.")
        await self._securables.must_exist({"type": kind, "name": name})
        if self._store.get("views", name) is not None:
            raise invalid(f"ABAC policies cannot be applied directly to views: '{name}' is a view.")
        self._rights.check(caller(), [Need("MANAGE", kind, name)])

    def _on(self, kind: str, name: str) -> list[Document]:
        return list(self._store.all("policies", _key(kind, name, "")))

    def _found(self, given: Parameters) -> Document:
        key = _key(given["type"].lower(), given["securable"], given["name"])
        if (policy := self._store.get("policies", key)) is None:
            raise missing("POLICY_DOES_NOT_EXIST", f"Policy '{given['name']}' does not exist on {given['securable']}.")
        return policy

    def _keep(self, policy: Document) -> Document:
        kept = {**policy, "updated_at": now(), "updated_by": caller().name}
        kind, name = kept["on_securable_type"].lower(), kept["on_securable_fullname"]
        self._store.put("policies", _key(kind, name, kept["name"]), kept)
        return kept

    def _check(self, policy: Document) -> None:
        """Refuse what the service would."""
        to, exempt = policy.get("to_principals") or [], policy.get("except_principals") or []
        if not to:
            raise invalid("Missing required field: to_principals")
        if len(to) + len(exempt) > _PRINCIPALS:
            raise invalid(f"A policy names at most {_PRINCIPALS} principals in TO and EXCEPT together.")
        for who in (*to, *exempt):
            if not self._account.knows(who):
                raise missing("PRINCIPAL_DOES_NOT_EXIST", f"Could not find principal with name {who}")
        if str(policy.get("for_securable_type")).upper() != "TABLE":
            raise invalid("for_securable_type must be TABLE.")
        if (body := _BODIES.get(str(policy.get("policy_type")))) is None:
            raise invalid(f"policy_type must be one of {', '.join(_BODIES)}.")
        if policy.get(body) is None or any(policy.get(other) for other in {*_BODIES.values()} - {body}):
            raise invalid(f"A policy of {policy['policy_type']} has {body}, and no other options.")
        aliases = self._aliases(policy)
        self._check_call(policy[body], aliases, 1 if body == "column_mask" else 0)
        if body == "column_mask" and policy[body].get("on_column") not in aliases:
            raise invalid(f"on_column {policy[body].get('on_column')!r} is no alias of match_columns.")

    def _aliases(self, policy: Document) -> set[str]:
        matched = policy.get("match_columns") or []
        if len(matched) > _CONDITIONS:
            raise invalid(f"A policy has at most {_CONDITIONS} column conditions.")
        try:
            for condition in [*(each.get("condition") for each in matched), policy.get("when_condition") or "true"]:
                conditions.check(str(condition))
        except conditions.ConditionError as error:
            raise invalid(str(error)) from None
        return {str(each["alias"]) for each in matched if each.get("alias")}

    def _check_call(self, called: Document, aliases: set[str], first: int) -> None:
        name = str(called.get("function_name"))
        if (function := self._store.get("functions", name)) is None:
            raise missing("FUNCTION_DOES_NOT_EXIST", f"Function '{name}' does not exist.")
        self._rights.check(caller(), [Need("EXECUTE", "function", name)])
        using = called.get("using") or []
        if len(using) + first != len(parameters(function)):
            raise invalid(f"Function '{name}' takes {len(parameters(function))} arguments, not {len(using) + first}.")
        for argument in using:
            if ("alias" in argument) == ("constant" in argument):
                raise invalid("Each argument in 'using' is an alias or a constant.")
            if "alias" in argument and argument["alias"] not in aliases:
                raise invalid(f"{argument['alias']!r} in 'using' is no alias of match_columns.")


def _key(kind: str, name: str, policy: str) -> str:
    return f"{kind} {name} {policy}"
