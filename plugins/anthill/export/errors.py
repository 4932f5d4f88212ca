"""What cannot be exported."""

from __future__ import annotations


class ExportError(RuntimeError):
    """A file could not be made; nothing is left under its name, and the message says what to do."""
