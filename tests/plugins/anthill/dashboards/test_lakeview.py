"""What Databricks gets of a dashboard: each part of a widget's head is where the editor keeps it."""

from __future__ import annotations

from typing import Any

import pytest

from anthill.dashboards import dashboard, lakeview

ABOUT = "title: The market\ndescription: D\nturn: 1\nreaders: [analysts]\n"
WIDGETS = {
    "choose": """-- Title: Security
-- Kind: choice
-- Place: column 1, row 1, 2 wide, 1 high
-- Chosen: ticker
-- First: ANTH
-- Group: kind, Kind
-- Rank: traded, Turnover, USD
-- Empty: Nothing to choose.
SELECT ticker, kind, traded FROM gold.stocks_series""",
    "turnover": """-- Title: Turnover
-- Note: Of all venues.
-- Kind: line
-- Place: column 1, row 2, 4 wide, 3 high
-- Across: market_date, Market day
-- Up: turnover, Turnover, USD
-- Chosen: ticker
-- Empty: Nothing was traded.
SELECT ticker, market_date, turnover FROM gold.stocks_series""",
    "shares": """-- Title: By class
-- Kind: bar
-- Place: column 5, row 2, 2 wide, 3 high
-- Across: asset_class, Asset class
-- Up: part, Part, %
-- Up: rows, Rows, %
-- Colour: kind, Kind
-- Empty: Nothing.
SELECT asset_class, kind, part, rows FROM gold.market""",
    "rows": """-- Title: All of it
-- Kind: table
-- Place: column 1, row 5, 6 wide, 3 high
-- Column: ticker, Ticker
-- Column: close, Close, USD
-- Column: many, Rows, rows
-- Empty: Nothing.
SELECT ticker, close, many FROM gold.stocks_series""",
    "last": """-- Title: Last day
-- Kind: counter
-- Place: column 3, row 1, 2 wide, 1 high
-- Value: gained, Gained, %
-- Empty: Nothing.
SELECT gained FROM gold.market""",
}


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A dashboard with one widget of each kind."""
    place = tmp_path_factory.mktemp("dashboards") / "market"
    place.mkdir()
    (place / "dashboard.yaml").write_text(ABOUT)
    for name, text in WIDGETS.items():
        (place / f"{name}.sql").write_text(text + "\n")
    return lakeview.body(dashboard.read(place))


@pytest.fixture(scope="module")
def shown(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Its widgets by name, each with its position."""
    ((page),) = body["pages"]
    assert (page["name"], page["displayName"]) == ("market", "The market")
    return {each["widget"]["name"]: each for each in page["layout"]}


def spec(shown: dict[str, dict[str, Any]], name: str) -> Any:
    """How a widget is drawn."""
    return shown[name]["widget"]["spec"]


def test_each_widget_has_its_dataset_and_place(body: dict[str, Any], shown: dict[str, dict[str, Any]]) -> None:
    """The query by lines, named as people know it; the grid counts from 0."""
    assert {each["name"]: each["displayName"] for each in body["datasets"]} == {
        "choose": "Security", "turnover": "Turnover", "shares": "By class", "rows": "All of it", "last": "Last day",
    }  # fmt: skip
    queries = {each["name"]: "".join(each["queryLines"]) for each in body["datasets"]}
    assert queries["last"] == "SELECT gained FROM gold.market"
    assert shown["shares"]["position"] == {"x": 4, "y": 1, "width": 2, "height": 3}
    assert shown["rows"]["position"] == {"x": 0, "y": 4, "width": 6, "height": 3}


def test_a_frame_has_title_and_note(shown: dict[str, dict[str, Any]]) -> None:
    """A description is shown where there is one."""
    assert spec(shown, "turnover")["frame"] == {
        "showTitle": True, "title": "Turnover", "showDescription": True, "description": "Of all venues.",
    }  # fmt: skip
    assert spec(shown, "rows")["frame"]["showDescription"] is False


def test_a_query_asks_for_the_columns_that_are_shown(shown: dict[str, dict[str, Any]]) -> None:
    """As they are, row by row; a choice asks for each value once."""
    (query,) = shown["rows"]["widget"]["queries"]
    assert query == {
        "name": "main_query",
        "query": {
            "datasetName": "rows",
            "fields": [{"name": name, "expression": f"`{name}`"} for name in ("ticker", "close", "many")],
            "disaggregated": True,
        },
    }
    chosen = shown["choose"]["widget"]["queries"]
    assert [each["name"] for each in chosen] == ["choose_ticker", "turnover_ticker"]
    assert [each["query"] for each in chosen] == [
        {"datasetName": name, "fields": [{"name": "ticker", "expression": "`ticker`"}], "disaggregated": False}
        for name in ("choose", "turnover")
    ]


