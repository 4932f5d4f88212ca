"""The DAG that forecasts once a day and trains once a week."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, Param

from anthill.dag_defaults import DEFAULT_ARGS
from anthill.forecasts.operators import ChangeModel, Score


def models_dag(doc_md: str | None) -> DAG:
    """At 10:30 UTC, when the deadlines of all prices are over; neither task waits for the other."""
    with DAG(
        dag_id="models",
        description="Forecasts of volatility and opinions on anomalies once a day; the model trained once a week",
        doc_md=doc_md,
        schedule="30 10 * * *",
        start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        catchup=False,
        max_active_runs=1,
        default_args={**DEFAULT_ARGS, "owner": "market-data"},
        tags=["market", "research"],
        params={
            "action": Param(
                None,
                type=["null", "string"],
                enum=[None, "train", "rescore", "roll_back", "copy"],
                title="Action",
                description="Beside the day's forecasts: train now; forecast days again; make an earlier version "
                "champion; copy the version that include/models names as challenger",
            ),
            "version": Param(
                None, type=["null", "string"], pattern="^[0-9]+$", title="Version", description="Of roll_back"
            ),
            "market_date_from": Param(None, type=["null", "string"], format="date", title="First market day"),
            "market_date_to": Param(None, type=["null", "string"], format="date", title="Last market day"),
        },
    ) as dag:
        Score(task_id="score")
        ChangeModel(task_id="change")
    return dag
