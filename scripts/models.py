"""What is refused of a bundle's registered models and of the experiments that their trainings are runs of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# What Unity Catalog lets anybody hold of a registered model; another privilege is refused at deployment.
PRIVILEGES = {"ALL_PRIVILEGES", "APPLY_TAG", "EXECUTE", "MANAGE"}
WHERE = ("catalog_name", "schema_name", "name")
# The CLI writes these when it makes a model and never again, or they are a training's: declared, they would be drift.
NOT_DECLARED = ("aliases", "full_name", "metastore_id", "owner", "storage_location")
HOME = re.compile(r"/Users/[^/]+/.")
WRITES = {"CAN_EDIT", "CAN_MANAGE"}


def problems(place: str, kind: str, resource: dict[str, Any]) -> Iterator[str]:
    """Faults of one registered model or experiment; nothing of another kind."""
    if kind == "registered_models":
        yield from _model(place, resource)
    if kind == "experiments" and not HOME.match(name := resource["name"]):
        yield f"{place}.name: {name} lies in nobody's folder, /Users/<principal>/…: elsewhere its runs are anybody's"
    kept = (resource.get("lifecycle") or {}).get("prevent_destroy")
    if kind in ("registered_models", "experiments") and kept is not True:
        yield f"{place}.lifecycle.prevent_destroy: is true, or another name drops every version, every run"


def _model(place: str, model: dict[str, Any]) -> Iterator[str]:
    for field in WHERE:
        if not model.get(field):
            yield f"{place}.{field}: is not set, and a registered model has all three names"
    for field in NOT_DECLARED:
        if model.get(field) is not None:
            yield f"{place}.{field}: is not for the bundle to say"
    for grant in model.get("grants") or []:
        if wrong := sorted(set(grant.get("privileges") or []) - PRIVILEGES):
            yield f"{place}.grants: {', '.join(wrong)} is not applicable to a registered model"


def writes(experiment: dict[str, Any], principal: tuple[str, str]) -> bool:
    """Whether somebody may add runs to an experiment."""
    field, name = principal
    given = experiment.get("permissions") or []
    return any(each.get(field) == name and each["level"] in WRITES for each in given)
