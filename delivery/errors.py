"""What can go wrong on the way to MWAA, in words for the person who delivers."""

from __future__ import annotations


class DeliveryError(Exception):
    """What failed, and what to do."""


class RefusedError(DeliveryError):
    """A package that MWAA would refuse, or would take and fail over: every reason, a line each."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("\n".join(f"  - {reason}" for reason in reasons))
        self.reasons = reasons


class StillAtWorkError(DeliveryError):
    """The environment takes longer than anybody waited; nothing is known to be wrong."""


class UnhealthyError(DeliveryError):
    """What was delivered does not work at the environment."""
