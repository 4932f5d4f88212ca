"""A run's `status`, the newer account of its `state`, as the SDK's RunStatus has it."""

from __future__ import annotations

from local.databricks.store import Document

_STATES = {"WAITING_FOR_RETRY": "WAITING", "SKIPPED": "TERMINATED", "INTERNAL_ERROR": "TERMINATED"}
_CODES = {
    "SUCCESS": "SUCCESS",
    "FAILED": "RUN_EXECUTION_ERROR",
    "TIMEDOUT": "CANCELED",  # by the platform
    "CANCELED": "USER_CANCELED",
    "UPSTREAM_FAILED": "SKIPPED",
    "MAXIMUM_CONCURRENT_RUNS_REACHED": "MAX_CONCURRENT_RUNS_EXCEEDED",
}


def of(state: Document) -> Document:
    """The status that goes with a state."""
    life_cycle, message = state["life_cycle_state"], state["state_message"]
    found: Document = {"state": _STATES.get(life_cycle, life_cycle)}
    if life_cycle == "QUEUED":
        found["queue_details"] = {"code": "MAX_CONCURRENT_RUNS_REACHED", "message": message}
    if result := state.get("result_state"):
        kind = "SUCCESS" if result == "SUCCESS" else "CLIENT_ERROR"
        found["termination_details"] = {"code": _CODES[result], "type": kind, "message": message}
    return found
