"""Take one market day through the Airflow of a deployed environment, and wait for its end.

A day that has been landed before is fetched again: the same answers change nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from typing import Any

from anthill import calendars, catalog
from scripts import workflow
from scripts.configuration import ROOT, values
from terraform.root import VALUES, environments


class DayError(RuntimeError):
    """The market day could not be run, or failed."""


class Airflow:
    """The REST API of an MWAA environment, through MWAA, which signs the caller in by IAM."""

    def __init__(self, environment: str) -> None:
        import boto3

        shared = values(ROOT / "terraform/environments" / environment / VALUES)
        self.name = f"{shared['name_prefix']}-{environment}"
        self._client = boto3.client("mwaa", region_name=shared["region"])

    def call(self, method: str, path: str, **body: Any) -> Any:
        """One call; DayError with Airflow's own words where it refuses."""
        try:
            answer = self._client.invoke_rest_api(
                Name=self.name, Method=method, Path=path, **({"Body": body} if body else {})
            )
        except self._client.exceptions.ClientError as error:
            said = error.response.get("RestApiResponse", error)
            raise DayError(f"{self.name}: {method} {path}: {said}") from error
        return answer["RestApiResponse"]


def last_day(asset_class: str, today: dt.date) -> dt.date:
    """The last market day that the source has for certain: the one before yesterday's."""
    return calendars.shift(catalog.load(asset_class).calendar, today - dt.timedelta(1), -1)


def run(airflow: Airflow, asset_class: str, day: dt.date, poll: float, patience: float) -> str:
    """Trigger the day's run and wait for its end; what came of it. What was never turned on is no failure."""
    if airflow.call("GET", f"/dags/{asset_class}")["is_paused"]:
        if not airflow.call("GET", f"/dags/{asset_class}/dagRuns")["total_entries"]:
            return (
                f"**{airflow.name}** is new: the DAG {asset_class} is paused, as those of asset classes are at first,"
                " and no market day was tried. Turn it on in Airflow's UI, then `make market-day`."
            )
        raise DayError(f"{airflow.name}: the DAG {asset_class} is paused: turn it on, or name another with ASSET=.")
    tasks = follow(airflow, asset_class, {"market_date": day.isoformat()}, f"{asset_class} of {day}", poll, patience)
    return f"{asset_class} of {day} went through **{airflow.name}** in {len(tasks)} tasks."


def follow(
    airflow: Airflow, dag: str, conf: dict[str, str], what: str, poll: float, patience: float
) -> list[dict[str, Any]]:
    """Trigger a DAG after a delivery and wait for its end: its tasks; DayError where it failed or takes too long."""
    asked = {"logical_date": None, "conf": conf, "note": "after a delivery"}
    number = airflow.call("POST", f"/dags/{dag}/dagRuns", **asked)["dag_run_id"]
    deadline = time.monotonic() + patience
    while (state := airflow.call("GET", f"/dags/{dag}/dagRuns/{number}")["state"]) not in ("success", "failed"):
        if time.monotonic() > deadline:
            raise DayError(f"{airflow.name}: {what} is still {state} after {patience / 60:.0f} minutes: {number}")
        time.sleep(poll)
    tasks: list[dict[str, Any]] = airflow.call("GET", f"/dags/{dag}/dagRuns/{number}/taskInstances")["task_instances"]
    if state == "failed":
        broken = ", ".join(sorted(task["task_id"] for task in tasks if task["state"] == "failed"))
        raise DayError(f"{airflow.name}: {what} failed in {broken}: {number}")
    return tasks


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when the day went through."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--environment", choices=environments(), required=True)
    parser.add_argument("--asset-class", choices=catalog.with_past(), default="forex")
    parser.add_argument("--day", type=dt.date.fromisoformat, help="market day; else the last that is complete")
    parser.add_argument("--poll", type=float, default=15, help="seconds between two looks")
    parser.add_argument("--patience", type=float, default=3600, help="seconds until it must be over")
    asked = parser.parse_args(arguments)
    day = asked.day or last_day(asked.asset_class, dt.datetime.now(dt.UTC).date())
    try:
        workflow.summary(run(Airflow(asked.environment), asked.asset_class, day, asked.poll, asked.patience))
    except DayError as error:
        return workflow.fail(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
