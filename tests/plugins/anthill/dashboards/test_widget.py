"""What is wrong in a dashboard is told with its file and line, and what may stand there."""

from __future__ import annotations

from pathlib import Path

import pytest

from anthill.dashboards import dashboard, genie, widget
from anthill.dashboards.widget import DashboardError, Place

HEAD = [
    "-- Title: Turnover",
    "-- Kind: line",
    "-- Place: column 1, row 1, 3 wide, 4 high",
    "-- Across: market_date, Market day",
    "-- Up: turnover, Turnover, USD",
    "-- Empty: Nothing was traded.",
]
QUERY = "SELECT market_date, turnover\nFROM gold.stocks_market_summary"
ABOUT = "title: T\ndescription: D\nturn: 1\nreaders: [analysts]\n"


def made(folder: Path, name: str = "turnover", lines: list[str] = HEAD, query: str = QUERY) -> Path:
    """A file of a widget."""
    file = folder / f"{name}.sql"
    file.write_text("\n".join([*lines, query]) + "\n")
    return file


def test_a_widget_is_read(tmp_path: Path) -> None:
    """Title, place, columns with their units, and the query without its head."""
    found = widget.read(made(tmp_path))
    assert (found.name, found.title, found.kind, found.place) == ("turnover", "Turnover", "line", Place(1, 1, 3, 4))
    assert [(field.role, field.name, field.label, field.unit) for field in found.fields] == [
        ("Across", "market_date", "Market day", ""),
        ("Up", "turnover", "Turnover", "USD"),
    ]
    assert (found.sql, found.tables, found.columns) == (
        QUERY,
        ["gold.stocks_market_summary"],
        ["market_date", "turnover"],
    )


def test_the_newest_come_first(tmp_path: Path) -> None:
    """Around the whole query, parts and all; as many as the head says, and equal days in one order."""
    whole = f"SELECT * FROM (\n{QUERY}\n) AS answer\nORDER BY market_date DESC, turnover"
    assert widget.read(made(tmp_path)).ordered(QUERY) == QUERY
    for said, limit in {"market_date": "", "market_date, 50": "\nLIMIT 50"}.items():
        found = widget.read(made(tmp_path, lines=[*HEAD, f"-- Newest: {said}"]))
        assert found.ordered(found.sql) == whole + limit


