"""What Unity Catalog refuses, as one message that names the thing and the next step."""

from __future__ import annotations

import re
from collections.abc import Iterable

from anthill.governance.securables import Securable

_THERE = re.compile(
    r"\b(TABLE|SCHEMA|CATALOG|VOLUME|EXTERNAL_LOCATION|FUNCTION|POLICY|SHARE|RECIPIENT|RESOURCE)_DOES_NOT_EXIST"
)
_WHO = re.compile(r"PRINCIPAL_DOES_NOT_EXIST")
_NAMED = re.compile(r"principal with name ([^\"'\\]+)")
_DENIED = re.compile(r"PERMISSION_DENIED|INSUFFICIENT_PERMISSIONS|Status Code: 403")


class RefusedError(RuntimeError):
    """Unity Catalog does not make a change or answer a question, and would not do so at the next try."""

    def __init__(self, what: str, why: str, about: frozenset[tuple[str, str, str, str]] = frozenset()) -> None:
        super().__init__(f"{what}: {why}")
        self.what, self.why = what, why
        self.about = about  # the keys of the items that are therefore as they were


class NotThereError(RefusedError):
    """The securable does not exist."""


def of(error: Exception, securable: Securable) -> RefusedError | None:
    """The refusal that an API's error is; None where it is another fault, which may pass."""
    said, what = str(error), f"{securable.type} {securable.name}"
    if _WHO.search(said):
        named = _NAMED.search(said)
        who = f"the principal {named[1].strip()}" if named else "a principal"
        return RefusedError(
            what,
            f"the account does not know {who}, which {securable.file} names. Create the group (user_group_ids of the "
            "stack databricks), or write its name as the account does, capitals too",
        )
    if _DENIED.search(said):
        return RefusedError(
            what,
            "the principal of databricks_default may not see or change its grants. It has to own it or its schema, or "
            f"hold MANAGE: apply the stack catalog, whose pipeline_principal it must be. Unity Catalog: {said}",
        )
    if is_not_there(error):
        return not_there(securable)
    return None


def is_not_there(error: Exception) -> bool:
    """Whether an API's error is that the thing does not exist."""
    return _THERE.search(str(error)) is not None


def is_denied(error: Exception) -> bool:
    """Whether an API's error is that the principal may not ask."""
    return _DENIED.search(str(error)) is not None


def not_there(securable: Securable) -> NotThereError:
    """That it does not exist."""
    return NotThereError(
        f"{securable.type} {securable.name}",
        f"it does not exist, and {securable.file} gives it readers: correct its name there, or run what makes it",
    )


def told(refused: Iterable[RefusedError]) -> str:
    """All of them, a line for each reason with the first thing that it was about."""
    about: dict[str, list[str]] = {}
    for error in refused:
        about.setdefault(error.why, []).append(error.what)
    return "\n".join(f"{what}{f' and {len(more)} more' if more else ''}: {why}" for why, (what, *more) in about.items())
