"""What keeps a person's file from being dropped."""

from __future__ import annotations


class DropError(ValueError):
    """The file was not dropped; the message says why and what to do."""
