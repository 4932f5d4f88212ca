"""Databricks runs that have ended, told to the index: what silver and gold hold is asked of it, not of a warehouse."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from anthill.bronze.storage import StorageError
from anthill.cut import cut
from anthill.ledger.documents import Documents, Job, Jobs, jobs_key

log = logging.getLogger(__name__)

_LONGEST = 600  # characters of a message
_WARNINGS = 5


def record(documents: Documents, asset_class: str, run: str, job: Job) -> None:
    """Tell the index of a run that has ended; a line in the log where that is not possible."""
    kept = msgspec.structs.replace(job, message=cut(job.message, _LONGEST), facts=_facts(job.job, job.facts))
    key = jobs_key(asset_class, job.at)
    try:
        documents.update(key, Jobs, lambda there: Jobs({**there.tasks, run: kept}))
    except (StorageError, ClientError, BotoCoreError, msgspec.DecodeError) as error:
        log.warning("The coverage index was not told of this run: %s", error)


def ended(job: str, days: tuple[dt.date, dt.date], page: str, result: dict[str, Any], failure: str = "") -> Job:
    """A run that ends now, with what its notebook returned or why it failed."""
    return Job(job, *days, at=dt.datetime.now(dt.UTC), page=page, ok=not failure, message=failure, facts=result)


def _facts(job: str, result: dict[str, Any]) -> dict[str, Any]:
    """Of a notebook's result, what people ask for."""
    match job:
        case "silver":
            counts = result.get("datasets", {})
            sums = {name: sum(each.get(name, 0) for each in counts.values()) for name in ("silver_rows", "quarantined")}
            return {**sums, "datasets": [name for name, each in counts.items() if each.get("days")]}
        case "quality" | "reconcile":
            warnings = result.get("warnings", [])
            warned = result.get("warned", len(warnings))
            found = {"checks": result.get("checks", 0), "warnings": warned, "first": warnings[:_WARNINGS]}
            return {**found, "settled": settled} if (settled := result.get("settled")) else found
        case "gold":
            return {"fresh_until": {name: each.get("fresh_until") for name, each in result.get("tables", {}).items()}}
    return {}
