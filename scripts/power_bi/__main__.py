"""Write the Power BI project of include/power_bi.yaml into power-bi/.

`--check` writes nothing and fails where a file says otherwise.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from scripts import generated
from scripts.power_bi import report, tmdl
from scripts.power_bi.declaration import Project

ROOT = Path(__file__).parents[2] / "power-bi"
NAME = "Anthill"
_SCHEMAS = "https://developer.microsoft.com/json-schemas/fabric"


def written(project: Project) -> dict[str, str]:
    """Each file's path within the project, and its text."""
    model, shown = f"{NAME}.SemanticModel", f"{NAME}.Report"
    made: dict[str, dict[str, Any]] = {
        f"{NAME}.pbip": {
            "$schema": f"{_SCHEMAS}/pbip/pbipProperties/1.0.0/schema.json",
            "version": "1.0",
            "artifacts": [{"report": {"path": shown}}],
        },
        f"{model}/definition.pbism": {
            "$schema": f"{_SCHEMAS}/item/semanticModel/definitionProperties/1.0.0/schema.json",
            "version": "4.2",
            "settings": {},
        },
        f"{shown}/definition.pbir": {
            "$schema": f"{_SCHEMAS}/item/report/definitionProperties/2.0.0/schema.json",
            "version": "4.0",
            "datasetReference": {"byPath": {"path": f"../{model}"}},
        },
    }
    texts = {name: report.text(body) for name, body in made.items()}
    texts |= {f"{model}/definition/{name}": text for name, text in tmdl.files(project).items()}
    return texts | {f"{shown}/definition/{name}": text for name, text in report.files(project).items()}


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Exit code 0 when written, or where nothing was to be written."""
    there = [str(file.relative_to(root)) for file in root.rglob("*") if file.is_file() and ".pbi" not in file.parts]
    complaint = "are not of include/power_bi.yaml: make power-bi"
    return generated.run(__doc__, arguments, root, lambda: written(Project()), complaint, there)


if __name__ == "__main__":
    sys.exit(main())
