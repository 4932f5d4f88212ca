"""report.html: what the demo produced, as charts, in one file."""

from __future__ import annotations

import datetime as dt
import html
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from anthill import catalog
from anthill.warehouse.warehouse import Warehouse
from local import blanks, whole_file

LAYOUT: dict[str, Any] = {"template": "plotly_white", "height": 420, "margin": {"l": 60, "r": 30, "t": 60, "b": 40}}
# Okabe and Ito's colours: told apart by the colour-blind too.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#999999"

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Anthill: {title}</title>
<style>
 body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem;
         color: #222; background: #fff }}
 table {{ border-collapse: collapse; margin: 1rem 0 }}
 th, td {{ padding: .25rem .8rem; border-bottom: 1px solid #ddd; text-align: left }}
 td.n {{ text-align: right; font-variant-numeric: tabular-nums }} h2 {{ margin-top: 2.5rem }} p {{ color: #555 }}
</style></head><body><h1>{title}</h1>{body}</body></html>
"""


def write(warehouse: Warehouse, days: dict[str, list[dt.date]], numbers: dict[str, Any], path: Path) -> None:
    """Ask gold for what the pictures show, and write the page."""
    every = [day for asked in days.values() for day in asked]
    body = ""
    for asset_class, asked in days.items():
        found = numbers["asset_classes"][asset_class]
        window = f"market_date BETWEEN DATE'{asked[0]}' AND DATE'{asked[-1]}'"
        body += f"<h2>{html.escape(asset_class.capitalize())}</h2>{_counts(found)}{_blanks(found)}"
        for heading, note, figure in _pictures(warehouse, asset_class, window, found):
            # A market day beside the next one: weekends and holidays leave no gap.
            plot = (
                figure.update_layout(**LAYOUT)
                .update_xaxes(type="category")
                .to_html(full_html=False, include_plotlyjs="<!-- plotly -->" not in body)
            )
            body += f"<h3>{html.escape(heading)}</h3><p>{html.escape(note)}</p>{plot}<!-- plotly -->"
    title = f"Market data, {min(every)} to {max(every)}"
    whole_file.write(path, PAGE.format(title=html.escape(title), body=body))


def _pictures(
    warehouse: Warehouse, asset_class: str, window: str, numbers: dict[str, Any]
) -> list[tuple[str, str, go.Figure]]:
    landed = ("Days landed", "Rows in bronze by dataset and market day.", _landed(numbers))
    if "daily_prices" not in catalog.load(asset_class).gold:  # what has no prices has no market either
        return [landed]
    prices = f"gold.{asset_class}_daily_prices"
    returns = f"gold.{asset_class}_daily_returns"
    ticker = _subject(warehouse, asset_class, window)
    bars, moves = (
        warehouse.records(f"SELECT * FROM {table} WHERE ticker = :t AND {window} ORDER BY market_date", t=ticker)
        for table in (prices, returns)
    )
    outliers = warehouse.records(
        f"SELECT ticker, market_date, simple_return, anomaly_reason FROM {returns} WHERE is_anomaly AND {window}"
        " ORDER BY abs(simple_return) DESC LIMIT 300"
    )
    summary = warehouse.records(f"SELECT * FROM gold.{asset_class}_market_summary WHERE {window} ORDER BY market_date")
    pictures = [
        (
            f"Prices of {ticker}",
            "The ticker traded or quoted most often; one that split in these days, if any did.",
            _prices(bars),
        ),
        ("The market", "Tickers that rose and fell, and turnover.", _market(summary)),
        landed,
    ]
    if outliers:
        note = "Returns far outside what was usual over the 20 market days before, stillness included; the largest 300."
        pictures.insert(1, ("Anomalies", note, _anomalies(outliers)))
    if _any(moves, "volatility_20d"):
        note = "Daily price return, and its standard deviation over the last 20 market days."
        pictures.insert(1, (f"Returns and volatility of {ticker}", note, _returns(moves)))
    elif _any(moves, "simple_return"):
        pictures.insert(1, (f"Returns of {ticker}", "Daily price return.", _returns(moves)))
    if any(row["volume"] for row in bars):
        note = "As counted on the day, and adjusted to today's share count."
        pictures.insert(1, (f"Volume of {ticker}", note, _volume(bars)))
    return pictures


def _subject(warehouse: Warehouse, asset_class: str, window: str) -> str:
    """The ticker to show: one that split in these days before others, then the share, fund or other traded most often.

    Transactions and quotes are counted: money in several currencies has no sum, and an index's level is no rank.
    """
    columns = {column["column"] for column in warehouse.columns(f"gold.{asset_class}_daily_prices").records()}
    splits = "count(DISTINCT split_factor)" if "split_factor" in columns else "1"
    listed = " AND type IN ('share', 'depositary_receipt', 'fund')" if "adj_close" in columns else ""
    (traded,) = warehouse.records(
        f"SELECT ticker FROM (SELECT ticker, least({splits}, 2) AS splits, count(*) AS days,"
        f" sum({'trades' if 'trades' in columns else 'volume'}) AS times FROM gold.{asset_class}_daily_prices"
        f" WHERE {window}{listed} GROUP BY ticker) ORDER BY splits DESC, days DESC, times DESC, ticker LIMIT 1"
    )
    return str(traded["ticker"])


def _prices(bars: list[dict[str, Any]]) -> go.Figure:
    days = _column(bars, "market_date")
    figure = go.Figure(
        go.Candlestick(
            x=days,
            open=_column(bars, "open"),
            high=_column(bars, "high"),
            low=_column(bars, "low"),
            close=_column(bars, "close"),
            name="as traded",
            increasing_line_color=BLUE,
            decreasing_line_color=ORANGE,
        )
    )
    lines: dict[str, tuple[str, dict[str, Any]]] = {
        "adj_close": ("split-adjusted close", {"color": GREEN, "width": 3}),
        "total_return_close": ("total return close", {"color": RED, "dash": "dot"}),
    }
    for column, (name, line) in lines.items():
        if bars and column in bars[0]:
            figure.add_scatter(x=days, y=_column(bars, column), name=name, line=line)
    return figure.update_layout(yaxis_title="price", xaxis_rangeslider_visible=False)


def _volume(bars: list[dict[str, Any]]) -> go.Figure:
    days = _column(bars, "market_date")
    figure = go.Figure(go.Bar(x=days, y=_column(bars, "volume"), name="as traded", marker_color=BLUE))
    if "adj_volume" in bars[0]:
        figure.add_bar(x=days, y=_column(bars, "adj_volume"), name="adjusted", marker_color=GREY)
    return figure.update_layout(yaxis_title="volume", barmode="group")


def _returns(moves: list[dict[str, Any]]) -> go.Figure:
    figure = go.Figure(
        go.Bar(x=_column(moves, "market_date"), y=_column(moves, "simple_return"), name="return", marker_color=BLUE)
    )
    if _any(moves, "volatility_20d"):
        figure.add_scatter(
            x=_column(moves, "market_date"),
            y=_column(moves, "volatility_20d"),
            name="volatility, 20 days",
            line={"color": RED},
        )
    return figure.update_layout(yaxis_tickformat=".1%")


def _anomalies(outliers: list[dict[str, Any]]) -> go.Figure:
    words = [f"{row['ticker']} {row['simple_return']:+.1%} ({row['anomaly_reason']})" for row in outliers]
    figure = go.Figure(
        go.Scatter(
            x=_column(outliers, "market_date"),
            y=_column(outliers, "simple_return"),
            text=words,
            mode="markers",
            marker={"color": RED, "opacity": 0.6},
            hovertemplate="%{text}<extra></extra>",
        )
    )
    return figure.update_layout(yaxis_tickformat=".0%")


def _market(summary: list[dict[str, Any]]) -> go.Figure:
    days = _column(summary, "market_date")
    figure = make_subplots(specs=[[{"secondary_y": True}]])
    figure.add_bar(x=days, y=_column(summary, "advancers"), name="advancers", marker_color=BLUE)
    figure.add_bar(x=days, y=[-row["decliners"] for row in summary], name="decliners", marker_color=ORANGE)
    figure.update_yaxes(title_text="tickers", secondary_y=False)
    if summary and "turnover" in summary[0]:
        turnover = _column(summary, "turnover")
        figure.add_scatter(x=days, y=turnover, name="turnover (right)", line={"color": GREEN}, secondary_y=True)
        figure.update_yaxes(title_text="USD", secondary_y=True)
    return figure.update_layout(barmode="relative")


def _landed(numbers: dict[str, Any]) -> go.Figure:
    by_day = numbers["bronze_by_day"]
    datasets = list(by_day)
    days = numbers["days"]
    counts = [[by_day[dataset].get(day) for day in days] for dataset in datasets]
    # Each dataset has a scale of its own: four splits are as whole a day as eleven thousand bars.
    shares = [[None if count is None else count / max(1, *(c or 0 for c in row)) for count in row] for row in counts]
    words = [["missing" if count is None else f"{count:,}" for count in row] for row in counts]
    return go.Figure(
        go.Heatmap(
            z=shares,
            x=days,
            y=datasets,
            text=words,
            texttemplate="%{text}",
            colorscale="Blues",
            zmin=-0.3,
            zmax=1.2,
            showscale=False,
            hovertemplate="%{y} %{x}: %{text}<extra></extra>",
        )
    )


def _counts(numbers: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{layer}</td><td>{html.escape(name)}</td>"
        f"<td class=n>{count['days'] or ''}</td><td class=n>{count['rows']:,}</td></tr>"
        for layer in ("bronze", "silver", "gold")
        for name, count in numbers[layer].items()
    )
    quality = numbers["quality"]
    return (
        f"<p>{quality['passed']} of {quality['expectations']} expectations met, {quality['warnings']} warnings; "
        f"{numbers['quarantined']} rows in quarantine; {numbers['landed_new']} new objects in bronze.</p>"
        f"<table><tr><th>layer</th><th>dataset or table</th><th>days</th><th>rows</th></tr>{rows}</table>"
    )


def _blanks(numbers: dict[str, Any]) -> str:
    """What these days cannot show, by table, or nothing."""
    rows = "".join(
        f"<tr><td>{html.escape(blank.table)}</td><td>{html.escape(', '.join(blank.columns) or 'all')}</td>"
        f"<td>{html.escape(blank.reason)}</td></tr>"
        for blank in blanks.lines(numbers)
    )
    head = "<h3>What these days cannot show</h3><table><tr><th>table</th><th>column</th><th>why</th></tr>"
    return f"{head}{rows}</table>" if rows else ""


def _any(rows: list[dict[str, Any]], name: str) -> bool:
    """Whether any row has a value."""
    return any(row[name] is not None for row in rows)


def _column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]
