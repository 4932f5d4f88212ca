"""A change that Unity Catalog may refuse, tried so that the others are made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from anthill.governance.plan import Item
from anthill.governance.refusals import RefusedError

_REFUSED = re.compile(r"Status Code: 4(?!29)\d\d")


def tried(what: str, items: Iterable[Item], change: Callable[[], object]) -> list[RefusedError]:
    """What was refused of a change of these items, in the service's words; another fault, which may pass, is raised."""
    try:
        change()
    except Exception as error:
        if not _REFUSED.search(str(error)):
            raise
        about = frozenset(item.key for item in items)
        return [RefusedError(what, f"it was refused. Unity Catalog: {error}", about)]
    return []