def test_a_choice_filters_all_that_have_its_column(shown: dict[str, dict[str, Any]]) -> None:
    """And begins with what it says."""
    assert spec(shown, "choose") == {
        "version": 2,
        "widgetType": "filter-single-select",
        "encodings": {
            "fields": [
                {"fieldName": "ticker", "displayName": "Security", "queryName": f"{name}_ticker"}
                for name in ("choose", "turnover")
            ]
        },
        "frame": {"showTitle": True, "title": "Security"},
        "selection": {"defaultSelection": {"values": {"dataType": "STRING", "values": [{"value": "ANTH"}]}}},
    }


def test_a_line_has_time_across_and_its_unit_up(shown: dict[str, dict[str, Any]]) -> None:
    """Dollars are short."""
    dollars = {"type": "number-currency", "currencyCode": "USD", "abbreviation": "compact"}
    found = spec(shown, "turnover")
    assert (found["version"], found["widgetType"]) == (3, "line")
    assert found["encodings"] == {
        "x": {"fieldName": "market_date", "displayName": "Market day", "scale": {"type": "temporal"}},
        "y": {
            "fieldName": "turnover",
            "displayName": "Turnover (USD)",
            "scale": {"type": "quantitative"},
            "format": dollars,
        },
    }


def test_bars_of_several_share_an_axis_and_have_colours(shown: dict[str, dict[str, Any]]) -> None:
    """Categories across; the axis is called by the unit."""
    percent = {"type": "number-percent", "decimalPlaces": {"type": "max", "places": 2}}
    found = spec(shown, "shares")
    assert (found["version"], found["widgetType"]) == (3, "bar")
    assert found["encodings"] == {
        "x": {"fieldName": "asset_class", "displayName": "Asset class", "scale": {"type": "categorical"}},
        "y": {
            "fields": [
                {"fieldName": "part", "displayName": "Part"},
                {"fieldName": "rows", "displayName": "Rows"},
            ],
            "scale": {"type": "quantitative"},
            "format": percent,
            "axis": {"title": "%"},
        },
        "color": {"fieldName": "kind", "displayName": "Kind", "scale": {"type": "categorical"}},
    }


def test_a_counter_is_one_number(shown: dict[str, dict[str, Any]]) -> None:
    """With its format."""
    found = spec(shown, "last")
    assert (found["version"], found["widgetType"]) == (2, "counter")
    assert found["encodings"]["value"]["fieldName"] == "gained"
    assert found["encodings"]["value"]["displayName"] == "Gained"
    assert found["encodings"]["value"]["format"]["type"] == "number-percent"


def test_a_tables_columns_are_in_order_and_no_html(shown: dict[str, dict[str, Any]]) -> None:
    """Numbers right, by their unit; text left, and searched."""
    found = spec(shown, "rows")
    assert (found["version"], found["widgetType"], found["itemsPerPage"]) == (1, "table", 25)
    assert (found["condensed"], found["withRowNumber"], found["allowHTMLByDefault"]) == (True, False, False)
    assert found["invisibleColumns"] == []
    columns = found["encodings"]["columns"]
    kinds = [(each["fieldName"], each["title"], each["type"], each["displayAs"]) for each in columns]
    assert kinds == [
        ("ticker", "Ticker", "string", "string"),
        ("close", "Close (USD)", "float", "number"),
        ("many", "Rows (rows)", "float", "number"),
    ]
    assert [each["displayName"] for each in columns] == [each["title"] for each in columns]
    assert [each["order"] for each in columns] == [0, 1, 2]
    assert [each["alignContent"] for each in columns] == ["left", "right", "right"]
    assert [each["allowSearch"] for each in columns] == [True, False, False]
    assert [each["numberFormat"] for each in columns][1:] == ["$0,0.00", "0,0"]
    for each in columns:
        assert each["visible"] is True
        assert not any(each[name] for name in ("allowHTML", "highlightLinks", "useMonospaceFont", "preserveWhitespace"))
