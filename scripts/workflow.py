"""What a step tells the workflow that runs it: a part of its summary page, and values for later jobs.

On a laptop, where no workflow runs, both are printed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def summary(markdown: str) -> None:
    """Show Markdown on the run's page."""
    _append("GITHUB_STEP_SUMMARY", markdown.rstrip() + "\n\n")
    print(markdown)


def output(**values: object) -> None:
    """Give values of one line each to later steps and jobs."""
    for name, value in values.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if "\n" in text:
            raise ValueError(f"the output {name} has more than one line")
        _append("GITHUB_OUTPUT", f"{name}={text}\n")
        print(f"{name}={text}")


def fail(message: str) -> int:
    """Name what is wrong, where a workflow shows it beside the step as well; the exit code of a failure."""
    if os.environ.get("GITHUB_ACTIONS"):
        print("::error::" + message.replace("%", "%25").replace("\n", "%0A"))
    else:
        print(message, file=sys.stderr)
    return 1


def _append(variable: str, text: str) -> None:
    if file := os.environ.get(variable):
        with Path(file).open("a", encoding="utf-8") as stream:
            stream.write(text)
