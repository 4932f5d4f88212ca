"""report.html: the widgets of include/dashboards over what is in gold, and what this run did, in one file."""

from __future__ import annotations

import datetime as dt
import html
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from anthill import catalog
from anthill.dashboards import dashboard
from anthill.dashboards.dashboard import Dashboard
from anthill.dashboards.widget import Field, Widget
from anthill.warehouse.warehouse import Settled, Warehouse
from local import blanks, sources, whole_file
from local.report.asked import Choice, Lake

_HERE = Path(__file__).parent
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Anthill: {title}</title>
<style>
{css}</style></head><body><div class="frame">
<nav aria-label="Contents"><b>Anthill</b><ol>{contents}</ol><button id="theme" type="button">Dark</button></nav>
<main><header><h1>{title}</h1><p>{about}</p></header>
{body}
<footer>Simulated or replayed market data, made by <code>make demo</code>. No advice to buy or sell.</footer>
</main></div>
<script type="application/json" id="data">{data}</script>
<script>
{script}</script></body></html>
"""


def write(warehouse: Warehouse, days: dict[str, list[dt.date]], numbers: dict[str, Any], path: Path) -> None:
    """Ask gold for what the widgets show, and write the page."""
    lake = Lake(Settled(warehouse))
    boards = [(board, lake.choice(board)) for board in dashboard.every()]
    every = [day for asked in days.values() for day in asked]
    contents = "".join(f'<li><a href="#{board.name}">{html.escape(board.about.title)}</a></li>' for board, _ in boards)
    page = PAGE.format(
        title=f"Market data, {min(every)} to {max(every)}" if every else ", ".join(_descriptions(numbers)),
        about=html.escape(_about(days, numbers)),
        contents=f'{contents}<li><a href="#run">This run</a></li>',
        css=(_HERE / "page.css").read_text(),
        body="".join(_section(board, choice) for board, choice in boards) + _run(numbers),
        data=_safe([_data(board, choice, lake) for board, choice in boards]),
        script="".join((_HERE / name).read_text() for name in ("charts.js", "page.js")),
    )
    whole_file.write(path, page)


def _about(days: Mapping[str, list[dt.date]], numbers: Mapping[str, Any]) -> str:
    """What was loaded, in a sentence or two."""
    most = max(map(len, days.values()), default=0)
    market = [f"{', '.join(days)}: {most} market days at most were loaded."] if days else []
    return (
        " ".join([*market, *(f"{about}." for about in _descriptions(numbers))]) if market else "No market was loaded."
    )


def _descriptions(numbers: Mapping[str, Any]) -> list[str]:
    """What the sources beside the market are."""
    return [catalog.load(name).description for name in numbers["sources"]]


def _safe(data: Any) -> str:
    """JSON that ends no script."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")


def _data(board: Dashboard, choice: Choice | None, lake: Lake) -> dict[str, Any]:
    shown = [each for each in board.widgets if each.kind != "choice"]
    return {"name": board.name, "widgets": [_widget(each, choice, lake) for each in shown]}


def _widget(each: Widget, choice: Choice | None, lake: Lake) -> dict[str, Any]:
    """What the page's script draws a widget from."""
    found: dict[str, Any] = {name: getattr(each, name) for name in ("name", "title", "note", "kind", "chosen", "empty")}
    found |= {"days": each.days, "rows_high": each.place.height, **lake.answer(each, choice)}
    found |= {"group": each.tables[0].removeprefix("gold.").split("_")[0], "here": lake.days if each.days else {}}
    for role, name in (
        ("Across", "across"),
        ("Colour", "colour"),
        ("Value", "value"),
        ("Low", "low"),
        ("High", "high"),
    ):
        if fields := each.of(role):
            found[name] = _field(fields[0])
    for role, name in (("Up", "up"), ("Column", "cells")):
        if fields := each.of(role):
            found[name] = list(map(_field, fields))
    return found


def _field(field: Field) -> dict[str, str]:
    return {"name": field.name, "label": field.label, "unit": field.unit}


def _section(board: Dashboard, choice: Choice | None) -> str:
    figures = "".join(_figure(board, each, choice) for each in board.widgets)
    about = f"<h2>{html.escape(board.about.title)}</h2><p class=about>{html.escape(board.about.description)}.</p>"
    return f'<section id="{board.name}">{about}<div class="grid">{figures}</div></section>\n'


