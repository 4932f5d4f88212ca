"""What is granted on what: the securables of Unity Catalog, the privileges that apply to each, who holds them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

Grants = Mapping[str, frozenset[str]]  # principal -> privileges
DELETED = "deleted principal "  # who was deleted has a number, and a name no more
Others = Literal["keep", "revoke"]

_COMMON = frozenset({"ALL_PRIVILEGES", "APPLY_TAG", "MANAGE"})
_READ = _COMMON | {"SELECT", "MODIFY"}
_SCHEMA = _READ | {
    "CREATE_FUNCTION", "CREATE_MATERIALIZED_VIEW", "CREATE_MODEL", "CREATE_TABLE", "CREATE_VOLUME", "EXECUTE",
    "EXTERNAL_USE_SCHEMA", "READ_VOLUME", "REFRESH", "USE_SCHEMA", "WRITE_VOLUME",
}  # fmt: skip
PRIVILEGES: Mapping[str, frozenset[str]] = {
    "catalog": _SCHEMA | {"BROWSE", "CREATE_SCHEMA", "USE_CATALOG"},
    "schema": _SCHEMA,
    "table": _READ,
    "volume": _COMMON | {"READ_VOLUME", "WRITE_VOLUME"},
    "external_location": frozenset({
        "ALL_PRIVILEGES", "BROWSE", "CREATE_EXTERNAL_TABLE", "CREATE_EXTERNAL_VOLUME", "CREATE_MANAGED_STORAGE",
        "MANAGE", "READ_FILES", "WRITE_FILES",
    }),
}  # fmt: skip
OTHERS: Mapping[str, Others] = {"table": "revoke", "volume": "revoke"}
PARTS = {"catalog": 1, "schema": 2, "table": 3, "volume": 3, "external_location": 1}
_APPLICATION_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Securable(msgspec.Struct, frozen=True):
    """Something in Unity Catalog and who may do what with it; `name` is its full name in the environment."""

    type: str
    name: str
    grants: Grants
    others: Others
    file: str
    of: str = ""  # the gold table that an asset class must have to bring it
    by: str = ""  # the default by which its readers have it: "gold of shared"; "" where it has an entry of its own
    lines: Mapping[str, int] = {}  # of the file, by principal
    line: int = 0  # where its name stands

    def at(self, who: str = "") -> str:
        """Where a principal's privileges are declared, or the securable itself."""
        line = self.lines.get(who, self.line)
        return f"{self.file}:{line}" if line else self.file

    def answers_for(self, who: str) -> bool:
        """Whether what a principal holds is to be what is declared; who was deleted is to hold nothing anywhere."""
        return self.others == "revoke" or who in self.grants or who.startswith(DELETED)


class Change(msgspec.Struct, frozen=True):
    """What one principal gains and loses on a securable; never the same privilege in both."""

    principal: str
    add: tuple[str, ...]
    remove: tuple[str, ...]


def is_user(name: str) -> bool:
    """Whether it is an e-mail address, by which users are called."""
    return "@" in name


def is_service_principal(name: str) -> bool:
    """Whether it is an application id, by which service principals are called."""
    return _APPLICATION_ID.fullmatch(name) is not None


def principal(name: str) -> str:
    """A principal as Unity Catalog tells it: users and service principals in lower case, groups as they are."""
    return name.lower() if is_user(name) or is_service_principal(name) else name
