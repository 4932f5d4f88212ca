"""Unity Catalog's direct grants over REST, through the provider's hook."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol
from urllib.parse import quote

import msgspec

from anthill.governance import refusals
from anthill.governance.refusals import NotThereError
from anthill.governance.securables import DELETED, Change, Grants, Securable, principal

READERS = 8  # threads: a workspace answers a GET in 0.1 s, and there are hundreds


class Api(Protocol):
    """The part of DatabricksHook that is used: it retries, and raises with the answer's own message."""

    def _do_api_call(
        self, endpoint_info: tuple[str, str], json: dict[str, Any] | None = None, wrap_http_errors: bool = True
    ) -> Any:
        """Call an endpoint."""


class GrantsNotReadError(RuntimeError):
    """Unity Catalog answered, and not with a list of grants."""


class _Assignment(msgspec.Struct):
    principal: str | None = None
    principal_id: int | str | None = None
    privileges: list[str] | None = None


class _Page(msgspec.Struct):
    privilege_assignments: list[_Assignment] | None = None
    next_page_token: str | None = None


class Permissions:
    """Reads and writes the direct grants of securables."""

    def __init__(self, hook: Api) -> None:
        self._hook = hook

    def read(self, securables: Sequence[Securable]) -> list[Grants | None]:
        """Who holds what directly on each; None where it does not exist."""
        first, *others = [*map(self._held, securables[:1])], *securables[1:]  # the hook signs in once
        with ThreadPoolExecutor(READERS) as pool:
            return [*first, *pool.map(self._held, others)]

    def _held(self, securable: Securable) -> Grants | None:
        try:
            return self.current(securable)
        except NotThereError:
            return None

    def current(self, securable: Securable) -> Grants:
        """Who holds what directly, all pages together."""
        held: dict[str, frozenset[str]] = {}
        token = ""
        while True:
            page = self._page(securable, token)
            for assignment in page.privilege_assignments or []:
                who = _named(securable, assignment)
                held[who] = held.get(who, frozenset()) | _normal(assignment.privileges or [])
            following = page.next_page_token
            if not following:
                return held
            if following == token:
                raise GrantsNotReadError(f"{securable.type} {securable.name}: page {token} of its grants repeats.")
            token = following

    def _page(self, securable: Securable, token: str) -> _Page:
        answer = self._call("GET", securable, {"max_results": 0, **({"page_token": token} if token else {})})
        try:
            return msgspec.convert(answer, _Page)
        except msgspec.ValidationError as error:
            raise GrantsNotReadError(
                f"{securable.type} {securable.name}: Unity Catalog's answer is no list of grants: {error}"
            ) from error

    def apply(self, securable: Securable, changes: Sequence[Change]) -> None:
        """Make all changes of a securable in one call."""
        body = [{**_who(c.principal), "add": list(c.add), "remove": list(c.remove)} for c in changes]
        self._call("PATCH", securable, {"changes": body})

    def _call(self, method: str, securable: Securable, json: dict[str, Any]) -> Any:
        path = f"2.1/unity-catalog/permissions/{securable.type}/{quote(securable.name, safe='')}"
        try:
            return self._hook._do_api_call((method, path), json)
        except Exception as error:
            if refusal := refusals.of(error, securable):
                raise refusal from error
            error.add_note(f"{securable.type} {securable.name}, declared in {securable.file}")
            raise


def _named(securable: Securable, assignment: _Assignment) -> str:
    """A principal's name; of one that was deleted its number is all that is left."""
    if assignment.principal:
        return principal(assignment.principal)
    if assignment.principal_id:
        return f"{DELETED}{assignment.principal_id}"
    raise GrantsNotReadError(
        f"{securable.type} {securable.name}: Unity Catalog's answer is no list of grants: one is of nobody"
    )


def _who(name: str) -> dict[str, Any]:
    """How a change names a principal."""
    if name.startswith(DELETED):
        return {"principal_id": int(name.removeprefix(DELETED))}
    return {"principal": name}


def _normal(privileges: Sequence[str]) -> frozenset[str]:
    """Privileges as declarations write them: answers may have blanks for underscores."""
    return frozenset(privilege.upper().replace(" ", "_") for privilege in privileges)
