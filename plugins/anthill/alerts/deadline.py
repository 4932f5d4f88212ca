"""A market day whose gold is late: a warning before its deadline, and a word when it is missed."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import BaseDeadlineReference, DeadlineAlert

if TYPE_CHECKING:
    from airflow.sdk import DAG, Context
    from sqlalchemy.orm import Session

    from anthill.alerts.alert import Alert, Kind
    from anthill.catalog import AssetClass

_WARNING = 0.5  # of the time between due and deadline
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


@dataclass
class SessionCloseDeadline(BaseDeadlineReference):
    """Counts from the close of the run's market day, early closes included; runs that nobody waits for have none.

    The plugin registers it: Airflow's decorator would import its database models whenever a DAG file is parsed.
    """

    calendar: str = "XNYS"

    required_kwargs = frozenset({"dag_id", "run_id"})

    def _evaluate_with(self, *, session: Session, dag_id: str, run_id: str, **_: Any) -> dt.datetime | None:
        from airflow.models import DagRun
        from sqlalchemy import select

        from anthill import intervals
        from anthill.calendars import session_close

        run = session.scalar(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))
        if run is None or run.run_type != "scheduled" or run.data_interval_start is None:
            return None
        if intervals.span_of(self.calendar):
            return run.data_interval_end
        return session_close(self.calendar, run.data_interval_start.date())

    def serialize_reference(self) -> dict[str, Any]:
        """The calendar, under the name that Airflow finds the class by."""
        return {"reference_type": self.reference_name, "calendar": self.calendar}

    @classmethod
    def deserialize_reference(cls, reference_data: dict[str, Any]) -> SessionCloseDeadline:
        """The reference from its JSON."""
        return cls(reference_data["calendar"])


def watch(dag: DAG, declared: AssetClass) -> None:
    """Give an asset class's DAG, whose tasks are wired, the warning and the missed deadline."""
    dag.deadline = alerts(declared, version(dag))


def alerts(declared: AssetClass, of: str) -> list[DeadlineAlert]:
    """The warning and the missed deadline of an asset class, for the version `of` its DAG."""
    due, deadline = declared.due_after_close, declared.deadline_after_close
    reference = SessionCloseDeadline(declared.calendar)
    told = {"asset_class": declared.asset_class, "version": of}
    return [
        DeadlineAlert(
            reference=reference,
            interval=interval,
            callback=AsyncCallback(tell, kwargs={"kind": kind, **told}),
            name=f"{declared.asset_class} {kind}",
        )
        for kind, interval in {"late": due + (deadline - due) * _WARNING, "missed": deadline}.items()
    ]


def version(dag: DAG) -> str:
    """A digest of all that Airflow keeps of a DAG; the same at each parse.

    A version of a DAG loses its deadlines in Airflow 3.3.1 where they are the former version's (apache/airflow#68732,
    mended in 3.3.2): the digest in the callback's arguments makes them others where anything else is.
    """
    found = hashlib.sha256()
    for kept in (dag, *(dag.task_dict[name] for name in sorted(dag.task_dict))):
        names = {*kept.get_serialized_fields(), *getattr(kept, "template_fields", ())} - {"deadline"}
        for name in sorted(names):
            found.update(f"{name} {_told(getattr(kept, name, None))}\n".encode())
    return found.hexdigest()[:12]


def _told(value: Any) -> str:
    """A value's text without what differs from process to process: addresses, and the order of sets."""
    if isinstance(value, (set, frozenset)):
        return str(sorted(map(_told, value)))
    return _ADDRESS.sub("", repr(value))


async def tell(kind: Kind, asset_class: str, context: Context, version: str = "") -> None:
    """Send the message, once; called by the triggerer while the run is not done, of whichever version its DAG is."""
    await asyncio.to_thread(_tell, kind, asset_class, dict(context))


def _tell(kind: Kind, asset_class: str, context: dict[str, Any]) -> None:
    from anthill.alerts.told import Told
    from anthill.alerts.topics import publish

    Told.of(asset_class).once(alert(kind, asset_class, context), publish)


def alert(kind: Kind, asset_class: str, context: dict[str, Any]) -> Alert:
    """The message for a run that has not ended."""
    from anthill import catalog, intervals, settings
    from anthill.alerts.alert import Alert
    from anthill.calendars import session_close

    run = context["dag_run"]
    begins = dt.datetime.fromisoformat(str(run["logical_date"]))
    day = begins.date()
    declared = catalog.load(asset_class)
    span = intervals.span_of(declared.calendar)
    over = begins + span if span else session_close(declared.calendar, day)
    deadline = over + declared.deadline_after_close
    when = f"{deadline:%Y-%m-%d %H:%M} UTC"
    summary = (
        f"gold is not there, and its deadline is {when}" if kind == "late" else f"gold missed its deadline, {when}"
    )
    step = "open the run and look at the task that is at work or red: a queued task wants a worker or a pool slot"
    return Alert(kind, asset_class, day, summary, step, settings.run_url(run["dag_id"], run["dag_run_id"]))
