"""Runs the server: `python -m local.polygon --help`."""

import argparse
import datetime as dt
import socket
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn

from local import hosts, whole_file
from local.polygon.answers.plans import PLANS
from local.polygon.answers.samples import BY_HAND, KEPT
from local.polygon.app import KEY, Settings, build_app
from local.polygon.currencies.forex import PAIRS
from local.polygon.faults.wire import OpenProtocol
from local.polygon.flat_files.keys import KEYS
from local.polygon.replayed.csv_rows import folders
from local.polygon.stocks.index_list import INDICES


def parser() -> argparse.ArgumentParser:
    """The command line."""
    text = "Serves the Polygon.io REST API over simulated markets or replayed bars."
    commands = argparse.ArgumentParser(
        "python -m local.polygon", description=text, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    commands.add_argument("--host", default="127.0.0.1", help="address to listen on")
    commands.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    commands.add_argument("--port-file", type=Path, help="file to write the port to once requests are taken")
    commands.add_argument("--seed", type=int, default=7, help="what the simulated market grows from")
    commands.add_argument(
        "--today", type=dt.date.fromisoformat, help="the day on which the market is asked, YYYY-MM-DD; else New York's"
    )
    commands.add_argument(
        "--clock",
        type=dt.time.fromisoformat,
        help="the time of that day, HH:MM in New York; else 18:00. Given, the Date header follows",
    )
    commands.add_argument(
        "--plan",
        choices=PLANS,
        default="advanced",
        help="plan of keys that name none: history, freshness, calls a minute",
    )
    commands.add_argument(
        "--keys", default=KEY, help="known keys: KEY,KEY:plan,KEY:plan:-/path/it/lacks or a file of such lines"
    )
    commands.add_argument(
        "--flat-file-keys",
        default=KEYS,
        help="access keys of the bucket of flat files: ACCESS:SECRET,ACCESS:SECRET:plan",
    )
    commands.add_argument("--no-limits", action="store_true", help="never answer 429 for the plan's calls a minute")
    commands.add_argument("--stocks", type=int, default=11_000, help="stocks that are listed on any simulated day")
    commands.add_argument(
        "--otc", type=int, default=1_000, help="instruments traded over the counter, beside the stocks"
    )
    commands.add_argument("--underlyings", type=int, default=56, help="stocks with options, the notable ones first")
    commands.add_argument("--forex", type=int, default=len(PAIRS), help="currency pairs, the most traded first")
    commands.add_argument("--crypto", type=int, default=300, help="pairs of coins listed in June 2026")
    commands.add_argument("--indices", type=int, default=len(INDICES), help="indices")
    commands.add_argument(
        "--late-trades", action="store_true", help="some bars of stocks are final only three sessions on"
    )
    commands.add_argument(
        "--ticks",
        type=lambda text: tuple(sorted(text.split(","))),
        default=(),
        help="stocks whose trades and quotes are in flat files, parted by commas; by REST are those of all",
    )
    commands.add_argument(
        "--history", type=folders, help="folders of CSV files to replay instead of a simulated market, parted by commas"
    )
    commands.add_argument(
        "--samples",
        type=lambda text: tuple(map(Path, text.split(","))),
        default=(BY_HAND, KEPT),
        help="folders of answers to serve beside the simulated ones, parted by commas; of two of one call the last one",
    )
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
                today=today,
                time=asked.clock,
                seed=asked.seed,
                plan=PLANS[asked.plan],
                keys=asked.keys,
                flat_file_keys=asked.flat_file_keys,
                limits=not asked.no_limits,
                stocks=asked.stocks,
                otc=asked.otc,
                underlyings=asked.underlyings,
                forex=asked.forex,
                crypto=asked.crypto,
                indices=asked.indices,
                late_trades=asked.late_trades,
                ticks=asked.ticks,
                history=asked.history,
                faults=asked.faults,
                cache=asked.cache,
                samples=asked.samples,
            )
        )
        listener = socket.create_server((asked.host, asked.port), backlog=512)
    except (OSError, ValueError) as error:
        print(f"local.polygon: {error}", file=sys.stderr)
        return 2
    port = listener.getsockname()[1]
    if asked.port_file:
        whole_file.write(asked.port_file, str(port))
    print(f"Polygon API on http://{asked.host}:{port}, today is {today}", flush=True)
    config = uvicorn.Config(
        hosts.own(app, asked.host),
        http=OpenProtocol,
        log_level="warning",
        access_log=False,
        date_header=False,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
