"""The last task of a market day: it looks at the others, tells what has to be told, and is red unless all are green."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, TriggerRule
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from anthill import settings

if TYPE_CHECKING:
    import datetime as dt

    from airflow.sdk import Context

    from anthill.alerts.alert import Alert
    from anthill.alerts.outcome import Outcome


class CompleteDay(BaseOperator):
    """Sends the run's messages, each once, writes its note and its metrics; fails where the day is not whole.

    A backfill's runs send nothing: whoever started it sees them all in one place.
    """

    ui_color = "#d5e8d4"

    def __init__(
        self,
        *,
        asset_class: str,
        aws_conn_id: str = "aws_default",
        conn_id: str = "",
        about: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(trigger_rule=TriggerRule.ALL_DONE, retries=0, **kwargs)
        self.asset_class = asset_class
        self.about = about  # the task without which the run came to nothing; where that is skipped, so is this one
        self.aws_conn_id = aws_conn_id
        self.conn_id = conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Look, tell, and fail where a task is red; returns the market day."""
        from anthill import run_note
        from anthill.alerts import metrics
        from anthill.calendars import NotAMarketDayError
        from anthill.market_day import market_day

        try:
            day = market_day(context)
        except NotAMarketDayError as error:
            if not self.about:
                raise AirflowFailException(self._without_day(context, str(error))) from error
            day = context["dag_run"].run_after.date()  # of a look by hand, which is about no market day
        outcome = self._outcome(context, day)
        if outcome.states.get(self.about) == "skipped":
            raise AirflowSkipException(f"{self.about} was skipped: there is nothing to tell")
        said = _note(outcome)
        self.log.info("%s", said)
        run_note.write(context, said)
        try:
            metrics.send(outcome, settings.now())
        except Exception as error:  # a gap in a graph is no reason for a red day
            self.log.warning("The metrics were not sent: %s: %s", type(error).__name__, error)
        unsent = (
            [] if context["dag_run"].run_type == "backfill" else self._tell(outcome, self._announced(context, outcome))
        )
        if unsent or not outcome.is_whole:
            raise AirflowFailException("\n".join([said, *unsent]))
        return {"market_date": str(outcome.market_date)}

    def _without_day(self, context: Context, reason: str) -> str:
        """Tell of a run that is about no market day, under the day on which it was started; what was said."""
        from anthill import run_note
        from anthill.alerts.alert import Alert
        from anthill.alerts.topics import publish

        run = context["dag_run"]
        run_note.write(context, reason)
        step = "nothing was landed or changed: trigger the DAG again with one of these market days"
        link = settings.run_url(run.dag_id, run.run_id)
        summary = "a run was started that is about no market day"
        try:
            publish(
                Alert("failure", self.asset_class, run.run_after.date(), summary, step, link, (reason,)),
                self.aws_conn_id,
            )
        except Exception as error:
            self.log.exception("A message could not be sent")
            return f"{reason}\nA message about it could not be sent: {type(error).__name__}: {error}"
        return reason

    def _outcome(self, context: Context, day: dt.date) -> Outcome:
        from anthill.alerts import failure
        from anthill.alerts.outcome import Outcome
        from anthill.lakehouse.operator import HELD_BACK

        ti = context["ti"]
        found = ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id])[ti.run_id]
        states = {task: str(found.get(task) or "none") for task in sorted(self.upstream_task_ids)}
        return Outcome(
            self.asset_class,
            day,
            settings.run_url(ti.dag_id, ti.run_id),
            states,
            {
                task: text
                for task, state in states.items()
                if state == "failed" and (text := ti.xcom_pull(task_ids=task, key=failure.KEY))
            },
            {
                task: result
                for task, state in states.items()
                if state == "success" and isinstance(result := ti.xcom_pull(task_ids=task), dict)
            },
            ti.xcom_pull(task_ids="gold", key=HELD_BACK) or (),
        )

    def _announced(self, context: Context, outcome: Outcome) -> list[Alert]:
        """What the source announces of days to come and the calendar lacks; none where it cannot be asked."""
        from anthill import catalog
        from anthill.alerts import announced
        from anthill.market_day import is_regular
        from anthill.sources import kinds

        if not is_regular(context):
            return []
        try:
            declared, today = catalog.load(self.asset_class), settings.now().date()
            found = []
            if announced.is_asked(declared):
                found = kinds.connect(declared.source, [], settings.pool_slots(), self.conn_id).closures()
            return list(announced.alerts(declared, found, today, outcome.link))
        except Exception as error:  # the next day's run asks again
            self.log.warning("Days off to come are not known: %s: %s", type(error).__name__, error)
            return []

    def _tell(self, outcome: Outcome, more: list[Alert]) -> list[str]:
        """Send what was not sent before; a line a message that cannot be sent: nobody would miss it otherwise."""
        from functools import partial

        from anthill.alerts.alert import Alert
        from anthill.alerts.told import Told
        from anthill.alerts.topics import publish

        send = partial(publish, aws_conn_id=self.aws_conn_id)
        told = Told.of(outcome.asset_class, self.aws_conn_id)
        unsent = []
        try:
            for alert in [*outcome.alerts(), *more]:
                told.once(alert, send)
            if outcome.is_whole and told.is_open(outcome.market_date):
                summary, step = "the day is whole", "nothing has to be done: this ends the earlier message"
                send(Alert("recovery", outcome.asset_class, outcome.market_date, summary, step, outcome.link))
                told.close(outcome.market_date)
        except Exception as error:
            self.log.exception("A message could not be sent")
            unsent.append(f"A message about it could not be sent: {type(error).__name__}: {error}")
        return unsent


def _note(outcome: Outcome) -> str:
    """What the run came to, in a few lines."""
    head = f"{outcome.asset_class} {_landed(outcome)}"
    alerts = list(outcome.alerts())
    told = [f"{alert.kind}: {alert.summary}" for alert in alerts if alert.kind != "failure"]
    first, *others = outcome.problems() or [""]
    # The first cause and the next step come first: what is too long for a note is cut at its end.
    steps = [f"First: {alert.first_step}. The runbook: {alert.runbook}" for alert in alerts if alert.kind == "failure"]
    return "\n".join(filter(None, [head, first, *steps, *others, *told]))


def _landed(outcome: Outcome) -> str:
    """What was landed: so many datasets of a market day, or those of a cut or of editions that had changed."""
    if found := outcome.results.get("land"):
        together = {found["at"]: found} if "at" in found else found
        return " ".join(
            f"{label}: {len(each['changed'])} of {len(each['rows'])} tables have changed."
            for label, each in together.items()
        )
    landed = [result for task, result in outcome.results.items() if task.startswith("land.")]
    rows = sum(result.get("rows", 0) for result in landed)
    return f"{outcome.market_date}: {len(landed)} datasets landed, {rows:,} rows."
