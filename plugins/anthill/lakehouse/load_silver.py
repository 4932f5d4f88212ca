"""The task that loads bronze's newest commits to silver."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from anthill import settings
from anthill.lakehouse.operator import RunJob

if TYPE_CHECKING:
    from airflow.sdk import Context

_LEFT_OUT = "left_out"  # XCom: the lines of what was left out of a load


class LoadSilver(RunJob):
    """Run the silver job on the newest commits of the market days, listed when the run is submitted.

    A day whose objects cannot be read, or are not all there, keeps only its own dataset out: the rest is loaded, and
    the task is red then and names it.
    """

    def __init__(self, *, datasets: Sequence[str], aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(job="silver", **kwargs)
        self.datasets = tuple(datasets)
        self.aws_conn_id = aws_conn_id

    def parameters(self, context: Context) -> dict[str, str]:
        """The job's parameters, with the list of the commits to read."""
        from anthill import catalog
        from anthill.bronze import manifest
        from anthill.bronze.connections import s3_client
        from anthill.ledger.documents import documents
        from anthill.ledger.recorder import Recorder
        from anthill.task import airflow_errors, run_of

        known = super().parameters(context)
        first, last = (dt.date.fromisoformat(known[name]) for name in ("market_date_from", "market_date_to"))
        days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
        s3 = s3_client(self.aws_conn_id)
        declared = catalog.load(self.asset_class)
        datasets = declared.datasets
        left_out: dict[tuple[str, dt.date], str] = {}
        with airflow_errors():
            asked = {name: datasets[name] for name in self.datasets}
            found = [
                each
                for bucket, own in settings.by_bucket(asked).items()
                for each in manifest.newest(
                    s3, bucket, list(own.values()), days, lambda *what: _leave_out(left_out, *what)
                )
            ]
        found, halves = manifest.whole(found, datasets)
        for half in halves:
            left_out.setdefault(half, "bronze has not all its shards: land the day again")
        lines = [f"{self.asset_class}.{name} of {day}: {why}" for (name, day), why in sorted(left_out.items())]
        for line in lines:
            self.log.error("Left out: %s", line)
        if not found and lines:
            raise AirflowFailException("\n".join(["Nothing can be loaded:", *lines]))
        if not found:
            raise AirflowSkipException(
                f"bronze has nothing of {self.asset_class} from {first} to {last}: land it first"
            )
        if lines:
            context["ti"].xcom_push(key=_LEFT_OUT, value=lines)
        # What a landing that was killed could not tell the index is told here, where all of it is known anyway.
        recorder = Recorder(documents(s3), run_of(context))
        for dataset, day, commit in found:
            recorder.found(datasets[dataset], str(day), [commit])
        recorder.save()
        with airflow_errors():
            uri = manifest.write(s3, settings.bronze_bucket(), declared, found)
        return {**known, "manifest": uri}

    def _take(self, context: Context, run_id: int, result: dict[str, Any]) -> None:
        """Tell everybody of a result, and be red where something was left out of it."""
        super()._take(context, run_id, result)
        ti = context["ti"]
        if lines := ti.xcom_pull(task_ids=ti.task_id, key=_LEFT_OUT, map_indexes=ti.map_index):
            self._told = True  # the run itself went well
            raise AirflowFailException("\n".join(["The rest is loaded. Left out:", *lines]))


def _leave_out(left_out: dict[tuple[str, dt.date], str], dataset: str, day: dt.date, why: Exception) -> None:
    left_out.setdefault((dataset, day), str(why))
