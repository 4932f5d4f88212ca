"""The task that runs the job `models`, and tells operators what it found out about the champion."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from anthill import settings
from anthill.lakehouse.operator import RunJob

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.alerts.alert import Alert

_SUNDAY = 6
_BACK = dt.timedelta(days=7)  # days that a run makes up for, where the ones before it failed


class RunModels(RunJob):
    """One run of the job `models`, for all asset classes."""

    template_fields: Sequence[str] = RunJob.template_fields

    def __init__(self, *, aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(job="models", asset_class="", **kwargs)
        self.aws_conn_id = aws_conn_id

    @abstractmethod
    def action(self, context: Context) -> str:
        """What the job is to do."""

    def market_days(self, context: Context) -> tuple[dt.date, dt.date]:
        """The week up to today; the form may name other days."""
        params = context["params"]
        last = dt.date.fromisoformat(params.get("market_date_to") or str(settings.now().date()))
        first = dt.date.fromisoformat(params.get("market_date_from") or str(last - _BACK))
        if first > last:
            raise AirflowFailException(f"market_date_from {first} is after market_date_to {last}")
        return first, last

    def parameters(self, context: Context) -> dict[str, str]:
        """The job's parameters: all asset classes share one model."""
        known = super().parameters(context)
        del known["asset_class"]
        action, version = self.action(context), context["params"].get("version") or ""
        if action == "roll_back" and not version:
            raise AirflowFailException(f"{action} needs the number of a version")
        return {**known, "action": action, "version": version}

    def _tell(self, context: Context, run_id: int | None, result: dict[str, Any], failure: str = "") -> None:
        """Coverage is about market days and is not told; operators are, of a champion that loses or is not there."""
        from anthill.alerts.topics import publish

        for alert in self._alerts(context, result):
            publish(alert, self.aws_conn_id)

    def _alerts(self, context: Context, result: dict[str, Any]) -> list[Alert]:
        from anthill.alerts.alert import Alert

        run, today = context["dag_run"], settings.now().date()
        link = settings.run_url(run.dag_id, run.run_id)
        found = []
        if lines := result.get("beaten"):
            step = "look what changed in the market or the data; train again, or roll back (the runbook says how)"
            said = "the mean of 20 days has forecast better than the champion for 20 days"
            found.append(Alert("model", "models", today, said, step, link, tuple(lines)))
        if why := result.get("no_model"):
            step = "the rows of gold.volatility_forecasts say the same; the next run fills them once the model is there"
            found.append(Alert("model", "models", today, "there are no forecasts", step, link, (why,)))
        return found


class Score(RunModels):
    """The day's forecasts, and those that days before it lack; all days asked for where the form says rescore."""

    def action(self, context: Context) -> str:
        """Score, unless the form says otherwise."""
        return "rescore" if context["params"].get("action") == "rescore" else "score"


class ChangeModel(RunModels):
    """What makes or moves a version: a training once a week, and what the form asks for; skipped on other days."""

    def execute(self, context: Context) -> dict[str, Any]:
        """Run the job where there is anything to do."""
        if not self.action(context):
            raise AirflowSkipException("a training is due on Sundays, and the form asks for nothing")
        return super().execute(context)

    def action(self, context: Context) -> str:
        """What the form asks for, a training on Sundays, else nothing."""
        if asked := context["params"].get("action"):
            return "" if asked == "rescore" else str(asked)
        return "train" if settings.now().weekday() == _SUNDAY else ""
