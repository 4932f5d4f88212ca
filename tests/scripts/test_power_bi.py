"""The Power BI project: what its model names is in gold, by a reader of TMDL of its own. Nothing here runs DAX or M."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from anthill.include import include_dir
from anthill.lakehouse import statements
from docs.site import samples
from scripts.power_bi import __main__ as power_bi
from scripts.power_bi.declaration import PowerBiError, Project

MODEL = power_bi.ROOT / "Anthill.SemanticModel/definition"
REPORT = power_bi.ROOT / "Anthill.Report/definition"
OBJECTS = ("database", "model", "table", "column", "measure", "partition", "expression", "relationship", "role", "ref")
# Which types of the Tabular Object Model hold a type of Spark without loss.
HOLDS = {
    "string": {"string"},
    "int64": {"int", "bigint"},
    "double": {"double"},
    "decimal": {"decimal(10,2)"},
    "boolean": {"boolean"},
    "dateTime": {"date", "timestamp"},
}
DIMENSIONS = ("staff", "location", "design", "currency", "counterparty")
FUNCTIONS = {"DISTINCTCOUNT", "SUMX", "FILTER", "RELATED", "IF", "HASONEVALUE", "CALCULATE", "PRODUCTX", "TREATAS"}
FUNCTIONS |= {"VALUES", "AVERAGE", "MIN", "COUNT", "COUNTROWS", "DIVIDE", "ISBLANK", "SUM"}


@dataclass
class Node:
    """An object of TMDL: its kind and name, what is said above it, its properties, its expression, what is in it."""

    kind: str
    name: str
    said: str
    expression: str
    values: dict[str, str] = field(default_factory=dict)
    inside: list[Node] = field(default_factory=list)

    def all(self, kind: str) -> list[Node]:
        """What is in it of a kind."""
        return [each for each in self.inside if each.kind == kind]


def tmdl(text: str) -> list[Node]:
    """The objects of a file: a tab a level, an expression two levels below its object or property."""
    top: list[Node] = []
    open_: list[Node] = []
    said: list[str] = []
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        depth = len(line) - len(line.lstrip("\t"))
        words = line[depth:]
        if not words:
            continue
        assert words == words.strip(), f"a blank stands where a tab or nothing should: {line!r}"
        assert depth <= len(open_), f"a level is left out: {line!r}"
        del open_[depth:]
        if words.startswith("///"):
            said.append(words.removeprefix("///").strip())
            continue
        expression: list[str] = []
        if words.endswith(" ="):
            while at < len(lines) and lines[at].startswith("\t" * (depth + 2)):
                expression.append(lines[at][depth + 2 :])
                at += 1
            assert expression, f"nothing follows {line!r}"
        kind, _, rest = words.partition(" ")
        if kind in OBJECTS:
            name, _, given = rest.partition(" =")
            name = name.strip()
            assert re.fullmatch(r"\w+|'(?:[^']|'')+'|(?:table|role) \w+|", name), f"no name: {line!r}"
            node = Node(kind, name.strip("'"), " ".join(said), "\n".join(expression) or given.strip())
            (open_[-1].inside if open_ else top).append(node)
            open_.append(node)
        else:
            key, _, value = words.partition(":") if ":" in words else words.partition(" =")
            assert open_, f"{key} stands nowhere"
            assert key not in open_[-1].values, f"{key} stands twice"
            open_[-1].values[key.strip()] = "\n".join(expression) or value.strip()
        said = []
    return top


def tables() -> dict[str, Node]:
    """The tables of the model as its files have them."""
    found = [tmdl(file.read_text()) for file in sorted((MODEL / "tables").iterdir())]
    assert all(len(each) == 1 for each in found)
    return {table.name: table for (table,) in found}


def sql_of(table: str) -> Path:
    """The file that makes a table: of the star, or in the folder that its name begins with."""
    folder, _, name = table.partition("_")
    (file,) = (
        file
        for file in (include_dir() / f"sql/gold/star/{table}.sql", include_dir() / f"sql/gold/{folder}/{name}.sql")
        if file.is_file()
    )
    return file


def types_of(table: str) -> dict[str, str]:
    """Its columns with the types that the engine gave; of what no market has, with those that its SQL declares."""
    if sample := samples.read().get(table):
        return sample.types
    folder, _, name = table.partition("_")
    return {column.name: column.type.lower() for column in statements.columns("gold", folder, name)}


def test_it_is_what_the_declarations_give() -> None:
    """Every file, and no other."""
    assert power_bi.main(["--check"]) == 0


def test_what_is_not_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that lacks, and one of what is gone; what Desktop keeps beside it for itself is left alone."""
    assert power_bi.main([], root=tmp_path) == 0
    gone, lacks = tmp_path / "Anthill.Report/definition/gone.json", tmp_path / "Anthill.pbip"
    own = tmp_path / "Anthill.Report/.pbi/localSettings.json"
    own.parent.mkdir()
    own.write_text("{}")
    gone.write_text("{}")
    lacks.unlink()
    assert power_bi.main(["--check"], root=tmp_path) == 1
    told = capsys.readouterr().err
    assert told.startswith("Anthill.pbip, Anthill.Report/definition/gone.json are not of include/power_bi.yaml")
    assert power_bi.main([], root=tmp_path) == 0
    assert (lacks.exists(), gone.exists(), own.exists()) == (True, False, True)


