"""Whether what was delivered works: the parts of Airflow, import errors, and every DAG parsed since."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from delivery.environment import Environment
from delivery.errors import UnhealthyError

PARTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")


def wait(environment: Environment, dags: Sequence[str], since: dt.datetime | None, patience: float = 900) -> None:
    """Return once all is well; UnhealthyError with every problem when the patience (seconds) is over.

    `since` is when the environment got what its DAGs must have been parsed from; None where nothing changed.
    An import error of a later moment ends the waiting at once.
    """
    end = time.monotonic() + patience
    while True:
        try:
            found = [*problems(environment, dags, since)]
            hopeless = since is not None and _broken(environment, since)
        except (BotoCoreError, ClientError) as error:  # also while a web server is being replaced
            found, hopeless = [f"its REST API does not answer: {error}"], False
        if not found:
            return
        if hopeless or time.monotonic() > end:
            raise UnhealthyError("\n".join(f"  - {problem}" for problem in found))
        environment.say(f"Waiting for {environment.name}: {found[0].splitlines()[0]}")
        time.sleep(environment.poll)


def problems(environment: Environment, dags: Sequence[str], since: dt.datetime | None) -> Iterator[str]:
    """What is not as it should be, the causes before what follows from them."""
    health = environment.rest("GET", "/monitor/health")
    for part in PARTS:
        if (status := (health.get(part) or {}).get("status")) != "healthy":
            yield f"{part} is {status or 'not there'}"
    for path in ("/plugins/importErrors", "/importErrors"):
        for error in environment.all(path, "import_errors"):
            yield f"{error.get('filename') or error.get('source')}: {_last_line(error)}"
    there = {dag["dag_id"]: dag for dag in environment.all("/dags", "dags") if not dag.get("is_stale")}
    if missing := sorted(set(dags) - there.keys()):
        yield f"no DAG {', '.join(missing)}"
    if late := sorted(dag for dag in dags if dag in there and since and not _parsed(there[dag], since)):
        yield f"not parsed since {since:%H:%M:%S} UTC: {', '.join(late)}"


def paused(environment: Environment, dags: Sequence[str]) -> list[str]:
    """Those of the DAGs that are not turned on: they start nothing by themselves."""
    return sorted(
        dag["dag_id"] for dag in environment.all("/dags", "dags") if dag["dag_id"] in dags and dag["is_paused"]
    )


def _parsed(dag: dict[str, Any], since: dt.datetime) -> bool:
    parsed: str | None = dag.get("last_parsed_time")
    return parsed is not None and dt.datetime.fromisoformat(parsed) >= since


def _broken(environment: Environment, since: dt.datetime) -> bool:
    errors = environment.all("/importErrors", "import_errors")
    return any(dt.datetime.fromisoformat(error["timestamp"]) > since for error in errors)


def _last_line(error: dict[str, Any]) -> str:
    text = str(error.get("stack_trace") or error.get("error") or "").strip()
    return text.splitlines()[-1] if text else "no text"
