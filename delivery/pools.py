"""The pools that the DAGs' tasks take their slots from: made at the environment as they are declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from delivery.environment import Environment


def apply(environment: Environment, declared: Mapping[str, Any]) -> None:
    """Make what is missing and correct what differs; the environment's own `anthill.pool_slots` goes before."""
    options = environment.read().get("AirflowConfigurationOptions") or {}
    there = {pool["name"]: pool for pool in environment.all("/pools", "pools")}
    for name, pool in declared.items():
        wanted = {**pool, "slots": int(options.get("anthill.pool_slots", pool["slots"]))}
        if name not in there:
            environment.say(f"Pool {name}: {wanted['slots']} slots")
            environment.rest("POST", "/pools", {"name": name, **wanted})
        elif there[name]["slots"] != wanted["slots"]:
            environment.say(f"Pool {name}: {there[name]['slots']} → {wanted['slots']} slots")
            environment.rest("PATCH", f"/pools/{name}", {"name": name, **wanted})
