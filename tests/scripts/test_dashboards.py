"""What the bundle deploys of the dashboards: all that is named is there, and nobody reads with another's rights."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from anthill.include import include_dir
from scripts import dashboards, validation

BUNDLE = Path(__file__).parents[2] / "databricks"
FILES = sorted((BUNDLE / "dashboards").glob("*.lvdash.json"))
RESOURCES = msgspec.yaml.decode((BUNDLE / dashboards.RESOURCES).read_text())["resources"]


def widgets(file: Path) -> Iterator[dict[str, Any]]:
    """Each widget of a file, with its position."""
    for page in json.loads(file.read_text())["pages"]:
        yield from page["layout"]


def named(node: Any, key: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Every value of a key anywhere in a tree, with the object that it stands in."""
    if isinstance(node, dict):
        if key in node:
            yield node[key], node
        for each in node.values():
            yield from named(each, key)
    elif isinstance(node, list):
        for each in node:
            yield from named(each, key)


def test_a_file_for_each_dashboard() -> None:
    """As many as there are folders, each deployed as a resource, and as include/dashboards says."""
    folders = sorted(each.name for each in (include_dir() / "dashboards").iterdir() if each.is_dir())
    assert [file.name.partition(".")[0] for file in FILES] == folders == sorted(RESOURCES["dashboards"])
    assert dashboards.main(["--check"]) == 0


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_is_named_is_there(file: Path) -> None:
    """A query's dataset, an encoding's query and field; a widget that names what is not there renders blank."""
    datasets = [each["name"] for each in json.loads(file.read_text())["datasets"]]
    assert len(set(datasets)) == len(datasets)
    names = [each["widget"]["name"] for each in widgets(file)]
    assert len(set(names)) == len(names)
    for each in widgets(file):
        widget = each["widget"]
        queries = {query["name"]: query["query"] for query in widget["queries"]}
        assert {query["datasetName"] for query in queries.values()} <= set(datasets)
        given = {name: {field["name"] for field in query["fields"]} for name, query in queries.items()}
        shown = list(named(widget["spec"]["encodings"], "fieldName"))
        assert shown
        for field, encoding in shown:
            assert field in given[encoding.get("queryName", "main_query")]
        for query in queries.values():
            assert all(field["expression"] == f"`{field['name']}`" for field in query["fields"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_grid_holds_each_widget_once(file: Path) -> None:
    """Six columns, no cell of which two widgets cover."""
    covered: set[tuple[int, int]] = set()
    for each in widgets(file):
        place = each["position"]
        assert place["x"] >= 0
        assert place["width"] >= 1
        assert place["x"] + place["width"] <= 6
        cells = {
            (place["x"] + across, place["y"] + down)
            for across in range(place["width"])
            for down in range(place["height"])
        }
        assert not cells & covered
        covered |= cells


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_one_file_serves_every_environment(file: Path) -> None:
    """No query names a catalog of ours: the resource gives it."""
    for dataset in json.loads(file.read_text())["datasets"]:
        sql = "".join(dataset["queryLines"])
        tables = re.findall(r"\b(?:FROM|JOIN) (\w+(?:\.\w+)+)", sql)
        assert tables
        assert {table.split(".")[0] for table in tables} <= {"gold", "quality", "system"}
    for resource in RESOURCES["dashboards"].values():
        assert (resource["dataset_catalog"], resource["dataset_schema"]) == ("${var.catalog}", "gold")


def test_nobody_reads_with_the_rights_of_who_published() -> None:
    """It is written down, since the default is the other way; and a file is not synced beside its resource."""
    excluded = msgspec.yaml.decode((BUNDLE / "databricks.yml").read_text())["sync"]["exclude"]
    for resource in RESOURCES["dashboards"].values():
        assert resource["embed_credentials"] is False
        file = (BUNDLE / "resources" / resource["file_path"]).resolve()
        assert any(fnmatch.fnmatch(str(file.relative_to(BUNDLE)), pattern) for pattern in excluded)
        assert {each["group_name"] for each in resource["permissions"]} <= {"analysts", "data_scientists"}


@pytest.mark.parametrize("name", sorted(file.stem for file in (include_dir() / "genie").iterdir()))
def test_a_genie_space_is_one_that_the_api_takes(name: str) -> None:
    """Ids of 32 hexadecimal digits, each once, lists in their order, tables with the environment's catalog."""
    body = RESOURCES["genie_spaces"][name]["serialized_space"]
    entries = [*body["config"]["sample_questions"], *body["instructions"]["example_question_sqls"]]
    ids = [each["id"] for each in (*entries, *body["instructions"]["text_instructions"])]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)
    for entries in (body["config"]["sample_questions"], body["instructions"]["example_question_sqls"]):
        assert [each["id"] for each in entries] == sorted(each["id"] for each in entries)
    tables = [each["identifier"] for each in body["data_sources"]["tables"]]
    assert tables == sorted(tables)
    assert len(tables) <= 30
    for each in body["instructions"]["example_question_sqls"]:
        assert set(re.findall(r"\b(?:FROM|JOIN) (\S+\.\S+\.\w+)", "".join(each["sql"]))) <= set(tables)
        assert not re.search(r"\b(FROM|JOIN) gold\.", "".join(each["sql"]))


def test_what_is_not_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that lacks, and one whose dashboard is gone."""
    (tmp_path / "resources").mkdir()
    assert dashboards.main([], root=tmp_path) == 0
    (tmp_path / "dashboards/gone.lvdash.json").write_text("{}")
    (tmp_path / "dashboards/options.lvdash.json").unlink()
    assert dashboards.main(["--check"], root=tmp_path) == 1
    told = capsys.readouterr().err
    assert "dashboards/options.lvdash.json, dashboards/gone.lvdash.json are not of include/dashboards" in told
    assert dashboards.main([], root=tmp_path) == 0
    assert not (tmp_path / "dashboards/gone.lvdash.json").exists()


@pytest.mark.skipif("ANTHILL_PACKAGES" not in os.environ, reason="installs lsql: `make test-packages` runs it")
def test_the_vendors_model_takes_each_file(tmp_path: Path) -> None:
    """The model of lsql knows each widget and its version. Its sqlglot and ours exclude each other."""
    program = (
        "import json, sys\n"
        "from databricks.labs.lsql.lakeview.model import Dashboard\n"
        "for file in sys.argv[1:]:\n"
        "    made = Dashboard.from_dict(json.load(open(file))).as_dict()\n"
        "    print(sum(len(page['layout']) for page in made['pages']))\n"
    )
    command = [os.environ["UV"], "run", "--no-project", "--isolated", "--python", sys.executable, "--quiet"]
    command += ["--with", "databricks-labs-lsql==0.17.0", "python", "-c", program, *map(str, FILES)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert list(map(int, done.stdout.split())) == [len(list(widgets(file))) for file in FILES]


def test_the_bundle_is_one_that_the_cli_takes() -> None:
    """Without a workspace, as `make lint` looks at it."""
    assert list(validation.problems(given=validation.variables())) == []
