"""One message to an operator: what happened to which market day, where to look, what to do first."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Literal

import msgspec

from anthill.alerts import runbook

Kind = Literal[
    "failure",
    "recovery",
    "late",
    "missed",
    "restatement",
    "quality",
    "drift",
    "gap",
    "calendar",
    "sandbox",
    "digest",
    "approval",
    "governance",
    "model",
]
Severity = Literal["alert", "notice"]  # somebody acts, somebody reads

_SEVERITIES: dict[Kind, Severity] = {
    "failure": "alert",
    "recovery": "alert",
    "late": "alert",
    "missed": "alert",
    "gap": "alert",
    "calendar": "alert",
    "restatement": "notice",
    "quality": "notice",
    "drift": "notice",
    "sandbox": "notice",
    "digest": "notice",
    "approval": "alert",
    "governance": "alert",
    "model": "notice",
}
_OF_A_DAY = ("sandbox", "digest", "approval", "governance", "model")  # of the clock, and of no market
_SUBJECT = 100  # characters that SNS takes
_DETAILS = 20


class Alert(msgspec.Struct, frozen=True):
    """A message about one market day of an asset class; `link` leads to the run."""

    kind: Kind
    asset_class: str
    market_date: dt.date
    summary: str
    first_step: str
    link: str
    details: tuple[str, ...] = ()
    section: str = ""  # of the runbook, where it is not the kind's

    @property
    def severity(self) -> Severity:
        """Whether somebody has to act."""
        return _SEVERITIES[self.kind]

    @property
    def subject(self) -> str:
        """One line for a mailbox or a pager, in ASCII."""
        line = f"{self.asset_class} {self.market_date} {self.kind}: {self.summary}"
        line = line.encode("ascii", "replace").decode().replace("\n", " ")
        return line if len(line) <= _SUBJECT else f"{line[: _SUBJECT - 3]}..."

    @property
    def digest(self) -> str:
        """What tells this message from another one of its kind and day."""
        # The words of a failure name the run that failed; the same tasks being red again is no news.
        told = [self.summary] if self.kind == "failure" else [self.summary, *self.details]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]

    @property
    def text(self) -> str:
        """The whole message."""
        shown = [f"- {line}" for line in self.details[:_DETAILS]]
        more = [f"- and {len(self.details) - _DETAILS} more"] if len(self.details) > _DETAILS else []
        day = "day" if self.kind in _OF_A_DAY else "market day"
        head = f"{self.asset_class}, {day} {self.market_date}: {self.summary}"
        last = [f"First: {self.first_step}", f"The run: {self.link}", f"The runbook: {self.runbook}"]
        return "\n".join([head, *shown, *more, "", *last])

    @property
    def runbook(self) -> str:
        """The way to the runbook's section."""
        return runbook.link(self.section or self.kind)
