"""The report over the model: its pages with their visuals, as Power BI's enhanced format has them."""

from __future__ import annotations

import json
from typing import Any

from scripts.power_bi.declaration import REFERENCE, Project, Visual

_SCHEMAS = "https://developer.microsoft.com/json-schemas/fabric/item/report"
_WIDTH, _HEIGHT, _GAP, _TOP = 1280, 720, 20, 120


def files(project: Project) -> dict[str, str]:
    """Each file of the report's definition."""
    titles = list(dict.fromkeys(visual.page for visual in project.visuals))
    pages = {title: title.lower().replace(" ", "_") for title in titles}
    made: dict[str, Any] = {
        "version.json": _of("versionMetadata/1.0.0", version="2.0.0"),
        "report.json": _of("report/2.0.0", themeCollection={}),
        "pages/pages.json": _of(
            "pagesMetadata/1.0.0", pageOrder=list(pages.values()), activePageName=next(iter(pages.values()))
        ),
    }
    tables = {measure.name: measure.table for measure in project.measures}
    for title, page in pages.items():
        made[f"pages/{page}/page.json"] = _of(
            "page/2.0.0", name=page, displayName=title, displayOption="FitToPage", height=_HEIGHT, width=_WIDTH
        )
        visuals = [visual for visual in project.visuals if visual.page == title]
        for at, visual in enumerate(visuals, 1):
            name = f"{page}_{at}"
            made[f"pages/{page}/visuals/{name}/visual.json"] = _of(
                "visualContainer/2.0.0",
                name=name,
                position={**_position(visuals, visual), "z": at},
                visual={"visualType": visual.kind, "query": {"queryState": _query(visual, tables)}},
            )
    return {name: text(body) for name, body in made.items()}


def text(body: dict[str, Any]) -> str:
    """A file of the project."""
    return json.dumps(body, indent=2) + "\n"


def _of(schema: str, **body: Any) -> dict[str, Any]:
    return {"$schema": f"{_SCHEMAS}/definition/{schema}/schema.json", **body}


def _position(visuals: list[Visual], visual: Visual) -> dict[str, int]:
    """Slicers and cards stand in a row at the top, charts side by side below."""
    row = [each for each in visuals if each.is_chart == visual.is_chart]
    width = (_WIDTH - _GAP * (len(row) + 1)) // len(row)
    top, height = (_TOP + 2 * _GAP, _HEIGHT - _TOP - 3 * _GAP) if visual.is_chart else (_GAP, _TOP)
    return {"x": _GAP + row.index(visual) * (width + _GAP), "y": top, "width": width, "height": height}


def _query(visual: Visual, tables: dict[str, str]) -> dict[str, Any]:
    """What it asks, by the roles that its kind has."""
    across, up = ("Category", "Y") if visual.is_chart else ("Values", "Values")
    shown = {}
    for table, column in REFERENCE.findall(visual.by):
        shown[across] = _asked("Column", table, column)
    if visual.measure:
        shown[up] = _asked("Measure", tables[visual.measure], visual.measure)
    return shown


def _asked(kind: str, table: str, name: str) -> dict[str, Any]:
    field = {kind: {"Expression": {"SourceRef": {"Entity": table}}, "Property": name}}
    return {"projections": [{"field": field, "queryRef": f"{table}.{name}", "nativeQueryRef": name}]}
