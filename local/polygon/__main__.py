"""Runs the server: `python -m local.polygon --help`."""

import argparse
import datetime as dt
import socket
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn

from local.polygon.app import KEY, Settings, build_app
from local.polygon.plans import PLANS
from local.polygon.wire import OpenProtocol


def parser() -> argparse.ArgumentParser:
    """The command line."""
    text = "Serves the Polygon.io REST API on 127.0.0.1 over a simulated US stock market or replayed bars."
    commands = argparse.ArgumentParser(
        "python -m local.polygon", description=text, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    commands.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    commands.add_argument("--port-file", type=Path, help="file to write the port to once requests are taken")
    commands.add_argument("--seed", type=int, default=7, help="what the simulated market grows from")
    commands.add_argument(
        "--today", type=dt.date.fromisoformat, help="the day on which the market is asked, YYYY-MM-DD; else New York's"
    )
    commands.add_argument(
        "--plan",
        choices=PLANS,
        default="advanced",
        help="plan of keys that name none: history, freshness, calls a minute",
    )
    commands.add_argument("--keys", default=KEY, help="known keys: KEY,KEY:plan or a file of such lines")
    commands.add_argument("--no-limits", action="store_true", help="never answer 429 for the plan's calls a minute")
    commands.add_argument("--stocks", type=int, default=11_000, help="stocks that are listed on any simulated day")
    commands.add_argument(
        "--otc", type=int, default=1_000, help="instruments traded over the counter, beside the stocks"
    )
    commands.add_argument("--history", type=Path, help="folder of CSV files to replay instead of a simulated market")
    commands.add_argument("--faults", type=Path, help="YAML or JSON file of faults to play")
    commands.add_argument(
        "--cache", type=Path, help="folder that keeps the whole days once made, for later servers too"
    )
    return commands


def main() -> int:
    """Listens, then serves until it is told to stop."""
    asked = parser().parse_args()
    today = asked.today or dt.datetime.now(ZoneInfo("America/New_York")).date()
    try:
        app = build_app(
            Settings(
                today, asked.seed, PLANS[asked.plan], asked.keys, not asked.no_limits,
                asked.stocks, asked.otc, asked.history, asked.faults, asked.cache,
            )
        )  # fmt: skip
        listener = socket.create_server(("127.0.0.1", asked.port), backlog=512)
    except (OSError, ValueError) as error:
        print(f"local.polygon: {error}", file=sys.stderr)
        return 2
    port = listener.getsockname()[1]
    if asked.port_file:
        partial = asked.port_file.with_suffix(".partial")
        partial.write_text(str(port))
        partial.replace(asked.port_file)
    print(f"Polygon API on http://127.0.0.1:{port}, today is {today}", flush=True)
    config = uvicorn.Config(
        app, http=OpenProtocol, log_level="warning", access_log=False, date_header=False, timeout_graceful_shutdown=2
    )
    uvicorn.Server(config).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
