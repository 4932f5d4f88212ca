"""The server's parts put together."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from local.polygon import aggregates, reference, status
from local.polygon.api import Api, Handler
from local.polygon.cache import Cache, fingerprint
from local.polygon.history import ReplayedStocks
from local.polygon.market import StockMarket
from local.polygon.plans import PLANS, Gate, Plan, read_keys
from local.polygon.stocks import SimulatedStocks
from local.polygon.wire import Wire

THREADS = 4
KEY = "anthill-local-key"
"""The key that is known when no others are given."""


@dataclass(frozen=True)
class Settings:
    """What a server is started with; `keys` as in `read_keys`, `today` in New York."""

    today: dt.date
    seed: int = 7
    plan: Plan = PLANS["advanced"]
    keys: str = KEY
    limits: bool = True
    stocks: int = 11_000
    otc: int = 1_000
    history: Path | None = None
    faults: Path | None = None
    cache: Path | None = None


def build_app(settings: Settings) -> Wire:
    """The API over the market that the settings describe; `/healthz` stands outside it and needs no key."""
    api = Api(_market(settings), Gate(read_keys(settings.keys, settings.plan), limits=settings.limits), settings.seed)
    routes = [Route(path, api.endpoint(handler)) for path, handler in _handlers(_cache(settings)).items()]
    health = Route("/healthz", lambda request: PlainTextResponse("ok"))
    app = Starlette(routes=[health, *routes], exception_handlers={404: _unknown_path}, lifespan=_few_threads)
    return Wire(app, settings.faults, settings.seed)


def _market(settings: Settings) -> StockMarket:
    if settings.history:
        return ReplayedStocks(settings.history, settings.today)
    return SimulatedStocks(settings.seed, settings.today, stocks=settings.stocks, otc=settings.otc)


def _cache(settings: Settings) -> Cache:
    """Whole days of a simulated market may be kept in a folder; the files behind replayed ones may change."""
    if settings.cache is None or settings.history:
        return Cache(aggregates.CACHE_BYTES)
    name = fingerprint(settings.seed, settings.today, settings.stocks, settings.otc)
    return Cache(aggregates.CACHE_BYTES, settings.cache / name)


def _handlers(cache: Cache) -> dict[str, Handler]:
    ranges = "/v2/aggs/ticker/{ticker}/range/{multiplier}/{timespan}/{from}/{to}"
    bars: dict[str, Handler] = {
        "/v2/aggs/grouped/locale/us/market/stocks/{date}": aggregates.grouped(cache),
        "/v2/aggs/ticker/{ticker}/prev": aggregates.previous,
        ranges: aggregates.bars_in_range,
    }
    return bars | reference.handlers() | status.handlers()


@contextlib.asynccontextmanager
async def _few_threads(app: Starlette) -> AsyncIterator[None]:
    """Handlers only compute: more threads than cores would be no faster, and each keeps memory of its own."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


async def _unknown_path(request: Request, error: Exception) -> Response:
    return PlainTextResponse("404 page not found", 404)
