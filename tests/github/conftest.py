"""The workflows and composite actions, read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github/actions").glob("*/action.yml"))


def read(file: Path) -> dict[str, Any]:
    """A workflow or action; YAML 1.1 takes the key `on` for a truth value."""
    document = msgspec.yaml.decode(file.read_text())
    return {"on" if key is True else key: value for key, value in document.items()}


def steps(file: Path) -> list[dict[str, Any]]:
    """All steps of a file."""
    document = read(file)
    if "runs" in document:
        return list(document["runs"]["steps"])
    return [step for job in document["jobs"].values() for step in job.get("steps", [])]


@pytest.fixture(params=WORKFLOWS, ids=lambda file: file.stem)
def file(request: pytest.FixtureRequest) -> Path:
    """A workflow."""
    return request.param
