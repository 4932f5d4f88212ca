"""What differs from one environment to the next: section [anthill] of Airflow's configuration.

On MWAA these are configuration options (`anthill.catalog`), elsewhere variables (`AIRFLOW__ANTHILL__CATALOG`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from airflow.sdk.configuration import conf

from anthill.names import ParameterError, catalog_name

if TYPE_CHECKING:
    from anthill.dataset import Dataset

POOL = "polygon"  # every task that calls the API takes slots of it: include/pools.json
_SECTION = "anthill"


def catalog() -> str:
    """The Unity Catalog of the environment: dev, staging or prod; ParameterError where it could not stand in SQL."""
    return catalog_name(str(conf.get(_SECTION, "catalog", fallback="dev")))


def bronze_bucket() -> str:
    """The bucket that holds bronze."""
    return str(conf.get(_SECTION, "bronze_bucket", fallback=f"anthill-{catalog()}-bronze"))


def personal_bucket() -> str:
    """The bucket that holds bronze of datasets about people: the only one from which anything can be erased."""
    return str(conf.get(_SECTION, "personal_bucket", fallback=f"anthill-{catalog()}-personal"))


def bucket_of(dataset: Dataset) -> str:
    """The bucket of bronze in which a dataset lies."""
    return personal_bucket() if dataset.personal else bronze_bucket()


def by_bucket(datasets: Mapping[str, Dataset]) -> dict[str, dict[str, Dataset]]:
    """Datasets by the bucket of bronze in which they lie."""
    found: dict[str, dict[str, Dataset]] = {}
    for name, dataset in datasets.items():
        found.setdefault(bucket_of(dataset), {})[name] = dataset
    return found


def documents_bucket() -> str:
    """The bucket of what is replaced: the coverage index, what was told, the fields seen."""
    return str(conf.get(_SECTION, "documents_bucket", fallback=f"anthill-{catalog()}-documents"))


def gold_bucket() -> str:
    """The bucket of gold, in which results of kept queries lie."""
    return str(conf.get(_SECTION, "gold_bucket", fallback=f"anthill-{catalog()}-gold"))


def drop_bucket() -> str:
    """The bucket into which people put files, and from which they take what came of them."""
    return str(conf.get(_SECTION, "drop_bucket", fallback=f"anthill-{catalog()}-drop"))


def drop_queue() -> str:
    """The URL of the queue that tells of files there; "" where only a look every quarter of an hour finds them."""
    return str(conf.get(_SECTION, "drop_queue", fallback=""))


def recorder_cluster() -> str:
    """The ECS cluster in which each asset class's recorder is a service; "" where none is shown from here."""
    return str(conf.get(_SECTION, "recorder_cluster", fallback=""))


def athena_workgroup() -> str:
    """The workgroup in which kept queries run; "" where gold is not read by Athena."""
    return str(conf.get(_SECTION, "athena_workgroup", fallback=""))


def glue_database() -> str:
    """Glue's database of the tables that Athena reads."""
    return str(conf.get(_SECTION, "glue_database", fallback=f"anthill_{catalog()}_gold"))


def job_poll_seconds() -> int:
    """How long to wait between two looks at a job's run."""
    return int(conf.get(_SECTION, "job_poll_seconds", fallback="15"))


def job_patience_minutes() -> int:
    """How long a job's run may take with its time in the queue; the job's own limit counts from its start."""
    return int(conf.get(_SECTION, "job_patience_minutes", fallback="720"))


def job_prefix() -> str:
    """What the bundle's target puts before the names of its jobs."""
    return str(conf.get(_SECTION, "job_prefix", fallback=""))


def job_name(job: str, queue: str = "") -> str:
    """The name of one of the bundle's jobs, of all asset classes or of a queue's (`AssetClass.queue`)."""
    return f"{job_prefix()}anthill-{queue}{'-' if queue else ''}{job}"


def now() -> dt.datetime:
    """The moment that coverage counts as the present (UTC): fixed where the source's own clock stands still."""
    fixed = str(conf.get(_SECTION, "clock", fallback=""))
    return dt.datetime.fromisoformat(fixed).astimezone(dt.UTC) if fixed else dt.datetime.now(dt.UTC)


def history_from() -> str:
    """Since when coverage misses market days: a day, or days by asset class as stocks=2024-01-02; "" for all."""
    return str(conf.get(_SECTION, "history_from", fallback=""))


def hosts() -> list[str]:
    """The names under which Airflow's web server answers; none for any, where something before it looks at them."""
    return [name.strip() for name in str(conf.get(_SECTION, "hosts", fallback="")).split(",") if name.strip()]


def topic(severity: str) -> str:
    """The SNS topic of `alert`s, which somebody acts on, or of `notice`s, which somebody reads; "" for none."""
    if severity == "alert":
        return str(conf.get(_SECTION, "alert_topic_arn", fallback=""))
    return str(conf.get(_SECTION, "notice_topic_arn", fallback=""))


def approval() -> bool:
    """Whether a person agrees before anything in the catalog is taken away, or given to somebody new."""
    given = str(conf.get(_SECTION, "approval", fallback="False"))
    if given.lower() not in ("true", "false"):  # a misspelt yes would ask nobody
        raise ParameterError(f"anthill.approval is {given!r}; allowed: True, False")
    return given.lower() == "true"


def approval_hours() -> float:
    """How long a plan waits for its answer; unanswered, it is rejected."""
    return float(conf.get(_SECTION, "approval_hours", fallback="20"))


def iam_names() -> str:
    """What the names of the environment's buckets and roles begin with, where drift looks at IAM; "" where not."""
    return str(conf.get(_SECTION, "iam_names", fallback=""))


def metrics_namespace() -> str:
    """The namespace of CloudWatch for the numbers of market days; "" for none."""
    return str(conf.get(_SECTION, "metrics_namespace", fallback=""))


def landing_memory() -> int:
    """What one landing process may hold of pages beyond its start, in bytes."""
    return int(conf.get(_SECTION, "landing_memory_mb", fallback="256")) << 20


def docs_url() -> str:
    """Where the site of these docs is served, for links in messages; "" for none."""
    return str(conf.get(_SECTION, "docs_url", fallback="")).rstrip("/")


def run_url(dag_id: str, run_id: str) -> str:
    """The page of a DAG run in Airflow's UI."""
    base = str(conf.get("api", "base_url", fallback="")).rstrip("/")
    return f"{base}/dags/{dag_id}/runs/{quote(run_id, safe='')}"


def pool_slots() -> int:
    """How many slots the pool `polygon` has: each one is an equal part of the API plan's rate."""
    return int(conf.get(_SECTION, "pool_slots", fallback="4"))
