"""Where silver's data come from, told to Unity Catalog: the source's dataset → its folder in bronze → its table.

The first two lie outside the catalog, so each is an external metadata object, with the catalog's name before its own:
they lie above all catalogs. What somebody else has told of lineage is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from anthill import catalog as declarations
from anthill.bronze.commits import dataset_folder
from anthill.dataset import Dataset
from anthill.governance import refusals
from anthill.governance.listing import everything
from anthill.governance.permissions import READERS, Api
from anthill.governance.refusals import RefusedError
from anthill.governance.tried import tried

_AT = "2.0/lineage-tracking"
_OURS = {"written_by": "anthill governance"}  # a property of what is written here, and may be changed and removed here
_SAID = ("system_type", "entity_type", "url", "description", "properties")
End = tuple[str, str]  # table or external_metadata, and its name
Edge = tuple[End, End]


class NotGrantedError(RuntimeError):
    """The metastore's admin has not let the pipeline tell Unity Catalog of what lies outside."""


class Done(msgspec.Struct):
    """How much was written, how much was as declared already, what waits for its table, what was refused."""

    made: int = 0
    changed: int = 0
    removed: int = 0
    kept: int = 0
    absent: int = 0
    refused: list[RefusedError] = []


class ExternalLineage:
    """That of every declared dataset of a catalog."""

    def __init__(
        self, hook: Api, catalog: str, bucket_of: Callable[[Dataset], str], datasets: Iterable[Dataset]
    ) -> None:
        self._hook, self._catalog = hook, catalog
        self._objects: dict[str, Mapping[str, Any]] = {}
        self._edges: list[Edge] = []
        for dataset in datasets:
            self._declare(dataset, bucket_of(dataset))

    def _declare(self, dataset: Dataset, bucket: str) -> None:
        source = self._name(f"{dataset.source}__{dataset.table}")
        bronze = self._name(f"bronze__{dataset.table}")
        properties = {**_OURS, "dataset": f"{dataset.asset_class}.{dataset.name}"}
        self._objects[source] = {
            "system_type": "OTHER",
            "entity_type": "Dataset of an API",
            "description": dataset.description,
            "properties": {**properties, "source": dataset.source, "endpoint": dataset.endpoint},
        }
        self._objects[bronze] = {
            "system_type": "OTHER",
            "entity_type": "Folder in S3",
            "url": f"s3://{bucket}/{dataset_folder(dataset)}",
            "description": f"Answers of {dataset.source} as they were received: {dataset.description}",
            "properties": properties,
        }
        outside = ("external_metadata", source), ("external_metadata", bronze)
        self._edges += [outside, (outside[1], ("table", f"{self._catalog}.silver.{dataset.table}".lower()))]

    def _name(self, name: str) -> str:
        return f"{self._catalog}__{name}".lower()  # as Unity Catalog keeps it

    def apply(self) -> Done:
        """Tell what is not told yet, correct what is told otherwise, take back what is no longer declared."""
        done = Done()
        held = {str(told["name"]): told for told in self._listed() if self._is_of_catalog(told)}
        edges = self._held_edges([name for name in held if name in self._objects or _is_ours(held[name])])
        tables = self._tables()
        wanted = [edge for edge in self._edges if edge[1][0] != "table" or edge[1][1] in tables]
        done.absent = len(self._edges) - len(wanted)
        for edge in sorted(edge for edge, ours in edges.items() if ours and edge not in self._edges):
            done.removed += self._write(done, _told(edge), "DELETE", f"external-lineage?{_flat(edge)}")
        for name in sorted(name for name in held if name not in self._objects and _is_ours(held[name])):
            done.removed += self._write(done, name, "DELETE", f"external-metadata/{quote(name, safe='')}")
        for name, said in self._objects.items():
            self._tell(done, name, said, held.get(name))
        for edge in wanted:
            if edge in edges:
                done.kept += 1
            else:
                done.made += self._write(done, _told(edge), "POST", "external-lineage", _relationship(edge))
        return done

    def _listed(self) -> list[dict[str, Any]]:
        return everything(self._hook, "external-metadata", "external_metadata", at=_AT)

    def _is_of_catalog(self, told: Mapping[str, Any]) -> bool:
        return str(told["name"]).startswith(self._name(""))

    def _held_edges(self, names: Sequence[str]) -> dict[Edge, bool]:
        """What is told to come of these objects, and whether it was told here."""
        with ThreadPoolExecutor(READERS) as pool:
            return {edge: ours for found in pool.map(self._downstream, names) for edge, ours in found}

    def _downstream(self, name: str) -> list[tuple[Edge, bool]]:
        asked = {"object_info.external_metadata.name": name, "lineage_direction": "DOWNSTREAM"}
        found = everything(self._hook, "external-lineage", "external_lineage_relationships", at=_AT, **asked)
        told = [each["external_lineage_info"] for each in found]
        return [((_end(each["source"]), _end(each["target"])), _is_ours(each)) for each in told]

    def _tables(self) -> set[str]:
        """The tables of silver that there are."""
        asked = {"catalog_name": self._catalog, "schema_name": "silver", "omit_columns": "true"}
        try:
            return {str(each["full_name"]).lower() for each in everything(self._hook, "tables", **asked)}
        except Exception as error:
            if refusals.is_not_there(error):
                return set()
            raise

    def _tell(self, done: Done, name: str, said: Mapping[str, Any], held: Mapping[str, Any] | None) -> None:
        if held is None:
            done.made += self._write(done, name, "POST", "external-metadata", {"name": name, **said})
        elif other := [field for field in _SAID if (held.get(field) or None) != said.get(field)]:
            path = f"external-metadata/{quote(name, safe='')}?update_mask={','.join(other)}"
            done.changed += self._write(done, name, "PATCH", path, {"name": name, **said})
        else:
            done.kept += 1

    def _write(self, done: Done, what: str, method: str, path: str, body: dict[str, Any] | None = None) -> bool:
        """Whether it was written; what was refused is kept, and the rest goes on."""
        refused = tried(what, (), lambda: self._hook._do_api_call((method, f"{_AT}/{path}"), body))
        if refused and (method, path) == ("POST", "external-metadata") and refusals.is_denied(refused[0]):
            raise NotGrantedError(refused[0].why)
        done.refused += refused
        return not refused


def declared() -> Iterator[Dataset]:
    """Every dataset of every asset class."""
    for name in declarations.asset_classes():
        yield from declarations.load(name).datasets.values()


def _is_ours(told: Mapping[str, Any]) -> bool:
    return _OURS.items() <= (told.get("properties") or {}).items()


def _end(told: Mapping[str, Any]) -> End:
    ((kind, named),) = ((kind, named) for kind, named in told.items() if named)
    return kind, str(named.get("name") or named.get("url")).lower()


def _relationship(edge: Edge) -> dict[str, Any]:
    source, target = ({kind: {"name": name}} for kind, name in edge)
    return {"source": source, "target": target, "properties": _OURS}


def _flat(edge: Edge) -> str:
    """A relationship as a query tells it."""
    ends = zip(("source", "target"), edge, strict=True)
    return urlencode({f"external_lineage_relationship.{end}.{kind}.name": name for end, (kind, name) in ends})


def _told(edge: Edge) -> str:
    return f"lineage of {edge[0][1]} to {edge[1][1]}"
