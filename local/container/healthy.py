"""`python -m local.container.healthy scheduler triggerer`: whether these parts of Airflow say that they live.

Asks the API server, which reads their heartbeats: far cheaper than `airflow jobs check`, which starts Airflow for it.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from urllib.parse import urljoin


def ill(parts: list[str]) -> dict[str, str]:
    """The parts that are not healthy, with what they are instead."""
    server = os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"]
    with urllib.request.urlopen(urljoin(server, "/api/v2/monitor/health"), timeout=10) as answer:
        told = json.load(answer)
    statuses = {part: str((told.get(part) or {}).get("status")) for part in ("metadatabase", *parts)}
    return {part: status for part, status in statuses.items() if status != "healthy"}


if __name__ == "__main__":
    sys.exit(str(found) if (found := ill(sys.argv[1:])) else 0)
