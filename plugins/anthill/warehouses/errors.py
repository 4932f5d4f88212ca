"""What can be wrong between gold and a warehouse."""

from __future__ import annotations

from anthill.sources.errors import FatalError


class RefusedError(FatalError):
    """The warehouse cannot take the version as it is; nothing of it was loaded."""
