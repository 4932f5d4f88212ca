"""What a task said when it failed: the last lines of its log, and kept for the task that tells of the whole run."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from anthill.alerts import runbook
from anthill.cut import cut

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

KEY = "error"
_LONGEST = 1500  # characters


def remember(context: Context) -> None:
    """End the log with the error, and keep it under the task's XCom `error`; a callback of tasks."""
    say(context)
    context["ti"].xcom_push(key=KEY, value=cut(_text(context), _LONGEST))


def say(context: Context) -> None:
    """End the log with what went wrong, what to do, and where the runbook has more; a callback of tasks."""
    # Airflow has opened a group for what comes after a task, which its page shows folded.
    log.info("::endgroup::")
    section = runbook.section(context["ti"].dag_id, context["ti"].task_id)
    where = f"\nThe runbook: {runbook.link(section)}" if section else ""
    log.error("%s%s", _text(context), where)  # one entry: whoever looks for the last error has all of it


def _text(context: Context) -> str:
    error = context.get("exception")
    return str(error) if str(error) else type(error).__name__
