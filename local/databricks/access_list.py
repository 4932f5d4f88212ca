"""Who may do what with one object of the workspace: what the permissions calls take, and what they tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from local.databricks.account import ADMINS, Account
from local.databricks.errors import ApiError, invalid
from local.databricks.store import Document
from local.databricks.web import Parameters

MANAGE, OWNER = "CAN_MANAGE", "IS_OWNER"
_KINDS = ("user_name", "group_name", "service_principal_name")


def named(entry: Document) -> str:
    """Whom an entry is about."""
    return next(str(entry[kind]) for kind in _KINDS if entry.get(kind))


def asked(given: Parameters, levels: Collection[str], kind: str, account: Account) -> list[Document]:
    """The entries that a call gives, as the service would accept them."""
    return [_checked(entry, levels, kind, account) for entry in given.get("access_control_list") or []]


def _checked(entry: Any, levels: Collection[str], kind: str, account: Account) -> Document:
    who = [each for each in _KINDS if entry.get(each)]
    if len(who) != 1:
        raise invalid(f"Each entry names one of {', '.join(_KINDS)}.")
    if (level := entry.get("permission_level")) not in levels:
        raise invalid(f"'{level}' is not a valid permission level for {kind}: {', '.join(levels)}.")
    if not account.knows(entry[who[0]]):
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"Principal: {entry[who[0]]} does not exist")
    return {who[0]: entry[who[0]], "permission_level": level}


def changed(entries: Iterable[Document], by: list[Document]) -> list[Document]:
    """Entries with some put in the place of their principals'; there is one owner, the new one."""
    names = {named(entry) for entry in by}
    owned = any(entry["permission_level"] == OWNER for entry in by)
    kept = [e for e in entries if named(e) not in names and not (owned and e["permission_level"] == OWNER)]
    return [*kept, *by]


def told(path: str, kind: str, entries: Iterable[Document], account: Account) -> Document:
    """A list as it is told, with what the workspace's admins may by themselves."""
    above = path.rpartition("/")[0] + "/"
    inherited = {"permission_level": MANAGE, "inherited": True, "inherited_from_object": [above]}
    shown = [_shown(entry, account) for entry in entries]
    shown.append({"group_name": ADMINS, "all_permissions": [inherited]})
    return {"object_id": path, "object_type": kind, "access_control_list": shown}


def _shown(entry: Document, account: Account) -> Document:
    principal = account.named(named(entry))
    shown = {kind: value for kind, value in entry.items() if kind in _KINDS}
    shown |= {"display_name": principal.role} if principal else {}
    return {**shown, "all_permissions": [{"permission_level": entry["permission_level"], "inherited": False}]}
