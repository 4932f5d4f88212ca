"""What a task said when it failed, kept for the task that tells of the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anthill.cut import cut

if TYPE_CHECKING:
    from airflow.sdk import Context

KEY = "error"
_LONGEST = 1500  # characters


def remember(context: Context) -> None:
    """Keep the error under the task's XCom `error`; a callback of tasks."""
    error = context.get("exception")
    text = str(error) if str(error) else type(error).__name__
    context["ti"].xcom_push(key=KEY, value=cut(text, _LONGEST))
