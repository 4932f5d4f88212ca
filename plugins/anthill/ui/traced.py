"""What the page behind a cell asks, and the command line where it has no S3 of its own: where numbers come from."""
# FastAPI reads these annotations at run time: no `from __future__ import annotations`.

import datetime as dt
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, HTTPException, Query, Response

from anthill import catalog
from anthill.bronze.connections import s3_client
from anthill.coverage.reader import THREADS
from anthill.lakehouse import statements
from anthill.lineage.evidence import S3Evidence
from anthill.lineage.question import ask, subject
from anthill.lineage.sources import Sources
from anthill.lineage.trace import trace
from anthill.ui.index import reader
from anthill.ui.viewer import Viewer, ViewerDep
from anthill.warehouse import connection

router = APIRouter(prefix="/api")
_Revisions = Annotated[str, Query(max_length=4096)]
_OURS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}


@router.get("/readers")
def readers(viewer: ViewerDep, asset_class: str, dataset: str) -> Response:
    """The tables of gold that stand on a dataset, with what their rows are about."""
    _dataset(viewer, asset_class, dataset)
    found = [
        {"table": statements.table("gold", owner, name), "subject": subject(declared, name)}
        for owner in viewer.asset_classes
        for declared in [catalog.load(owner)]
        for name in declared.gold
        if (asset_class, dataset) in Sources(declared, name).back
    ]
    return _json(found)


@router.get("/objects")
def objects(viewer: ViewerDep, asset_class: str, dataset: str, day: dt.date, revisions: _Revisions) -> Response:
    """The objects of a market day in these revisions of its shards, read and checked."""
    _dataset(viewer, asset_class, dataset)
    return _json(_evidence().objects(asset_class, dataset, day, _shards(revisions)))


@router.get("/runs")
def runs(viewer: ViewerDep, asset_class: str, since: dt.datetime) -> Response:
    """The Databricks runs that ended since a moment."""
    viewer.declared(asset_class)
    return _json(_evidence().runs(asset_class, since if since.tzinfo else since.replace(tzinfo=dt.UTC)))


@router.get("/trace")
def traced(viewer: ViewerDep, table: str, day: str, ticker: str = "") -> Response:
    """A trace without the values of its rows: the connection reads what the viewer may not be entitled to."""
    question = ask(table, ticker, day)
    viewer.declared(question.declared.asset_class)
    return _json(trace(connection.warehouse(), _evidence(), question).without_values())


def _evidence() -> S3Evidence:
    return S3Evidence(s3_client("aws_default", THREADS), reader())


def _dataset(viewer: Viewer, asset_class: str, name: str) -> None:
    datasets = viewer.declared(asset_class).datasets
    if name not in datasets:
        raise HTTPException(404, f"no dataset {name!r}; there are {', '.join(datasets)}")


def _shards(text: str) -> dict[str, int]:
    try:
        return msgspec.json.decode(text, type=dict[str, Annotated[int, msgspec.Meta(ge=1)]])
    except msgspec.DecodeError as error:
        raise HTTPException(400, f"revisions must be a JSON object of shards and their revisions: {error}") from None


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json", headers=_OURS)
