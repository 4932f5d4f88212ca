"""The version of the model that was reviewed for prod, as a file says it, and whether a version is that one."""

from __future__ import annotations

import msgspec

from anthill.include import include_dir

FILE = include_dir() / "models/volatility.yaml"


class Reviewed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A version of another environment's model, and what of its evaluation the review saw."""

    model: str  # with its catalog and schema
    version: str
    evaluation: str  # digest of its losses
    qlike_ratio: float | None


def load() -> Reviewed:
    """What include/models/volatility.yaml declares."""
    return msgspec.yaml.decode(FILE.read_bytes(), type=Reviewed)