def _figure(board: Dashboard, each: Widget, choice: Choice | None) -> str:
    wide, title = f"--wide:{each.place.width}", html.escape(each.title)
    if each.kind == "choice":
        return f'<figure class="choice" style="{wide}">{_select(board, title, choice)}</figure>'
    note = f"<small>{html.escape(each.note)}</small>" if each.note else ""
    return (
        f'<figure class="{each.kind}" id="{board.name}-{each.name}" style="{wide}">'
        f'<figcaption>{title}{note}</figcaption><div class="body"></div></figure>'
    )


def _select(board: Dashboard, title: str, choice: Choice | None) -> str:
    if choice is None or not choice.groups:
        return f"<b>{title}</b> <small>There is nothing to choose from.</small>"
    groups = "".join(
        f'<optgroup label="{html.escape(group)}">'
        + "".join(f"<option>{html.escape(name)}</option>" for name in names)
        + "</optgroup>"
        for group, names in choice.groups.items()
    )
    left = ", ".join(f"{count:,} of {group}" for group, count in choice.left_out.items() if count)
    words = f"The most traded of each; {left} are left out." if left else "All that gold has on its newest day."
    return f'<label><b>{title}</b> <select id="{board.name}-choice">{groups}</select></label> <small>{words}</small>'


def _run(numbers: Mapping[str, Any]) -> str:
    """What the run of the demo did, by asset class and by source beside the market."""
    parts = "".join(
        f"<figure style='--wide:6'><figcaption>{html.escape(name.capitalize())}</figcaption>"
        f"{_counts(found)}{_blanks(found)}</figure>"
        for name, found in numbers["asset_classes"].items()
    )
    parts += "".join(
        f"<figure style='--wide:6'><figcaption>{html.escape(name)}</figcaption>{_source(name, found)}</figure>"
        for name, found in numbers["sources"].items()
    )
    about = "What was landed, loaded and published, and what these days cannot show."
    return f'<section id="run"><h2>This run</h2><p class=about>{about}</p><div class="grid">{parts}</div></section>'


def _source(name: str, numbers: Mapping[str, Any]) -> str:
    """A source's sentences, and its tables."""
    said = "".join(f"<p>{html.escape(line)}</p>" for line in sources.of(name).lines(numbers))
    rows = "".join(
        f"<tr><td>{html.escape(layer)}</td><td>{html.escape(table)}</td><td class=n>{count:,}</td></tr>"
        for layer, tables in numbers["tables"].items()
        for table, count in tables.items()
    )
    head = "<tr><th>Layer</th><th>Table</th><th class=n>Rows</th></tr>"
    return f"{said}<details open><summary>Rows by table</summary><table>{head}{rows}</table></details>"


def _counts(numbers: Mapping[str, Any]) -> str:
    quality, rows = numbers["quality"], "".join(_lines(numbers))
    head = "<tr><th>Layer</th><th>Dataset or table</th><th class=n>Market days</th><th class=n>Rows</th></tr>"
    return (
        f"<p>{quality['passed']} of {quality['expectations']} expectations met, {quality['warnings']} warnings; "
        f"{numbers['quarantined']} rows in quarantine; {numbers['landed_new']} new objects in bronze.</p>"
        f"<details><summary>Rows by table</summary><table>{head}{rows}</table></details>"
    )


def _lines(numbers: Mapping[str, Any]) -> Iterator[str]:
    for layer in ("bronze", "silver", "gold"):
        for name, count in numbers[layer].items():
            yield f"<tr><td>{layer}</td><td>{html.escape(name)}</td>"
            yield f"<td class=n>{count['days'] or ''}</td><td class=n>{count['rows']:,}</td></tr>"


def _blanks(numbers: Mapping[str, Any]) -> str:
    """What these days cannot show, by table, or nothing."""
    rows = "".join(
        f"<tr><td>{html.escape(blank.table)}</td><td>{html.escape(', '.join(blank.columns) or 'all')}</td>"
        f"<td>{html.escape(blank.reason)}</td></tr>"
        for blank in blanks.lines(numbers)
    )
    head = "<tr><th>Table</th><th>Column</th><th>Why</th></tr>"
    summary = "<summary>What these days cannot show</summary>"
    return f"<details>{summary}<table>{head}{rows}</table></details>" if rows else ""