# By what is wrong: the line that is put in the place of which, and what is said of which line.
WRONG: dict[str, tuple[int, str, int, str]] = {
    "an unknown key": (0, "-- Titel: T", 1, "Titel is unknown: .*did you mean 'Title'"),
    "no key": (0, "-- A fine widget", 1, "is none of the head"),
    "a key twice": (5, "-- Kind: bar", 6, "Kind stands in line 2 already"),
    "no title": (0, "-- Note: n", 1, "Title is missing"),
    "an unknown kind": (1, "-- Kind: lines", 2, "Kind is 'lines': .*did you mean 'line'"),
    "no place": (2, "-- Place: left", 3, "write `column 1, row 1, 3 wide, 4 high`"),
    "beyond the grid": (2, "-- Place: column 4, row 1, 4 wide, 4 high", 3, "the grid has columns 1 to 6"),
    "before the grid": (2, "-- Place: column 0, row 1, 4 wide, 4 high", 3, "the grid has columns 1 to 6"),
    "a role of another kind": (3, "-- Value: turnover, T, USD", 4, "a line has no Value: allowed are Across, Up"),
    "no column": (4, "-- Up: the turnover, T, USD", 5, "'the turnover' is no column"),
    "an unknown unit": (4, "-- Up: turnover, T, EUR", 5, "'EUR' is no unit: allowed are USD"),
    "a role too few": (4, "-- Note: n", 1, "a line has 1 to 4 of Up, here are 0"),
    "a column twice": (4, "-- Up: market_date, T, USD", 5, "market_date is there twice"),
    "two units on an axis": (5, "-- Up: other, O, %", 6, "one unit"),
    "a band on another axis": (5, "-- Low: low, L, %", 6, "one unit"),
    "half a band": (5, "-- Low: low, L, USD", 6, "a band has one Low and one High"),
    "no reason where it is empty": (5, "-- Note: n", 1, "Empty is missing"),
    "the newest by no column of it": (5, "-- Newest: known_on", 6, "Newest is 'known_on': write `column, 50`"),
    "a number of rows that is none": (5, "-- Newest: market_date, all", 6, "Newest is 'market_date, all': write"),
    "days that are none": (0, "-- Days: many", 1, "Title is missing|Days is 'many'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told(tmp_path: Path, case: str) -> None:
    """With file and line."""
    at, line, where, said = WRONG[case]
    file = made(tmp_path, lines=[line if number == at else each for number, each in enumerate(HEAD)])
    with pytest.raises(DashboardError, match=rf"turnover\.sql:{where}: .*({said})"):
        widget.read(file)


@pytest.mark.parametrize("query", ["", f"{QUERY};"])
def test_one_query_follows(tmp_path: Path, query: str) -> None:
    """As Databricks takes it: one, without a semicolon."""
    with pytest.raises(DashboardError, match="one query follows the head"):
        widget.read(made(tmp_path, query=query))


def test_widgets_do_not_overlap(tmp_path: Path) -> None:
    """One cell is enough; beside and below each other they may stand."""
    (tmp_path / "dashboard.yaml").write_text(ABOUT)
    made(tmp_path)
    for name, place in {"beside": "column 4, row 1", "below": "column 1, row 5"}.items():
        made(tmp_path, name, [*HEAD[:2], f"-- Place: {place}, 3 wide, 4 high", *HEAD[3:]])
    assert [each.name for each in dashboard.read(tmp_path).widgets] == ["turnover", "beside", "below"]
    made(tmp_path, "over", [*HEAD[:2], "-- Place: column 3, row 4, 1 wide, 1 high", *HEAD[3:]])
    with pytest.raises(DashboardError, match=r"over\.sql:3: Place overlaps turnover, which is at column 1, row 1"):
        dashboard.read(tmp_path)


def test_what_is_chosen_is_the_choice(tmp_path: Path) -> None:
    """A widget follows the choice of its dashboard, by the same column."""
    (tmp_path / "dashboard.yaml").write_text(ABOUT)
    made(tmp_path, lines=[*HEAD, "-- Chosen: ticker"])
    with pytest.raises(
        DashboardError, match=r"turnover\.sql:3: Chosen is 'ticker', and the choice of this dashboard ''"
    ):
        dashboard.read(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"dashboard\.yaml:1: title is missing"),
        (f"{ABOUT}titel: T\n", r"dashboard\.yaml:5: titel is unknown"),
        (f"{ABOUT}turn: 2\n", r"dashboard\.yaml:5: turn stands in line 3 already"),
        (ABOUT.replace("turn: 1", "turn: first"), r"dashboard\.yaml:3: turn is 'first'"),
    ],
)
def test_what_is_wrong_about_a_dashboard_is_told(tmp_path: Path, text: str, said: str) -> None:
    """With file and line, as of any YAML of the house."""
    (tmp_path / "dashboard.yaml").write_text(text)
    with pytest.raises(DashboardError, match=said):
        dashboard.read(tmp_path)


def test_a_genie_space_has_a_most_of_tables(tmp_path: Path) -> None:
    """It is refused here, not in the workspace."""
    file = tmp_path / "genie.yaml"
    tables = "".join(f"  - gold.t{number}\n" for number in range(31))
    file.write_text(f"title: T\ndescription: D\ninstructions: []\nquestions: []\ntables:\n{tables}")
    with pytest.raises(DashboardError, match=r"genie\.yaml:5: tables are 31"):
        genie.read(file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, r"genie\.yaml:1: is missing, with title, description, tables, instructions, questions"),
        ("title: A\nquestions: [}", r"genie\.yaml:2: "),
        (
            "title: T\ndescription: D\ninstructions: []\nquestions: []\ntables: []\ntitel: T\n",
            r"genie\.yaml:6: titel is unknown",
        ),
    ],
)
def test_a_genie_space_that_cannot_be_read_says_where(tmp_path: Path, text: str | None, said: str) -> None:
    """Not there, not YAML, or with a key that it does not have."""
    file = tmp_path / "genie.yaml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(DashboardError, match=said):
        genie.read(file)