def test_each_column_is_one_of_gold_with_its_type() -> None:
    """By the types that gold had in the engine: every column, in gold's order, with what it says of its unit."""
    for table in tables().values():
        sql, types = sql_of(table.name), types_of(table.name)
        assert table.said
        columns = table.all("column")
        assert [column.values["sourceColumn"] for column in columns] == list(types)
        for column in columns:
            assert column.name == column.values["sourceColumn"]
            assert types[column.name] in HOLDS[column.values["dataType"]]
            assert column.values["summarizeBy"] == "none"
            assert column.said
            if sql.parent.name in ("star", "totesys", "enem"):
                assert f"COMMENT '{column.said}'" in sql.read_text()


def test_each_measure_names_columns_that_exist() -> None:
    """And functions of DAX, closed brackets, and a name that no column of its table has."""
    there = tables()
    columns = {f"{name}[{column.name}]" for name, table in there.items() for column in table.all("column")}
    measures = [(table, measure) for table in there.values() for measure in table.all("measure")]
    assert len({measure.name for _, measure in measures}) == len(measures) > 0
    for table, measure in measures:
        named = {"".join(each) for each in re.findall(r"([\w']+)(\[[^\]]*\])", measure.expression)}
        assert named
        assert named <= columns
        assert set(re.findall(r"\b([A-Z]+)\(", measure.expression)) <= FUNCTIONS
        assert measure.expression.count("(") == measure.expression.count(")")
        assert set(re.findall(r"\b([a-z]\w+)\b(?!\[|\]|\")", measure.expression)) <= there.keys()
        assert measure.name not in [column.name for column in table.all("column")]
        assert measure.said
        assert measure.values["formatString"]


def test_relationships_are_unique_on_the_one_side() -> None:
    """By the key that the table's own SQL declares; of one type on both; never two ways between two tables."""
    there = tables()
    pairs = set()
    for relationship in tmdl((MODEL / "relationships.tmdl").read_text()):
        (many, own), (one, key) = (relationship.values[side].split(".") for side in ("fromColumn", "toColumn"))
        sql = sql_of(one).read_text()
        assert re.search(rf"^-- Key: {key}( \(elsewhere {own}\))?$", sql, re.MULTILINE)
        types = [
            next(column.values["dataType"] for column in there[table].all("column") if column.name == name)
            for table, name in ((many, own), (one, key))
        ]
        assert types[0] == types[1]
        pairs.add((many, one))
    assert pairs == {
        ("fact_daily_price", "dim_date"),
        ("fact_daily_price", "dim_instrument"),
        ("stocks_daily_returns", "dim_date"),
        ("stocks_series_stats", "dim_date"),
        ("enem_scores", "dim_date"),
        *(("totesys_fact_sales_order", f"totesys_dim_{name}") for name in DIMENSIONS),
    }


def test_the_model_names_its_tables_and_who_may_read_them() -> None:
    """Each table and role has a file; a role is a group that may read gold."""
    model, *refs = tmdl((MODEL / "model.tmdl").read_text())
    (database,) = tmdl((MODEL / "database.tmdl").read_text())
    assert int(database.values["compatibilityLevel"]) >= 1567  # from which Power BI takes TMDL
    roles = [tmdl(file.read_text())[0] for file in sorted((MODEL / "roles").iterdir())]
    assert model.kind == "model"
    named = [each.name for each in refs if each.kind == "ref"]
    assert named == [*(f"table {name}" for name in tables()), *(f"role {role.name}" for role in roles)]
    assert [role.name for role in roles] == ["analysts", "data_engineers", "data_scientists"]
    assert {role.values["modelPermission"] for role in roles} == {"read"}


