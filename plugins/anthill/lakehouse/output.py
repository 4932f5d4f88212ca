"""What a run of a job hands back, checked: a run may succeed and tell nothing, something odd, or of something else."""

from __future__ import annotations

from typing import Any

import msgspec

_SHOWN = 120  # characters of what is no result


class OutputError(ValueError):
    """A run ended in SUCCESS, and what it hands back is not what the task asked for."""


class _Load(msgspec.Struct):
    days: int = 0
    loaded_on: list[str] = []
    silver_rows: int = 0
    quarantined: int = 0
    restated: dict[str, int] = {}


class _Silver(msgspec.Struct):
    datasets: dict[str, _Load]


class _Quality(msgspec.Struct):
    checks: int
    warnings: list[str]  # the first of them
    warned: int = 0  # all of them


class _Table(msgspec.Struct):
    fresh_until: str | None = None


class _HeldBack(msgspec.Struct):
    days: list[str]
    why: str
    outdated: bool


class _Standing(msgspec.Struct):
    reads: list[str]
    published: list[str]
    held_back: list[_HeldBack]


class _Gold(msgspec.Struct):
    tables: dict[str, _Table]
    standing: dict[str, _Standing] = {}
    loads: dict[str, str] = {}
    held_back: list[str] = []
    nothing_done: str = ""


# What is read of each job's result afterwards; the fields that people read are theirs.
_KINDS: dict[str, type[msgspec.Struct]] = {
    "silver": _Silver,
    "quality": _Quality,
    "reconcile": _Quality,
    "gold": _Gold,
}


def read(answer: Any, job: str, asked: dict[str, str]) -> dict[str, Any]:
    """The result in the API's answer about a run's output; OutputError where it is not about what was asked for."""
    output = answer.get("notebook_output") if isinstance(answer, dict) else None
    output = output if isinstance(output, dict) else {}
    text = output.get("result")
    if not isinstance(text, str) or not text.strip():
        raise OutputError("it ended in SUCCESS without output. Its notebook must end in dbutils.notebook.exit")
    if output.get("truncated"):
        raise OutputError(f"it ended in SUCCESS, and its output of {len(text):,} characters is cut: the limit is 5 MB")
    try:
        result = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise OutputError(
            f"it ended in SUCCESS, and its output is no JSON object: {text[:_SHOWN]!r} ({error})"
        ) from error
    if other := [
        f"{name} {result.get(name)!r} for {value!r}" for name, value in asked.items() if result.get(name) != value
    ]:
        raise OutputError(f"it ended in SUCCESS, and its output is of another run: {', '.join(other)}")
    try:
        msgspec.convert(result, _KINDS.get(job, dict[str, Any]))
    except msgspec.ValidationError as error:
        raise OutputError(
            f"it ended in SUCCESS, and its output is none of the job {job}: {error}. Is the bundle of another version?"
        ) from error
    return result
