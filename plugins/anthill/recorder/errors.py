"""What ends a connection, by what is to be done about it."""

from __future__ import annotations


class RecorderError(RuntimeError):
    """Nothing can be recorded; the text says what to do."""


class RefusedError(RecorderError):
    """The source does not let us in, or not to all that was asked for: trying again does not help."""


class EvictedError(RecorderError):
    """The source closed this connection for another one of the same key."""


class LostError(RecorderError):
    """The connection ended or fell silent: a new one is made."""


class SpoolFullError(RecorderError):
    """The disk holds as much as it may of what S3 has not taken."""


class LeaseLostError(RecorderError):
    """Another recorder holds the lease: this one stops."""