def test_each_table_is_asked_where_it_lies() -> None:
    """By parameters alone: no workspace, warehouse, or token of ours; a view as a view."""
    parameters = {each.name for each in tmdl((MODEL / "expressions.tmdl").read_text())}
    assert parameters == {"Host", "HttpPath", "CatalogName"}
    for table in tables().values():
        (partition,) = table.all("partition")
        assert (partition.expression, partition.values["mode"]) == ("m", "directQuery")
        source = partition.values["source"]
        assert "Databricks.Catalogs(Host, HttpPath, [Catalog=CatalogName, Database=null, " in source
        kind = "View" if "CREATE OR REPLACE VIEW" in sql_of(table.name).read_text() else "Table"
        assert f'[Name="{table.name}", Kind="{kind}"]' in source
        assert re.findall(r'"([^"]+)"', source) == ["Database", "gold", "Schema", table.name, kind]


def test_each_visual_shows_what_the_model_has() -> None:
    """Within its page, over no other; the project leads from one file to the next."""
    there = tables()
    pages = json.loads((REPORT / "pages/pages.json").read_text())
    assert pages["pageOrder"] == ["market", "one_stock", "sales", "scores"]
    for name in pages["pageOrder"]:
        page = json.loads((REPORT / "pages" / name / "page.json").read_text())
        assert page["name"] == name
        covered: list[tuple[int, int, int, int]] = []
        for file in sorted((REPORT / "pages" / name / "visuals").glob("*/visual.json")):
            visual = json.loads(file.read_text())
            assert visual["name"] == file.parent.name
            at = visual["position"]
            right, low = at["x"] + at["width"], at["y"] + at["height"]
            assert min(at["x"], at["y"]) >= 0
            assert right <= page["width"]
            assert low <= page["height"]
            assert not [b for b in covered if b[0] < right and at["x"] < b[2] and b[1] < low and at["y"] < b[3]]
            covered.append((at["x"], at["y"], right, low))
            for role in visual["visual"]["query"]["queryState"].values():
                for shown in role["projections"]:
                    ((kind, what),) = shown["field"].items()
                    table = there[what["Expression"]["SourceRef"]["Entity"]]
                    assert what["Property"] in [each.name for each in table.all(kind.lower())]
    (artifact,) = json.loads((power_bi.ROOT / "Anthill.pbip").read_text())["artifacts"]
    report = power_bi.ROOT / artifact["report"]["path"]
    model = json.loads((report / "definition.pbir").read_text())["datasetReference"]["byPath"]["path"]
    assert (report / model / "definition.pbism").is_file()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("  dim_date,", "  dim_dates,", r"no table of gold is 'dim_dates': "),
        ("[drawdown_252d]", "[drawdown]", r"the measure 'Deepest drawdown' names 'stocks_series_stats\[drawdown\]'"),
        ("measure: Volatility", "measure: Volatilty", r"a lineChart of the page 'One stock' names 'Volatilty'"),
        ("kind: card", "kind: gauge", r"visuals\.2\.kind is 'gauge'"),
        ("says: How", "say: How", r"measures\.1\.say is unknown"),
        ("visuals:", "visual:", r"visuals is missing"),
    ],
)
def test_a_wrong_declaration_is_told(tmp_path: Path, before: str, after: str, told: str) -> None:
    """With file and line, and what was meant."""
    file = tmp_path / "power_bi.yaml"
    file.write_text((include_dir() / "power_bi.yaml").read_text().replace(before, after))
    with pytest.raises(PowerBiError, match=told) as raised:
        Project(file)
    line = next(at for at, text in enumerate(file.read_text().splitlines(), 1) if after in text)
    said = int(str(raised.value).removeprefix(f"{file}:").partition(":")[0])
    # Of a measure's DAX the measure's own line, which is where it begins; of a missing list the file's first.
    assert said == line or after in ("visual:", "[drawdown]")


def test_the_reader_refuses_what_is_no_tmdl() -> None:
    """Else the tests above would prove nothing: blanks for tabs, a level left out, a name of two words."""
    texts = (
        "table a\n  column b\n",
        "table a\n\t\tcolumn b\n",
        "table a b\n",
        "measure a =\n",
        "table a\n\tx: 1\n\tx: 2\n",
    )
    for text in texts:
        with pytest.raises(AssertionError):
            tmdl(text)
