"""What a market day's run came to, and what is to be told of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from anthill.alerts import runbook
from anthill.alerts.alert import Alert

_FIRST_STEPS = {
    "land": "open the log of the task: its last lines say whether the connection, the plan or the source is at fault",
    "silver": "open the Databricks run from the task's link: the message names the object of bronze that is at fault",
    "quality": "read the numbers above and quality.results; clear from land.* once the source is right",
    "reconcile": "read the numbers above; declare what is right in include/corrections, or wait for the source",
    "gold": "open the Databricks run from the task's link; tables keep their former state until it is mended",
    "grants": "compare include/grants with the catalog: the message names the securable and the principal",
    "consumption": "the message names the table or the query, and what it scanned; gold is as it should be",
}
_CHECKS = ("quality", "reconcile")  # the tasks whose results have warnings
_ORDER = list(_FIRST_STEPS)  # of a market day's steps: what failed first is the cause of what failed after it
_SUBJECT = re.compile(r"^\w+\.\w+(?: \([^)]*\))? on \d{4}-\d\d-\d\d: ")  # of an error: the dataset and its day
_PLACE = re.compile(r" \[GET [^\]]*\]")
_NAMED = 3  # tasks with one cause


def _step(task: str) -> tuple[int, str]:
    """Where a task comes in a market day."""
    name = task.partition(".")[0]
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), task)


def _cause(error: str) -> str:
    """An error without what differs from one dataset to the next."""
    return _PLACE.sub("", _SUBJECT.sub("", error))


def _several(tasks: Sequence[str]) -> str:
    """The names of tasks; of many the first, and how many more."""
    more = len(tasks) - _NAMED
    return ", ".join(tasks[:_NAMED]) + (f" and {more} more" if more > 0 else "")


class Outcome(msgspec.Struct, frozen=True):
    """A run's tasks: how each ended, what the red ones said, what the others returned, and what gold held back."""

    asset_class: str
    market_date: dt.date
    link: str
    states: Mapping[str, str]
    errors: Mapping[str, str] = {}
    results: Mapping[str, Any] = {}
    held_back: Sequence[str] = ()

    @property
    def failed(self) -> list[str]:
        """The tasks that are red of themselves, those first that come first in a day."""
        return sorted((task for task, state in self.states.items() if state == "failed"), key=_step)

    @property
    def is_whole(self) -> bool:
        """Whether every task did its work or had none, and all of it is published."""
        return not self.held_back and all(state in ("success", "skipped") for state in self.states.values())

    def problems(self) -> list[str]:
        """A line a red task, with its own words, and one for whatever gold held back."""
        causes: dict[str, list[str]] = {}
        for task in self.failed:
            causes.setdefault(_cause(self.errors.get(task, f"{task} said nothing")), []).append(task)
        red = [
            f"{_several(tasks)}: {self.errors.get(tasks[0], 'it said nothing; see its log')}"
            for tasks in causes.values()
        ]
        return [*red, *(f"gold holds back {line}" for line in self.held_back)]

    def alerts(self) -> Iterator[Alert]:
        """The messages, those first that somebody acts on."""
        if not self.is_whole:
            words = _several(self.failed)
            step = _FIRST_STEPS.get(self.failed[0].partition(".")[0], "") if self.failed else ""
            section = runbook.section(self.asset_class, self.failed[0]) if self.failed else ""
            yield self._alert(
                "failure",
                f"{words} failed" if words else "gold held days back" if self.held_back else "not every task was run",
                step or ("clear quality and what follows" if self.held_back else "open the run"),
                self.problems(),
                section or ("gold" if self.held_back else ""),
            )
        if restated := list(self._restated()):
            step = "nothing has to be done: silver and gold hold the new rows, bronze keeps both; tell who used the old"
            yield self._alert("restatement", f"{len(restated)} market days were restated", step, restated)
        checked = [self.results.get(job, {}) for job in _CHECKS]
        if warnings := [line for each in checked for line in each.get("warnings", ())]:
            warned = sum(each.get("warned", len(each.get("warnings", ()))) for each in checked)
            step = "look at quality.results: these do not hold back gold"
            yield self._alert("quality", f"{warned} expectations are not met", step, warnings)
        if drifted := list(self._drifted()):
            step = "look at quality.quarantine and the source's change log; mend include/datasets and include/sql"
            yield self._alert("drift", "the source's rows are not as they were", step, drifted)

    def _restated(self) -> Iterator[str]:
        for dataset, load in self._loads():
            for day, changed in load.get("restated", {}).items():
                yield f"{dataset} {day}: {changed:,} rows changed"

    def _drifted(self) -> Iterator[str]:
        for dataset, load in self._loads():
            if quarantined := load.get("quarantined"):
                yield f"{dataset}: {quarantined:,} rows are in quarantine"
        for task, result in self.results.items():
            if task.partition(".")[0] == "land" and result:
                yield from (f"{task.removeprefix('land.')}: {change}" for change in result.get("drift", ()))

    def _loads(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield from self.results.get("silver", {}).get("datasets", {}).items()

    def _alert(self, kind: Any, summary: str, first_step: str, details: list[str], section: str = "") -> Alert:
        place = self.asset_class, self.market_date
        return Alert(kind, *place, summary, first_step, self.link, tuple(details), section)
