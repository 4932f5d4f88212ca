"""A dashboard as Databricks' `.lvdash.json` has it; tables without a catalog, which the bundle gives."""

from __future__ import annotations

import json
from typing import Any

from anthill.dashboards.dashboard import Dashboard
from anthill.dashboards.widget import BAND, Field, Widget

_QUERY = "main_query"
_VERSIONS = {"counter": 2, "line": 3, "bar": 3, "scatter": 3, "table": 1}
_NUMBERS: dict[str, dict[str, Any]] = {
    "%": {"type": "number-percent", "decimalPlaces": {"type": "max", "places": 2}},
    "USD": {"type": "number-currency", "currencyCode": "USD", "abbreviation": "compact"},
}
_PLAIN: dict[str, Any] = {"type": "number", "abbreviation": "none", "decimalPlaces": {"type": "max", "places": 6}}


def text(dashboard: Dashboard) -> str:
    """The text of the file."""
    return json.dumps(body(dashboard), indent=2, ensure_ascii=False) + "\n"


def body(dashboard: Dashboard) -> dict[str, Any]:
    """The dashboard: a dataset a widget, and one page."""
    shown = [_choice(dashboard, each) if each.kind == "choice" else _shown(each) for each in dashboard.widgets]
    layout = [
        {"widget": made, "position": _position(each)} for each, made in zip(dashboard.widgets, shown, strict=True)
    ]
    return {
        "datasets": [
            {
                "name": each.name,
                "displayName": each.title,
                "queryLines": each.ordered(each.sql).splitlines(keepends=True),
            }
            for each in dashboard.widgets
        ],
        "pages": [{"name": dashboard.name, "displayName": dashboard.about.title, "layout": layout}],
    }


def _position(each: Widget) -> dict[str, int]:
    place = each.place
    return {"x": place.column - 1, "y": place.row - 1, "width": place.width, "height": place.height}


def _query(dataset: str, columns: list[str], disaggregated: bool) -> dict[str, Any]:
    fields = [{"name": column, "expression": f"`{column}`"} for column in columns]
    return {"datasetName": dataset, "fields": fields, "disaggregated": disaggregated}


def _shown(each: Widget) -> dict[str, Any]:
    spec = {
        "version": _VERSIONS[each.kind],
        "widgetType": each.kind,
        "encodings": _encodings(each),
        "frame": {"showTitle": True, "title": each.title, "showDescription": bool(each.note), "description": each.note},
    }
    if each.kind == "table":
        spec |= {"itemsPerPage": 25, "condensed": True, "withRowNumber": False, "allowHTMLByDefault": False}
        spec |= {"invisibleColumns": []}
    columns = [field.name for field in each.fields]
    return {"name": each.name, "queries": [{"name": _QUERY, "query": _query(each.name, columns, True)}], "spec": spec}


def _choice(dashboard: Dashboard, choice: Widget) -> dict[str, Any]:
    """A filter over its own list and over each dataset that has the chosen column."""
    followers = [choice, *(each for each in dashboard.widgets if each.chosen and each is not choice)]
    column = choice.chosen
    fields = [
        {"fieldName": column, "displayName": choice.title, "queryName": f"{each.name}_{column}"} for each in followers
    ]
    first = {"values": {"dataType": "STRING", "values": [{"value": choice.first}]}}
    return {
        "name": choice.name,
        "queries": [
            {"name": f"{each.name}_{column}", "query": _query(each.name, [column], False)} for each in followers
        ],
        "spec": {
            "version": 2,
            "widgetType": "filter-single-select",
            "encodings": {"fields": fields},
            "frame": {"showTitle": True, "title": choice.title},
            **({"selection": {"defaultSelection": first}} if choice.first else {}),
        },
    }


def _encodings(each: Widget) -> dict[str, Any]:
    if each.kind == "counter":
        (value,) = each.of("Value")
        return {"value": {"fieldName": value.name, "displayName": value.label, "format": _format(value)}}
    if each.kind == "table":
        return {"columns": [_column(field, at) for at, field in enumerate(each.fields)]}
    (across,), up = each.of("Across"), [field for field in each.fields if field.role in ("Up", *BAND)]
    found: dict[str, Any] = {
        "x": {"fieldName": across.name, "displayName": titled(across), "scale": _scale(each, across)}
    }
    if len(up) == 1:
        found["y"] = {"fieldName": up[0].name, "displayName": titled(up[0]), "scale": {"type": "quantitative"}}
        found["y"] |= {"format": _format(up[0])}
    else:
        fields = [{"fieldName": field.name, "displayName": field.label} for field in up]
        found["y"] = {"fields": fields, "scale": {"type": "quantitative"}, "format": _format(up[0])}
        found["y"] |= {"axis": {"title": up[0].unit}}
    for colour in each.of("Colour"):
        found["color"] = {"fieldName": colour.name, "displayName": colour.label, "scale": {"type": "categorical"}}
    return found


def titled(field: Field) -> str:
    """What an axis is called, with its unit."""
    return f"{field.label} ({field.unit})" if field.unit not in ("", "number") else field.label


def _scale(each: Widget, across: Field) -> dict[str, str]:
    if across.unit:
        return {"type": "quantitative"}
    return {"type": "categorical" if each.kind == "bar" and not across.name.endswith("_date") else "temporal"}


def _format(field: Field) -> dict[str, Any]:
    return _NUMBERS.get(field.unit, _PLAIN)


def _column(field: Field, at: int) -> dict[str, Any]:
    """A column of a table, all of whose keys the editor expects."""
    kind = "float" if field.unit else "string"
    shown = {"%": "0.00%", "USD": "$0,0.00", "rows": "0,0", "number": "0,0.####"}.get(field.unit, "0,0.0000")
    return {
        "fieldName": field.name,
        "displayName": titled(field),
        "title": titled(field),
        "type": kind,
        "displayAs": "number" if field.unit else "string",
        "visible": True,
        "order": at,
        "allowSearch": not field.unit,
        "alignContent": "right" if field.unit else "left",
        "allowHTML": False,
        "highlightLinks": False,
        "useMonospaceFont": False,
        "preserveWhitespace": False,
        "numberFormat": shown,
        "booleanValues": ["false", "true"],
        "imageUrlTemplate": "{{ @ }}",
        "imageTitleTemplate": "{{ @ }}",
        "imageWidth": "",
        "imageHeight": "",
        "linkUrlTemplate": "{{ @ }}",
        "linkTextTemplate": "{{ @ }}",
        "linkTitleTemplate": "{{ @ }}",
        "linkOpenInNewTab": True,
    }
