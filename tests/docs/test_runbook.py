"""The runbook has a section for everything that can call an operator."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from anthill.alerts.alert import Kind

ROOT = Path(__file__).parents[2]
HEADINGS = set(re.findall(r"^### (\S+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE))
TASKS = {"land", "silver", "quality", "gold", "grants", "consumption", "complete"}
DAGS = {"market_backfill", "erasure", "intraday"}


def test_there_is_a_section_for_each_message_task_and_alarm() -> None:
    """Whatever calls somebody at night can be looked up by its name."""
    modules = "".join(file.read_text() for file in (ROOT / "terraform" / "modules").glob("*/*.tf"))
    alarms = set(re.findall(r"^    ([a-z-]+) = \{\n      text", modules, re.MULTILINE))
    alarms |= set(re.findall(r'alarm_name += "\$\{var\.name\}-([a-z-]+)"', modules))
    assert len(alarms) >= 23
    assert {*get_args(Kind), *TASKS, *DAGS, *alarms, "budget"} == HEADINGS
