"""What is put into what Terraform made: values of secrets, the jobs of the bundle, the package for Airflow."""

from __future__ import annotations

from typing import Any

import msgspec

from delivery import health
from delivery.bucket import Bucket
from delivery.deployment import Deployment
from scripts.first_day.place import Place
from scripts.first_day.step import MissingError

PUT = "aws secretsmanager put-secret-value --secret-id {} --secret-string '{}'"
POLYGON = '{"conn_type": "polygon", "password": "<key>"}'


def secrets(place: Place) -> str:
    """The connections of Airflow have values, none of which is read."""
    given = place.given("platform_development", "mwaa")
    declared = {*given.get("connections", ()), *(("warehouse_default",) if given.get("warehouse") is not None else ())}
    if lacking := _deployment(place).lacking_secrets(sorted(declared)):
        value = POLYGON if lacking[0].endswith("/polygon_default") else "<JSON>"
        raise MissingError(f"{', '.join(lacking)} without a value", PUT.format(lacking[0], value))
    return "the connections have values"


def jobs(place: Place) -> str:
    """Each job of the bundle is in the workspace."""
    files = sorted((place.root / "databricks/resources").glob("*.yml"))
    resources = [msgspec.yaml.decode(file.read_text())["resources"] for file in files]
    names = [job["name"] for each in resources for job in each.get("jobs", {}).values()]
    if lacking := [name for name in names if not list(place.workspace.jobs.list(name=name))]:
        raise MissingError(f"the workspace shows no job {', '.join(lacking)}")
    return f"{len(names)} jobs"


def package(place: Place) -> str:
    """A delivery is recorded, and Airflow is well with it."""
    latest = _deployment(place).history.latest()
    if latest is None:
        raise MissingError("nothing was delivered yet")
    if wrong := next(health.problems(place.airflow, latest.artefacts.dags, None), ""):
        raise MissingError(f"{latest.id} is there, and Airflow is not well: {wrong}")
    return latest.id


def succeeded(place: Place, dag: str) -> int:
    """How many runs of a DAG succeeded."""
    return int(place.airflow.rest("GET", f"/dags/{dag}/dagRuns", state="success", limit=1)["total_entries"])


def smoke(place: Place) -> str:
    """Airflow has started the smoke job by its own right, and it ran."""
    if not (count := succeeded(place, "smoke")):
        raise MissingError("the smoke job never ran through Airflow")
    return f"runs that succeeded: {count}"


def _deployment(place: Place) -> Deployment:
    described: dict[str, Any] = place.airflow.read()
    bucket = Bucket(place.aws("s3"), described["SourceBucketArn"].rpartition(":")[2])
    return Deployment(place.airflow, bucket, place.aws("secretsmanager"), lambda _: None)
