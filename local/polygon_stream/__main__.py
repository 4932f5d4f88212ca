"""Runs the stream of a simulated day: `python -m local.polygon_stream stocks --help`."""

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import signal
import sys
from http import HTTPStatus
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from local import whole_file
from local.polygon.app import KEY, Settings, markets_of
from local.polygon.markets.clock import NEW_YORK
from local.polygon_stream import faults
from local.polygon_stream.exchange import QUIET, Exchange
from local.polygon_stream.minute_bars import CLUSTERS, SimulatedDay
from local.polygon_stream.pace import Pace

LAG = dt.timedelta(seconds=2)
"""How long after a minute its bars are sent."""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    text = "Streams a simulated day over WebSocket: the minute bars that `python -m local.polygon` serves."
    commands = argparse.ArgumentParser(
        "python -m local.polygon_stream", description=text, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    commands.add_argument("cluster", choices=CLUSTERS, help="whose bars are sent, and the path of the address")
    commands.add_argument("--host", default="127.0.0.1", help="address to listen on")
    commands.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    commands.add_argument("--port-file", type=Path, help="file to write the port to once clients are taken")
    commands.add_argument("--seed", type=int, default=7, help="what the simulated market grows from")
    commands.add_argument("--day", type=dt.date.fromisoformat, required=True, help="the market day, YYYY-MM-DD")
    commands.add_argument("--from", dest="first", type=dt.time.fromisoformat, help="HH:MM in New York; else the open")
    commands.add_argument("--speed", type=float, default=1.0, help="how many times as fast the market's clock goes")
    commands.add_argument(
        "--began", type=float, help="when the clock stood at --from, in seconds since 1970: for a process started again"
    )
    commands.add_argument("--wait", action="store_true", help="the clock stands until a client has what it asked for")
    commands.add_argument("--stocks", type=int, default=11_000, help="stocks that are listed, as of the REST side")
    commands.add_argument("--forex", type=int, default=12, help="currency pairs")
    commands.add_argument("--crypto", type=int, default=12, help="pairs of coins")
    commands.add_argument("--indices", type=int, default=12, help="indices")
    commands.add_argument("--tickers", type=int, default=200, help="how many of them are sent, in the list's order")
    commands.add_argument(
        "--keys", default=KEY, help="known keys, with the channels of their plan if not all: KEY,KEY:AM+T"
    )
    commands.add_argument("--faults", type=Path, help="YAML file of faults to play")
    return commands


def keys(text: str, channel: str) -> dict[str, set[str]]:
    """The channels of each key."""
    parts = (entry.partition(":") for entry in text.split(","))
    return {key: set(plan.split("+")) if plan else {channel} for key, _, plan in parts}


def simulated(asked: argparse.Namespace) -> SimulatedDay:
    """The day that is asked for, of the same market as the REST side's."""
    sizes = {"stocks": asked.stocks, "otc": 0, "forex": asked.forex, "crypto": asked.crypto, "indices": asked.indices}
    # Of a day that is over everything is known.
    settings = Settings(today=asked.day + dt.timedelta(days=1), time=dt.time(12), seed=asked.seed, **sizes)
    market = getattr(markets_of(settings), asked.cluster)
    tickers = market.tickers(asked.day, active=True).columns["ticker"][: asked.tickers].tolist()
    return SimulatedDay(CLUSTERS[asked.cluster], market, asked.day, tickers, asked.seed)


async def stream(asked: argparse.Namespace, day: SimulatedDay, script: list[faults.StreamFault]) -> None:
    """Take clients and send each minute behind its end, until a signal comes."""
    opens = dt.datetime.fromtimestamp(day.opens / 1000, dt.UTC)
    first = dt.datetime.combine(asked.day, asked.first, NEW_YORK).astimezone(dt.UTC) if asked.first else opens
    pace = Pace(first, asked.speed, asked.began)
    exchange = Exchange(keys(asked.keys, CLUSTERS[asked.cluster].channel))

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        """What is no stream: how it is, and what time it is."""
        match request.path:
            case "/healthz":
                return connection.respond(HTTPStatus.OK, "ok")
            case "/_clock":
                told = {"now": pace.now.isoformat(), "speed": pace.speed, "began": pace.began}
                return connection.respond(HTTPStatus.OK, json.dumps(told))
            case path if path.strip("/") != asked.cluster:
                return connection.respond(HTTPStatus.NOT_FOUND, f"there is no cluster {path}, but /{asked.cluster}\n")
        return None

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serve(exchange.meet, asked.host, asked.port, process_request=answer, **QUIET) as server:
        port = server.sockets[0].getsockname()[1]
        if asked.port_file:
            whole_file.write(asked.port_file, str(port))
        print(
            f"stream on ws://{asked.host}:{port}/{asked.cluster}, {pace.now:%F %T} UTC, {pace.speed:g} times as fast",
            flush=True,
        )
        playing = asyncio.create_task(play(day, script, exchange, pace, wait=asked.wait))
        playing.add_done_callback(lambda task: task.cancelled() or not task.exception() or stop.set())
        await stop.wait()
        playing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await playing
        await exchange.close(1001, "going away")


async def play(
    day: SimulatedDay, script: list[faults.StreamFault], exchange: Exchange, pace: Pace, *, wait: bool
) -> None:
    """Start the clock, and send what there is to send and to break."""
    if wait:
        await exchange.subscribed()
    pace.start()
    async with asyncio.TaskGroup() as group:
        group.create_task(send(day, exchange, pace))
        group.create_task(faults.play(script, exchange, pace))


async def send(day: SimulatedDay, exchange: Exchange, pace: Pace) -> None:
    """Each minute's bars behind its end; what was over when the clock began is not sent."""
    began = pace.now
    for minute, events in day.minutes():
        moment = dt.datetime.fromtimestamp(minute / 1000 + 60, dt.UTC) + LAG
        if moment >= began:
            await pace.until(moment)
            await exchange.send(events)


def main() -> int:
    """Listen, then stream until it is told to stop."""
    asked = parser().parse_args()
    try:
        script = faults.read(asked.faults) if asked.faults else []
        asyncio.run(stream(asked, simulated(asked), script))
    except (OSError, ValueError) as error:
        print(f"local.polygon_stream: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
