"""What one principal holds in Unity Catalog, and what it lacks for something, in the service's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from local.databricks.privileges import parents

ANY_FILE = "any file"  # no securable of Unity Catalog: files that lie in no external location
OWNER = "OWNER"  # no privilege: who owns a thing may do with it what there is to do
# What neither ownership nor ALL PRIVILEGES brings: an owner of the catalog gives it, name by name.
_BY_NAME_ALONE = {"EXTERNAL_USE_SCHEMA"}
_NOT_AMONG_ALL = {*_BY_NAME_ALONE, "MANAGE"}


class Need(NamedTuple):
    """A privilege on a securable; MANAGE is what its owner, and an owner of what it lies in, has too."""

    privilege: str
    kind: str
    name: str

    def __str__(self) -> str:
        what, kind = self.privilege.replace("_", " "), self.kind.replace("_", " ").title()
        if self.kind == ANY_FILE:
            return f"User does not have permission {what} on {ANY_FILE}."
        return f"User does not have {what} on {kind} '{self.name}'."


def of_table(name: str, *privileges: str) -> list[Need]:
    """What it takes to do something with a table, in the order in which the service asks."""
    return [*of_schema(name.rpartition(".")[0]), *(Need(privilege, "table", name) for privilege in privileges)]


def of_schema(name: str, *privileges: str) -> list[Need]:
    """The same for a schema."""
    catalog = name.partition(".")[0]
    used = [Need("USE_CATALOG", "catalog", catalog), Need("USE_SCHEMA", "schema", name)]
    return [*used, *(Need(privilege, "schema", name) for privilege in privileges)]


class Held:
    """What a principal holds itself and through its groups: privileges and ownership by securable ("table a.b.c")."""

    def __init__(self, direct: Mapping[str, Iterable[str]]) -> None:
        self._direct = {securable: set(held) for securable, held in direct.items()}

    def has(self, need: Need) -> bool:
        """Whether it has what is needed; privileges are inherited, ownership is not but for MANAGE."""
        for kind, name in [(need.kind, need.name), *parents(need.kind, need.name)]:
            held = self._direct.get(f"{kind} {name}", set())
            if need.privilege in held or ("ALL_PRIVILEGES" in held and need.privilege not in _NOT_AMONG_ALL):
                return True
            if OWNER in held and need.privilege == "MANAGE":
                return True
        return OWNER in self._direct.get(f"{need.kind} {need.name}", set()) and need.privilege not in _BY_NAME_ALONE

    def lacks(self, needs: Iterable[Need]) -> Need | None:
        """The first that it has not."""
        return next((need for need in needs if not self.has(need)), None)

    def sees(self, table: str) -> bool:
        """Whether lists have a table for it: for who may read it, and for who owns it or what it lies in."""
        needs = of_table(table, "SELECT")
        return not self.lacks(needs) or (self.has(needs[0]) and self.has(Need("MANAGE", "table", table)))

    def uses(self, schema: str) -> bool:
        """The same for a schema."""
        return any(self.has(Need(privilege, "schema", schema)) for privilege in ("USE_SCHEMA", "MANAGE"))

    def own(self, name: str) -> None:
        """A table that it has made."""
        self._direct.setdefault(f"table {name}", set()).add(OWNER)
