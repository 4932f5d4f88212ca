"""Which section of the runbook (`docs/runbook.md`) is about what, and the way there."""

from __future__ import annotations

# A step of a market day or of a backfill; a message has the section of its kind.
STEPS = {
    "land": "land",
    "silver": "silver",
    "quality": "task-quality",
    "reconcile": "task-quality",
    "gold": "gold",
    "grants": "grants",
    "consumption": "consumption",
    "complete": "complete",
    "plan": "market_backfill",
    "report": "market_backfill",
    "gaps": "gap",
    "settle": "task-quality",
}
INTRADAY = "intraday"
GOVERNANCE = "governance"  # the DAG, and its section


def section(dag: str, task: str) -> str:
    """The section about a red task; "" where there is none."""
    if dag.endswith("_intraday"):
        return INTRADAY
    if dag == GOVERNANCE:
        return GOVERNANCE
    step = task.removeprefix("chunk.").partition(".")[0]
    return STEPS.get("land" if step.startswith("land_") else step, "")


def link(name: str) -> str:
    """The way to a section: on the site where the environment names it, else in the repository."""
    from anthill import settings  # Airflow's configuration

    site = settings.docs_url()
    return f"{site}/runbook.html#{name}" if site else f"docs/runbook.md#{name}"
