"""Names that stand in SQL without quotes, checked before they do."""

from __future__ import annotations

import re

_CATALOG = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}", re.ASCII)


class ParameterError(ValueError):
    """A parameter cannot be what it says it is; the message names it and what is allowed."""


def catalog_name(given: str) -> str:
    """The name of a catalog, which SQL has without quotes; ParameterError for any other text."""
    if not _CATALOG.fullmatch(given):
        raise ParameterError(f"catalog is {given!r}, allowed are letters, digits and underscores, as dev")
    return given
