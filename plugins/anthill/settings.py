"""What differs from one environment to the next: section [anthill] of Airflow's configuration.

On MWAA these are configuration options (`anthill.catalog`), elsewhere variables (`AIRFLOW__ANTHILL__CATALOG`).
"""

from __future__ import annotations

from airflow.sdk.configuration import conf

POOL = "polygon"  # every task that calls the API takes slots of it: include/pools.json
_SECTION = "anthill"


def catalog() -> str:
    """The Unity Catalog of the environment: dev, staging or prod."""
    return str(conf.get(_SECTION, "catalog", fallback="dev"))


def bronze_bucket() -> str:
    """The bucket that holds bronze."""
    return str(conf.get(_SECTION, "bronze_bucket", fallback=f"anthill-{catalog()}-bronze"))


def job_poll_seconds() -> int:
    """How long to wait between two looks at a job's run."""
    return int(conf.get(_SECTION, "job_poll_seconds", fallback="15"))


def job_patience_minutes() -> int:
    """How long a job's run may take with its time in the queue; the job's own limit counts from its start."""
    return int(conf.get(_SECTION, "job_patience_minutes", fallback="720"))


def job_prefix() -> str:
    """What the bundle's target puts before the names of its jobs."""
    return str(conf.get(_SECTION, "job_prefix", fallback=""))


def pool_slots() -> int:
    """How many slots the pool `polygon` has: each one is an equal part of the API plan's rate."""
    return int(conf.get(_SECTION, "pool_slots", fallback="4"))
