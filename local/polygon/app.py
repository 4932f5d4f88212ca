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

from local.polygon.answers import aggregates, index_snapshot, reference, samples, status, stock_snapshot
from local.polygon.answers.api import Api, Handler
from local.polygon.answers.cache import Cache, fingerprint
from local.polygon.answers.clock_setting import clock_route
from local.polygon.answers.plans import PLANS, Gate, Plan, read_keys
from local.polygon.currencies.crypto import simulated_crypto
from local.polygon.currencies.forex import PAIRS, simulated_forex
from local.polygon.faults.wire import Wire
from local.polygon.flat_files.bucket import Bucket
from local.polygon.flat_files.files import FlatFiles
from local.polygon.flat_files.keys import KEYS, read_flat_file_keys
from local.polygon.fundamentals import endpoints as fundamental_endpoints
from local.polygon.fundamentals.simulated import SimulatedFundamentals
from local.polygon.markets.clock import Clock
from local.polygon.markets.market import Markets, OptionsMarket, StockMarket, WholeMarket
from local.polygon.options import endpoints as option_endpoints
from local.polygon.options.replayed import ReplayedOptions
from local.polygon.options.simulated import SimulatedOptions
from local.polygon.replayed.csv_rows import Folders
from local.polygon.replayed.pairs import replayed_crypto, replayed_forex
from local.polygon.replayed.stocks import ReplayedStocks
from local.polygon.stocks.index_list import INDICES
from local.polygon.stocks.indices import SimulatedIndices
from local.polygon.stocks.simulated import SimulatedStocks
from local.polygon.ticks import endpoints as tick_endpoints

THREADS = 4
KEY = "anthill-local-key"
"""The key that is known when no others are given."""


@dataclass(frozen=True)
class Settings:
    """What a server is started with; `keys` as in `read_keys`, `today` and `time` in New York."""

    today: dt.date
    time: dt.time | None = None
    seed: int = 7
    plan: Plan = PLANS["advanced"]
    keys: str = KEY
    flat_file_keys: str = KEYS
    limits: bool = True
    stocks: int = 11_000
    otc: int = 1_000
    underlyings: int = 56
    forex: int = len(PAIRS)
    crypto: int = 300
    indices: int = len(INDICES)
    late_trades: bool = False
    ticks: tuple[str, ...] = ()
    history: Folders | None = None
    faults: Path | None = None
    cache: Path | None = None
    samples: tuple[Path, ...] = ()


def build_app(settings: Settings) -> Wire:
    """The API over the markets that the settings describe; `/healthz` and `/_clock` stand outside it."""
    markets, cache = markets_of(settings), _cache(settings)
    api = Api(markets, Gate(read_keys(settings.keys, settings.plan), limits=settings.limits), settings.seed)
    bucket = Bucket(FlatFiles(markets, cache), read_flat_file_keys(settings.flat_file_keys, settings.plan))
    # What is simulated goes before a sample, which stands still.
    handlers = [*_handlers(cache).items(), *samples.handlers(settings.samples).items()]
    routes = [Route(path, api.endpoint(handler)) for path, handler in handlers] + bucket.routes()
    health = Route("/healthz", lambda request: PlainTextResponse("ok"))
    outside = [health, clock_route(markets.clock, markets.stocks.sessions)]
    app = Starlette(routes=[*outside, *routes], exception_handlers={404: _unknown_path}, lifespan=_few_threads)
    return Wire(app, settings.faults, settings.seed, markets.clock)


def markets_of(settings: Settings) -> Markets:
    """All markets, simulated or replayed, under a clock that stands where the settings say."""
    clock = Clock(settings.today)
    if settings.time:
        clock.set(settings.today, settings.time)
    stocks = _stocks(settings, clock)
    forex, crypto = _pairs(settings, clock)
    # Indices are values of the simulated market: replayed stocks have none.
    count = 0 if settings.history else settings.indices
    indices = SimulatedIndices(settings.seed, clock, stocks.sessions, count)
    options = _options(settings, clock, stocks)
    fundamentals = SimulatedFundamentals(stocks) if isinstance(stocks, SimulatedStocks) else None
    return Markets(clock, stocks, forex, crypto, indices, options, fundamentals, settings.ticks)


def _stocks(settings: Settings, clock: Clock) -> StockMarket:
    if settings.history:
        return ReplayedStocks(settings.history, clock)
    sizes = {"stocks": settings.stocks, "otc": settings.otc}
    return SimulatedStocks(settings.seed, clock, **sizes, late_trades=settings.late_trades)


def _options(settings: Settings, clock: Clock, stocks: StockMarket) -> OptionsMarket:
    if isinstance(stocks, SimulatedStocks):
        return SimulatedOptions(stocks, clock, settings.underlyings)
    return ReplayedOptions(settings.history or (), clock, stocks.sessions)


def _pairs(settings: Settings, clock: Clock) -> tuple[WholeMarket, WholeMarket]:
    if settings.history:
        return replayed_forex(settings.history, clock), replayed_crypto(settings.history, clock)
    forex = simulated_forex(settings.seed, clock, settings.forex)
    return forex, simulated_crypto(settings.seed, clock, settings.crypto)


def _cache(settings: Settings) -> Cache:
    """Whole days of a simulated market may be kept in a folder; the files behind replayed ones may change."""
    if settings.cache is None or settings.history:
        return Cache(aggregates.CACHE_BYTES)
    sizes = (settings.stocks, settings.otc, settings.underlyings, settings.forex, settings.crypto, settings.indices)
    name = fingerprint(settings.seed, settings.today, settings.late_trades, *sizes)
    return Cache(aggregates.CACHE_BYTES, settings.cache / name)


def _handlers(cache: Cache) -> dict[str, Handler]:
    whole = "/v2/aggs/grouped/locale/{}/market/{}/{{date}}"
    ranges = "/v2/aggs/ticker/{ticker}/range/{multiplier}/{timespan}/{from}/{to}"
    bars: dict[str, Handler] = {
        whole.format("us", "stocks"): aggregates.grouped(cache, lambda markets: markets.stocks),
        whole.format("global", "fx"): aggregates.grouped(cache, lambda markets: markets.forex),
        whole.format("global", "crypto"): aggregates.grouped(cache, lambda markets: markets.crypto),
        "/v2/aggs/ticker/{ticker}/prev": aggregates.previous,
        ranges: aggregates.bars_in_range,
    }
    return (
        bars
        | reference.handlers()
        | fundamental_endpoints.handlers()
        | option_endpoints.handlers()
        | status.handlers()
        | stock_snapshot.handlers()
        | index_snapshot.handlers()
        | tick_endpoints.handlers()
    )


@contextlib.asynccontextmanager
async def _few_threads(app: Starlette) -> AsyncIterator[None]:
    """Handlers only compute: more threads than cores would be no faster, and each keeps memory of its own."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


async def _unknown_path(request: Request, error: Exception) -> Response:
    path = request.url.path
    told = f"404 page not found: nothing here simulates {path}, and there is no sample of it. `anthill sample {path}`"
    return PlainTextResponse(f"{told} keeps one with your key; local/README.md says how to write one by hand.", 404)
