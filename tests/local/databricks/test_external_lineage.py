"""External metadata and lineage as the vendor's own client asks for them, and what is refused.

What is expected is read off docs.databricks.com ("External lineage": who has to hold what) and the SDK
(service/catalog.py: ExternalMetadataAPI, ExternalLineageAPI, SystemType).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied, ResourceConflict
from databricks.sdk.service import catalog as uc

from local.databricks.external_metadata_api import SYSTEM_TYPES
from tests.local.databricks.workspace import ACCOUNT, Workspace

PIPELINE = ACCOUNT.role("pipeline").name
TABLE = "dev.silver.quotes"
DOWN, UP = uc.LineageDirection.DOWNSTREAM, uc.LineageDirection.UPSTREAM


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A table that the account's admin may read, and not change."""
    running = Workspace(tmp_path_factory.mktemp("lineage")).start()
    assert running.sql(f"CREATE TABLE {TABLE} (n INT) USING delta")["status"]["state"] == "SUCCEEDED"
    may = [{"principal": ACCOUNT.role("terraform").name, "add": ["USE_SCHEMA", "SELECT"]}]
    running.call("PATCH", "2.1/unity-catalog/permissions/schema/dev.silver", changes=may)
    yield running
    running.stop()


def client(workspace: Workspace, role: str = "pipeline") -> WorkspaceClient:
    """The vendor's own client."""
    return WorkspaceClient(host=workspace.url, token=ACCOUNT.role(role).token)


def outside(name: str) -> uc.ExternalLineageObject:
    """An object outside."""
    return uc.ExternalLineageObject(external_metadata=uc.ExternalLineageExternalMetadata(name))


def table(name: str = TABLE) -> uc.ExternalLineageObject:
    """A table."""
    return uc.ExternalLineageObject(table=uc.ExternalLineageTable(name))


def path(url: str = "s3://lake/polygon") -> uc.ExternalLineageObject:
    """A folder."""
    return uc.ExternalLineageObject(path=uc.ExternalLineagePath(url))


def make(workspace: Workspace, name: str, role: str = "pipeline", **more: Any) -> uc.ExternalMetadata:
    """Make an object outside."""
    fields = {"system_type": uc.SystemType.OTHER, "entity_type": "Dataset", **more}
    return client(workspace, role).external_metadata.create_external_metadata(uc.ExternalMetadata(name, **fields))


def relate(
    workspace: Workspace, source: uc.ExternalLineageObject, target: uc.ExternalLineageObject, role: str = "pipeline"
) -> uc.ExternalLineageRelationship:
    """Tell that one comes of the other."""
    asked = uc.CreateRequestExternalLineage(source, target, properties={"by": "tests"})
    return client(workspace, role).external_lineage.create_external_lineage_relationship(asked)


def related(
    workspace: Workspace, thing: uc.ExternalLineageObject, direction: uc.LineageDirection
) -> list[uc.ExternalLineageInfo]:
    """What stands at the other ends, a page each."""
    asked = client(workspace).external_lineage
    return list(asked.list_external_lineage_relationships(thing, direction, page_size=1))


def test_an_object_outside_is_made_read_changed_and_removed(lake: Workspace) -> None:
    """Names are kept in small letters, everybody may read it, a mask says what changes."""
    made = make(lake, "Dev__News", url="https://example.com", properties={"a": "1"}, columns=["id"])
    assert (made.name, made.owner, made.system_type) == ("dev__news", PIPELINE, uc.SystemType.OTHER)
    make(lake, "dev__other")
    readers = client(lake, "analyst").external_metadata
    assert {each.name for each in readers.list_external_metadata(page_size=1)} == {"dev__news", "dev__other"}
    changed = uc.ExternalMetadata("dev__news", uc.SystemType.KAFKA, "Topic", url="https://other.example.com")
    client(lake).external_metadata.update_external_metadata("dev__news", changed, "system_type,url")
    read = readers.get_external_metadata("dev__news")
    assert (read.system_type, read.entity_type, read.url) == (uc.SystemType.KAFKA, "Dataset", changed.url)
    assert (read.properties, read.columns) == ({"a": "1"}, ["id"])
    for name in ("dev__news", "dev__other"):
        client(lake).external_metadata.delete_external_metadata(name)
    assert list(readers.list_external_metadata()) == []
    with pytest.raises(NotFound):
        readers.get_external_metadata("dev__news")


def test_system_types_are_the_vendors() -> None:
    """Each that its client knows, and no other."""
    assert {each.value for each in uc.SystemType} == SYSTEM_TYPES


