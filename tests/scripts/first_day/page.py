"""What docs/terraform.md says of each step: the definition that the program is held to."""

from __future__ import annotations

import re
from pathlib import Path

from tests.scripts.first_day.house import DATABRICKS_ACCOUNT

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/terraform.md").read_text()
ROWS = re.findall(r"^\| (\d+) \| ([\w/-]+) \| (.+?) \| \[\d+\]\((#[\w-]+)\) \| `(.+)` \|$", PAGE, re.MULTILINE)
COMMANDS = {name: command for _, name, _, _, command in ROWS}
EDIT = COMMANDS["names"]
# Where the house differs from what is published, and what the program knows better than the page.
FOUND = {
    "databricks": lambda said: said.replace("00000000-0000-4000-8000-000000000000", DATABRICKS_ACCOUNT),
    "groups": lambda said: said.replace("<group>", "analysts"),
    "subscriptions": lambda said: said.replace("<topic>", "arn:aws:sns:us-east-1:123456789012:anthill-dev-alerts"),
    "market-day": lambda said: f"{said} ASSET=forex",
}
# Each publishes what GitHub's variables are made of.
VARIABLES = {"platform_development/databricks", "platform_development/monitoring", "innovation_development/compute"}
