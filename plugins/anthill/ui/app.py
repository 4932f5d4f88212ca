"""The coverage page and what it asks: a FastAPI app beside Airflow's, behind Airflow's own sign-in."""
# FastAPI reads these annotations at run time: no `from __future__ import annotations`.

import datetime as dt
import logging
from pathlib import Path
from typing import Any

import msgspec
from fastapi import Body, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from anthill import settings
from anthill.bronze.storage import StorageError
from anthill.catalog import DeclarationError
from anthill.coverage import activity, cost, minutes, view
from anthill.coverage.freshness import freshness
from anthill.lineage.question import TraceError
from anthill.sources import kinds
from anthill.ui import traced
from anthill.ui.bounded import Bounded
from anthill.ui.index import reader
from anthill.ui.viewer import BACKFILL, ViewerDep
from anthill.warehouse.errors import QueryError

log = logging.getLogger(__name__)

STATIC = Path(__file__).with_name("static")
_YEARS = 6  # at most, of one view
_LARGEST = 1024 * 1024  # bytes of a request's body: a form that names every other day of all datasets has half of it
_SAFE = {
    # Nothing from other hosts, and in no frame but Airflow's own.
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
# Its own pages of documentation would answer anybody, and take files from other hosts.
app = FastAPI(title="Anthill", docs_url=None, redoc_url=None, openapi_url=None)
app.add_middleware(Bounded, most=_LARGEST)
app.include_router(traced.router)


@app.exception_handler(StarletteHTTPException)
async def refused(request: Request, error: StarletteHTTPException) -> Response:
    """Why not; a person without a session is led to Airflow's sign-in."""
    wants_page = "text/html" in request.headers.get("accept", "")
    if error.status_code in (401, 403) and wants_page:
        return FileResponse(STATIC / "sign-in.html", status_code=error.status_code, headers=_SAFE)
    return _detail(error.status_code, error.detail)


@app.exception_handler(RequestValidationError)
async def odd(_: Request, error: RequestValidationError) -> Response:
    """What of a question is odd; what was given is not said again, since it may be no JSON."""
    problems = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
    return _detail(422, "; ".join(problems))


@app.exception_handler(StorageError)
async def storage(_: Request, error: StorageError) -> Response:
    """S3 did not answer as it should: what it said, and what to do."""
    return _detail(503, str(error))


@app.exception_handler(TraceError)
@app.exception_handler(QueryError)
async def unanswered(_: Request, error: TraceError | QueryError) -> Response:
    """What cannot be traced, or what the warehouse did not answer, and what to do."""
    return _detail(404 if isinstance(error, TraceError) else 502, str(error))


@app.exception_handler(DeclarationError)
async def declaration(_: Request, error: DeclarationError) -> Response:
    """What is declared, or set, is wrong: the file or the option, and what is allowed."""
    return _detail(500, str(error))


@app.get("/coverage")
def page(_: ViewerDep) -> Response:
    """The page."""
    return FileResponse(STATIC / "index.html", headers=_SAFE)


@app.get("/trace")
def trace_page(_: ViewerDep) -> Response:
    """The page behind a cell."""
    return FileResponse(STATIC / "trace.html", headers=_SAFE)


@app.get("/static/{name}")
def static(name: str, _: ViewerDep) -> Response:
    """A file of the page."""
    files = {path.name: path for path in STATIC.iterdir()}
    if name not in files:
        raise HTTPException(404, f"no file {name}")
    return FileResponse(files[name], headers=_SAFE)


@app.get("/api/coverage")
def coverage(viewer: ViewerDep, first: dt.date | None = None, last: dt.date | None = None) -> Response:
    """The heat map from first to last: five years up to now unless told otherwise."""
    now = settings.now()
    last = last or now.date()
    first = first or max(last, dt.date(_YEARS + 1, 1, 1)) - dt.timedelta(days=5 * 366)
    if not dt.timedelta() <= last - first <= dt.timedelta(days=_YEARS * 366):
        raise HTTPException(400, f"first to last must be 0 days to {_YEARS} years, not {first} to {last}")
    found = view.heat_map(reader(), viewer.all(), first, last, now)
    return _json({**msgspec.structs.asdict(found), "may_fill": viewer.may_fill})


@app.get("/api/freshness")
def fresh(viewer: ViewerDep) -> Response:
    """How far each asset class has come."""
    now = settings.now()
    return _json([freshness(reader(), declared, now) for declared in viewer.all()])


@app.get("/api/cell")
def cell(viewer: ViewerDep, asset_class: str, dataset: str, day: dt.date) -> Response:
    """One cell."""
    declared = viewer.declared(asset_class)
    _require(declared.datasets, dataset)
    return _json(view.cell(reader(), declared, declared.datasets[dataset], day, settings.now()))


@app.get("/api/gold")
def gold(viewer: ViewerDep, asset_class: str, table: str, day: dt.date) -> Response:
    """One cell of a gold table."""
    declared = viewer.declared(asset_class)
    if table not in declared.gold:
        raise HTTPException(404, f"no gold table {table!r}; there are {', '.join(declared.gold)}")
    return _json(view.gold_cell(reader(), declared, table, day, settings.now()))


@app.get("/api/minutes")
def by_minute(viewer: ViewerDep, day: dt.date | None = None) -> Response:
    """Every stream's session on a market day, the present one unless told otherwise, by the minute."""
    now = settings.now()
    return _json([found for declared in viewer.all() for found in minutes.of(reader(), declared, day, now)])


@app.get("/api/series")
def series(viewer: ViewerDep, asset_class: str, dataset: str, first: dt.date, last: dt.date) -> Response:
    """Rows of a dataset over time, and the reasons where there are none."""
    declared = viewer.declared(asset_class)
    _require(declared.datasets, dataset)
    years = range(first.year, min(last.year, first.year + _YEARS) + 1)
    return _json(
        view.series(reader().entries(asset_class, {dataset: declared.datasets[dataset]}, years)[dataset], first, last)
    )


@app.get("/api/calls")
def calls(viewer: ViewerDep, days: int = 30) -> Response:
    """How the API was called in the last days, by asset class; these are by the real clock."""
    now = dt.datetime.now(dt.UTC)
    since = now - dt.timedelta(days=min(max(days, 1), 366))
    found = {name: activity.buckets(reader().calls(name, since), since, now) for name in viewer.asset_classes}
    return _json({"per_minute": _rate(settings.POOL), "asset_classes": found})


@app.post("/api/estimate")
def estimate(viewer: ViewerDep, form: dict[str, Any] = Body()) -> Response:  # noqa: B008 FastAPI's way
    """What a backfill of the form costs, and the body that starts it through Airflow's API."""
    from anthill.backfill.form import checked
    from anthill.backfill.plan import PlanError, plan

    try:
        conf = checked(form)
        declared = viewer.declared(conf["asset_class"])
        asked = plan(conf).asked
    except PlanError as error:
        raise HTTPException(422, str(error)) from None
    asked = asked if conf["begin_at"] == "bronze" else {}  # else nothing is fetched
    days = asked if conf["again"] else cost.lacking(reader(), declared, asked)
    found = cost.estimate(reader(), declared, days, _rate(declared.source))
    body = {"dag": BACKFILL, "may_fill": viewer.may_fill, "conf": conf}
    return _json({**msgspec.structs.asdict(found), **body})


def _rate(kind: str) -> int:
    try:
        return kinds.requests_per_minute(kind)
    except Exception as error:  # the page is of use without it: the slowest plan is the safe guess
        log.warning("The connection of %s does not tell its rate: %s", kind, error)
        return 5


def _detail(status: int, text: str) -> Response:
    """A refusal; text that is no UTF-8 is escaped."""
    readable = text.encode("utf-8", "backslashreplace").decode()
    return JSONResponse({"detail": readable}, status_code=status, headers=_SAFE)


def _require(datasets: Any, name: str) -> None:
    if name not in datasets:
        raise HTTPException(404, f"no dataset {name!r}; there are {', '.join(datasets)}")


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json", headers=_SAFE)