def test_lineage_is_told_both_ways_and_removed(lake: Workspace) -> None:
    """Source to folder to table, over pages; what is removed with one of its ends is gone as well."""
    make(lake, "feed", system_type=uc.SystemType.KAFKA)
    make(lake, "landed")
    first = relate(lake, outside("feed"), outside("landed"))
    relate(lake, outside("landed"), table())
    relate(lake, path(), outside("landed"))
    (down,) = related(lake, outside("landed"), DOWN)
    assert down.table_info
    assert (down.table_info.catalog_name, down.table_info.schema_name, down.table_info.name) == (
        "dev", "silver", "quotes",
    )  # fmt: skip
    up = related(lake, outside("landed"), UP)
    assert {each.file_info.path for each in up if each.file_info} == {"s3://lake/polygon"}
    (told,) = [each for each in up if each.external_metadata_info]
    assert told.external_metadata_info
    assert told.external_lineage_info
    assert (told.external_metadata_info.name, told.external_metadata_info.system_type) == ("feed", uc.SystemType.KAFKA)
    assert (told.external_lineage_info.id, told.external_lineage_info.properties) == (first.id, {"by": "tests"})
    gone = uc.DeleteRequestExternalLineage(outside("feed"), outside("landed"))
    client(lake).external_lineage.delete_external_lineage_relationship(gone)
    assert related(lake, outside("feed"), DOWN) == []
    with pytest.raises(NotFound):
        client(lake).external_lineage.delete_external_lineage_relationship(gone)
    client(lake).external_metadata.delete_external_metadata("landed")
    assert related(lake, table(), UP) == []


REFUSED: dict[str, tuple[type[Exception], Callable[[Workspace], object]]] = {
    "a name twice": (ResourceConflict, lambda lake: make(lake, "THERE")),
    "a name with a period": (BadRequest, lambda lake: make(lake, "dev.news")),
    "no entity type": (BadRequest, lambda lake: make(lake, "new", entity_type="")),
    "who may make none": (PermissionDenied, lambda lake: make(lake, "new", role="analyst")),
    "a table that is none": (NotFound, lambda lake: relate(lake, outside("there"), table("dev.silver.none"))),
    "an object that is none": (NotFound, lambda lake: relate(lake, outside("none"), table())),
    "an object that is none, asked": (NotFound, lambda lake: related(lake, outside("none"), DOWN)),
    "a table that is none, asked": (NotFound, lambda lake: related(lake, table("dev.silver.none"), UP)),
    "neither end outside": (BadRequest, lambda lake: relate(lake, path(), table())),
    "the same lineage twice": (ResourceConflict, lambda lake: relate(lake, outside("there"), table())),
    "an end that is two": (
        BadRequest,
        lambda lake: relate(lake, outside("there"), uc.ExternalLineageObject(path=path().path, table=table().table)),
    ),
    "who does not own the object": (
        PermissionDenied, lambda lake: relate(lake, table(), outside("there"), role="analyst"),
    ),
    "who may not change the table": (
        PermissionDenied, lambda lake: relate(lake, outside("terraforms"), table(), role="terraform"),
    ),
    "removing what is another's": (
        PermissionDenied,
        lambda lake: client(lake, "analyst").external_metadata.delete_external_metadata("there"),
    ),
    "a mask of what does not change": (
        BadRequest,
        lambda lake: client(lake).external_metadata.update_external_metadata(
            "there", uc.ExternalMetadata("there", uc.SystemType.OTHER, "x"), "owner,name"
        ),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def known(lake: Workspace) -> Workspace:
    """An object with lineage, and one of somebody else."""
    make(lake, "there")
    make(lake, "terraforms", role="terraform")
    relate(lake, outside("there"), table())
    return lake


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused(known: Workspace, what: str) -> None:
    """In the vendor's own classes of errors."""
    error, call = REFUSED[what]
    with pytest.raises(error):
        call(known)


def test_other_system_types_are_refused(known: Workspace) -> None:
    """The client knows no other, so it is sent by hand."""
    at = "2.0/lineage-tracking/external-metadata"
    told = known.call("POST", at, status=400, name="new", system_type="POLYGON", entity_type="Dataset")
    assert told["error_code"] == "INVALID_PARAMETER_VALUE"
    changed = {"system_type": "POLYGON", "entity_type": "x"}
    known.call("PATCH", f"{at}/there?update_mask=system_type", status=400, **changed)
    assert client(known).external_metadata.get_external_metadata("there").system_type == uc.SystemType.OTHER
