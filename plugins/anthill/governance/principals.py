"""Whether those to whom something is given exist: asked of the workspace's SCIM, whose names everybody may read."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from anthill.governance.permissions import READERS, Api
from anthill.governance.refusals import RefusedError
from anthill.governance.securables import is_service_principal, is_user

AT = "2.0/preview/scim/v2"
_ALWAYS = {"account users"}  # everybody: no list has it


def unknown(hook: Api, named: Iterable[tuple[str, str]]) -> list[RefusedError]:
    """Principals that the workspace does not know, of those that are named, each with where (file:line)."""
    places: dict[str, list[str]] = {}
    for who, at in named:
        places.setdefault(who, []).append(at)
    asked = sorted(set(places) - _ALWAYS)
    with ThreadPoolExecutor(READERS) as pool:
        there = list(pool.map(partial(_exists, hook), asked))
    return [_refusal(who, sorted(set(places[who]))) for who, known in zip(asked, there, strict=True) if not known]


def _exists(hook: Api, who: str) -> bool:
    if is_user(who):
        resource, attribute = "Users", "userName"
    elif is_service_principal(who):
        resource, attribute = "ServicePrincipals", "applicationId"
    else:
        resource, attribute = "Groups", "displayName"
    quoted = who.replace("\\", "\\\\").replace('"', '\\"')
    found = hook._do_api_call(("GET", f"{AT}/{resource}"), {"filter": f'{attribute} eq "{quoted}"', "count": 100})
    names = [str(each.get(attribute, "")) for each in found.get("Resources") or []]
    # SCIM compares without case, and a grant to a group does not.
    return any(name == who or (is_user(who) and name.lower() == who) for name in names)


def _refusal(who: str, places: list[str]) -> RefusedError:
    more = f" and {len(places) - 1} more places" if len(places) > 1 else ""
    return RefusedError(
        f"principal {who}",
        f"the workspace does not know it, and {places[0]}{more} gives it something. Create the group (user_group_ids "
        "of the stack databricks), write its name as the account does, capitals too, or remove it there",
    )
