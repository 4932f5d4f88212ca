"""The account: who signs in with which token, and in which groups they are."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from pathlib import Path

import msgspec

FILE = Path(__file__).with_name("account.yaml")
ADMINS = "admins"
EVERYONE = "account users"


@dataclass(frozen=True)
class Principal:
    """Somebody: `name` is what grants and permissions call them, an application id or an e-mail address."""

    role: str
    name: str
    token: str
    groups: tuple[str, ...]
    is_service: bool

    @property
    def identities(self) -> frozenset[str]:
        """Whose rights they have: their own, and those of their groups."""
        return frozenset({self.name, EVERYONE, *self.groups})

    @property
    def is_admin(self) -> bool:
        """Whether everything of the workspace, though not of its data, is theirs."""
        return ADMINS in self.groups


class Account:
    """Every principal that the workspace knows."""

    def __init__(self, file: Path = FILE) -> None:
        declared = msgspec.yaml.decode(file.read_text(encoding="utf-8"))
        self._principals = {role: _principal(role, **given) for role, given in declared["principals"].items()}
        groups = {group for principal in self._principals.values() for group in principal.groups}
        self.groups = frozenset({EVERYONE, ADMINS, *groups, *declared.get("groups", [])})
        catalog = declared["catalog"]
        self.catalog_owner, self.schema_owner = self._named(catalog["owner"]), self._named(catalog["schema_owner"])
        self.catalog_grants: dict[str, list[str]] = {self._named(to): held for to, held in catalog["grants"].items()}
        self.metastore_grants: dict[str, list[str]] = {
            self._named(to): held for to, held in declared["metastore"]["grants"].items()
        }
        self.schema_grants: dict[str, dict[str, list[str]]] = catalog["schemas"]
        self.model_makers: dict[str, dict[str, list[str]]] = {
            schema: {self._named(to): held for to, held in grants.items()}
            for schema, grants in catalog["model_makers"].items()
        }
        self.location_grants = {
            name: {self._named(to): held for to, held in grants.items()}
            for name, grants in declared["locations"].items()
        }
        self.audit_readers = [self._named(who) for who in declared["metastore"]["audit"]]
        self.warehouse_users: list[str] = declared["warehouse"]["users"]

    def _named(self, role_or_group: str) -> str:
        principal = self._principals.get(role_or_group)
        return principal.name if principal else role_or_group

    def role(self, role: str) -> Principal:
        """A principal by what it is for."""
        return self._principals[role]

    @property
    def variables(self) -> dict[str, str]:
        """What the bundle asks of a deployment of who there is, as variables for the CLI."""
        roles = {"deployer": "bundle", "run_as": "pipeline", "drift": "drift"}
        return {f"BUNDLE_VAR_{name}": self.role(role).name for name, role in roles.items()}

    def signed_in(self, token: str) -> Principal | None:
        """Whose token it is, None where it is nobody's."""
        given = token.encode()
        found = [p for p in self._principals.values() if hmac.compare_digest(p.token.encode(), given)]
        return found[0] if found else None

    def named(self, name: str) -> Principal | None:
        """Who is called so in grants and permissions; None for a group, too."""
        return next((p for p in self._principals.values() if p.name == name), None)

    @property
    def users(self) -> frozenset[str]:
        """People, by their e-mail addresses."""
        return frozenset(p.name for p in self._principals.values() if not p.is_service)

    @property
    def service_principals(self) -> frozenset[str]:
        """Service principals, by their application ids."""
        return frozenset(p.name for p in self._principals.values() if p.is_service)

    def knows(self, name: str) -> bool:
        """Whether a grant may go to this name."""
        return name in self.groups or self.named(name) is not None


def _principal(
    role: str, token: str, application_id: str = "", user_name: str = "", groups: tuple[str, ...] = ()
) -> Principal:
    return Principal(role, application_id or user_name, token, tuple(groups), bool(application_id))
