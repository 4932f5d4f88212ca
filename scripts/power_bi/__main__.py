"""Write the Power BI project of include/power_bi.yaml into power-bi/.

`--check` writes nothing and fails where a file says otherwise.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from scripts import workflow
from scripts.power_bi import report, tmdl
from scripts.power_bi.declaration import PowerBiError, Project

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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args(arguments).check
    try:
        texts = written(Project())
    except PowerBiError as error:
        return workflow.fail(str(error))
    there = {str(file.relative_to(root)) for file in root.rglob("*") if file.is_file() and ".pbi" not in file.parts}
    stale = [name for name, text in texts.items() if name not in there or (root / name).read_text() != text]
    stale += sorted(there - texts.keys())
    if check:
        return workflow.fail(f"{', '.join(stale)} are not of include/power_bi.yaml: make power-bi") if stale else 0
    for name in stale:
        if name in texts:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(texts[name])
        else:
            (root / name).unlink()
        print(f"written: {name}" if name in texts else f"removed: {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
