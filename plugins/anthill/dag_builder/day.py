"""The field of a DAG's form that asks for a market day."""

from __future__ import annotations

from airflow.sdk import Param

from anthill.market_day import PARAM


def asked(description: str = "The market day to run, YYYY-MM-DD; empty takes the run's own") -> dict[str, Param]:
    """The parameter under its name, empty at first."""
    return {PARAM: Param(None, type=["null", "string"], format="date", title="Market day", description=description)}
