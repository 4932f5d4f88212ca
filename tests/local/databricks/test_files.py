"""Files past the tables are read and written by who holds READ FILES and WRITE FILES on their external location.

The words of a refusal: rudderlabs/rudder-server, warehouse/integrations/deltalake (READ FILES on External Location);
outside every location: AbsaOSS/cobrix#665 (SELECT on any file).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from databricks.sdk.errors import PermissionDenied

from tests.local.databricks.test_clients import client
from tests.local.databricks.test_rights import output_of, refusal
from tests.local.databricks.workspace import ACCOUNT, Workspace

NO_READ = "User does not have READ FILES on External Location 'anthill-dev-bronze-polygon'."
NO_WRITE = "User does not have WRITE FILES on External Location 'anthill-dev-bronze-polygon'."
NO_FILE = "User does not have permission SELECT on any file."


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Bronze in a folder, and a folder beside it that is in no location."""
    folder = tmp_path_factory.mktemp("files")
    for name in ("bronze", "beside", "bronze-too"):
        (folder / name).mkdir()
        (folder / name / "a.txt").write_text("landed\n")
    running = Workspace(folder, bronze=f"file://{folder}/bronze").start()
    yield running
    running.stop()


READS = {
    "text": "spark.read.text('{at}/a.txt').collect()",
    "many": "spark.read.text(['{at}/a.txt', '{at}/a.txt']).collect()",
    "binary": "spark.read.format('binaryFile').load('{at}/a.txt').collect()",
    "option": "spark.read.format('text').option('path', '{at}/a.txt').load().collect()",
    "sql": "spark.sql('SELECT * FROM text.`{at}/a.txt`').collect()",
    "view": "spark.sql('CREATE TEMPORARY VIEW v AS SELECT * FROM text.`{at}/a.txt`')",
    "files": "dbutils.fs.head('{at}/a.txt')",
    "list": "dbutils.fs.ls('{at}')",
}


@pytest.mark.parametrize("how", READS)
def test_reading_takes_read_files(lake: Workspace, how: str) -> None:
    """Whichever way a path is named; nothing is read of what lies in no location, or in one of a longer name."""
    for folder, lacking in (("bronze", NO_READ), ("beside", NO_FILE), ("bronze-too", NO_FILE)):
        code = READS[how].format(at=f"file://{lake.folder}/{folder}")
        assert lacking in output_of(lake, lake.notebook(f"reads_{how}", code))["error"]


def test_who_holds_it_reads(lake: Workspace) -> None:
    """The pipeline and engineers, by notebooks and statements."""
    at = f"file://{lake.folder}/bronze/a.txt"
    assert lake.result(lake.notebook("owner", f"dbutils.notebook.exit(spark.read.text('{at}').collect()[0][0])")) == (
        "landed"
    )
    assert refusal(lake, f"SELECT * FROM text.`{at}`", by="data_engineer") == ""
    assert refusal(lake, f"SELECT * FROM text.`{at}`") == NO_READ


@pytest.mark.parametrize(
    "code",
    ["spark.range(1).write.parquet('{at}/new')", "spark.range(1).write.format('delta').save('{at}/new')"],
)
def test_writing_takes_write_files(lake: Workspace, code: str) -> None:
    """Which nobody has on bronze."""
    found = lake.notebook("writes", code.format(at=f"file://{lake.folder}/bronze"))
    assert NO_WRITE in output_of(lake, found)["error"]
    assert not (lake.folder / "bronze/new").exists()


def test_a_table_at_a_path_takes_a_right_on_its_location(lake: Workspace) -> None:
    """CREATE EXTERNAL TABLE, and not CREATE TABLE alone."""
    at = f"file://{lake.folder}/bronze/t"
    lacking = "User does not have CREATE EXTERNAL TABLE on External Location 'anthill-dev-bronze-polygon'."
    for columns in (f"(n INT) USING delta LOCATION '{at}'", f"USING delta LOCATION '{at}' AS SELECT 1 AS n"):
        assert refusal(lake, f"CREATE TABLE dev.gold.outside {columns}", by="pipeline") == lacking


def test_the_grants_of_a_location_are_read_and_given(lake: Workspace) -> None:
    """By its owner, as the SDK asks."""
    held: Any = client(lake, "terraform").grants.get("external_location", "anthill-dev-bronze-polygon")
    names = {each.principal for each in held.privilege_assignments}
    assert names == {ACCOUNT.role("pipeline").name, "data_engineers"}
    with pytest.raises(
        PermissionDenied, match="does not have MANAGE on External Location 'anthill-dev-bronze-polygon'"
    ):
        client(lake, "pipeline").grants.get("external_location", "anthill-dev-bronze-polygon")
