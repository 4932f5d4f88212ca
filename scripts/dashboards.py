"""Write what the bundle deploys of include/dashboards and include/genie: `.lvdash.json` files, and their resources.

`--check` writes nothing and fails where a file says otherwise.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from anthill.dashboards import dashboard, genie, lakeview
from anthill.dashboards.dashboard import Dashboard
from scripts import generated

ROOT = Path(__file__).parents[1] / "databricks"
FILES = "dashboards"
RESOURCES = "resources/dashboards.yml"
HEAD = "# Written by `make dashboards` from include/dashboards and include/genie.\n"
CATALOG = "${var.catalog}"


def written() -> dict[str, str]:
    """Each file's path within the bundle, and its text."""
    every = dashboard.every()
    texts = {f"{FILES}/{each.name}.lvdash.json": lakeview.text(each) for each in every}
    resources = {
        "dashboards": {each.name: _resource(each) for each in every},
        "genie_spaces": {name: _space(space, every) for name, space in genie.every().items()},
    }
    return {**texts, RESOURCES: HEAD + yaml.safe_dump({"resources": resources}, sort_keys=False, width=4096)}


def _resource(each: Dashboard) -> dict[str, Any]:
    """Who may open it reads with their own rights; data engineers have the bundle's own permissions."""
    return {
        "display_name": f"Anthill: {each.about.title}",
        "file_path": f"../{FILES}/{each.name}.lvdash.json",
        "warehouse_id": "${var.warehouse}",
        "dataset_catalog": CATALOG,
        "dataset_schema": "gold",
        "embed_credentials": False,
        "permissions": [{"group_name": group, "level": "CAN_READ"} for group in each.about.readers],
    }


def _space(space: genie.Genie, every: list[Dashboard]) -> dict[str, Any]:
    readers = sorted({group for each in every for group in each.about.readers})
    return {
        "title": f"Anthill: {space.title}",
        "description": space.description,
        "warehouse_id": "${var.warehouse}",
        "serialized_space": genie.body(space, every, CATALOG),
        "permissions": [{"group_name": group, "level": "CAN_RUN"} for group in readers],
    }


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Exit code 0 when written, or where nothing was to be written."""
    there = [f"{FILES}/{file.name}" for file in (root / FILES).glob("*.lvdash.json")]
    return generated.run(
        __doc__, arguments, root, written, "are not of include/dashboards and include/genie: make dashboards", there
    )


if __name__ == "__main__":
    sys.exit(main())
