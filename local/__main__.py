"""`python -m local`: the platform on one machine; `make help` lists the same as targets."""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from local import notebooks, signals, sources, whole_file
from local.polygon.replayed.csv_rows import folders
from local.stack import PARTS, ROOT, Options, Stack

VAR = ROOT / "var"
CURRENT = VAR / "current"
LAST_DAY = dt.date(2026, 7, 2)  # the fixed day that the demo ends with; the day after, US markets are closed
UI_PORT = 8080


def main() -> None:
    """Take the command, and end with a message instead of a traceback where a person can mend it."""
    from anthill.export.errors import ExportError
    from anthill.warehouse.errors import QueryError
    from local.airflow_api import AirflowError
    from local.demo import DemoError
    from local.service import ServiceError

    signals.install()
    arguments = parser().parse_args()
    try:
        arguments.run(arguments)
    except (AirflowError, DemoError, ExportError, QueryError, ServiceError) as error:
        from anthill.cli.terminal import shown

        sys.exit(shown(f"\n{arguments.command} failed: {error}"))


def parser() -> argparse.ArgumentParser:
    """The command line."""
    from local.sql import FORMATS

    top = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    top.add_argument(
        "--history",
        type=folders,
        default=(),
        help="replay real bars from the CSV files in these folders, parted by commas",
    )
    top.add_argument("--port", type=int, default=0, help="the UI's port (up: 8080, demo: a free one)")
    commands = top.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="take the last market days through Airflow to gold, and report the result")
    demo.add_argument("--from", dest="first", type=dt.date.fromisoformat, help="first day (YYYY-MM-DD)")
    demo.add_argument("--to", dest="last", type=dt.date.fromisoformat, default=LAST_DAY, help=f"last day ({LAST_DAY})")
    demo.add_argument("--days", type=int, default=3, help="how many market days, where --from is not given (3)")
    demo.add_argument(
        "--asset-classes",
        default="all",
        help=f"separated by commas; all that have market days (all); beside them {', '.join(sources.names())}",
    )
    demo.add_argument("--stream", action="store_true", help="record a part of the last day of crypto as a stream, too")
    demo.set_defaults(run=run_demo)
    up = commands.add_parser("up", help="start the whole stack and leave it running")
    up.add_argument(
        "--sources", default="", help=f"beside the market, separated by commas: {', '.join(sources.names())}"
    )
    up.set_defaults(run=run_up)
    commands.add_parser("down", help="stop what up started").set_defaults(run=run_down)
    sql = commands.add_parser("sql", help="query silver and gold")
    sql.add_argument("--query", help="one query; without it a prompt")
    sql.add_argument("--format", choices=FORMATS, default="table")
    sql.add_argument("--out", default="", help="a file for the answer, instead of the terminal")
    sql.set_defaults(run=run_sql)
    return top


def run_demo(arguments: argparse.Namespace) -> None:
    """The main job."""
    from anthill import catalog
    from local import main_job
    from local.polygon_stream import recorded

    declared = catalog.with_past()
    asked = declared if arguments.asset_classes == "all" else arguments.asset_classes.split(",")
    refuse_unknown("ASSETS", asked, [*declared, *sources.names()])
    markets = [name for name in asked if name in declared]
    if arguments.stream and recorded.NAME not in markets:
        sys.exit(f"STREAM=1 records {recorded.NAME}: name it in ASSETS, too.")
    stack = stack_of(arguments, served=[name for name in asked if name not in declared])
    remember(arguments)
    out = VAR / "demo"
    main_job.run(stack, markets, arguments.first, arguments.last, arguments.days, out, stream=arguments.stream)


def run_up(arguments: argparse.Namespace) -> None:
    """Start the stack and leave it."""
    from local import demo, first_look

    served = arguments.sources.split(",") if arguments.sources else []
    refuse_unknown("SOURCES", served, sources.names())
    stack = stack_of(arguments, port=arguments.port or UI_PORT, served=served)
    remember(arguments)
    with stack.lock():
        if stack.up():
            print(f"The stack is already running. `make down` stops it.\n{stack.describe()}")
            return
        if served and stack.answers(PARTS):
            sys.exit(f"The stack runs without all of {', '.join(served)}: `make down` stops it, then start it again.")
        print(f"Starting the local stack in {stack.home} …")
        stack.start()
        try:
            first = first_look.land(stack)
        except BaseException:
            stack.stop()
            raise
        demo.tell(f"{stack.describe()}\n\n{first_look.text(stack, first)}\n`make down` stops it.")


def run_down(arguments: argparse.Namespace) -> None:
    """Stop every stack under var/."""
    stopped = False
    for home in homes():
        stack = Stack(Options(home))
        if names := stack.left():
            print(f"Stopping {', '.join(names)} ({home}) …")
            stack.stop()
            stopped = True
    print("The stack has stopped." if stopped else "Nothing was running.")


def run_sql(arguments: argparse.Namespace) -> None:
    """Answer one query, or prompt for them."""
    from local import sql

    if not arguments.history and CURRENT.exists() and (last := CURRENT.read_text()):
        arguments.history = folders(last)
    sql.run(stack_of(arguments), arguments.query, arguments.format, arguments.out)


def refuse_unknown(variable: str, asked: Sequence[str], known: Sequence[str]) -> None:
    """End with those that there are, where others are asked for."""
    if unknown := set(asked) - set(known):
        sys.exit(f"{variable}={','.join(asked)}: {', '.join(sorted(unknown))} is none of {', '.join(known)}")


def stack_of(arguments: argparse.Namespace, port: int = 0, served: Sequence[str] = ()) -> Stack:
    """The stack over the home of the market that is asked for: real bars and simulated ones never mix.

    Beside it `served` sources; where the stack stays, their DAGs run by their timetables.
    """
    history = tuple(folder.resolve() for folder in arguments.history)
    for folder in history:
        if not folder.is_dir():
            wanted = (
                "give one with stocks_daily.csv, and others with what is laid over it (see local/polygon/README.md)"
            )
            sys.exit(f"HISTORY has {folder}, which is no folder: {wanted}")
    names = "-".join(folder.name for folder in history)
    name = "history-" + re.sub(r"[^A-Za-z0-9]+", "-", names) if history else "simulated"
    today = str(getattr(arguments, "last", LAST_DAY) + dt.timedelta(days=1))  # flat files come a day later
    home, port = VAR / name, port or arguments.port
    live = bool(served) and arguments.command == "up"
    return Stack(
        Options(
            home,
            history=history,
            port=port,
            today=today,
            schedule=live,
            sources=tuple(served),
            notebooks=notebooks.python(),
        )
    )


def remember(arguments: argparse.Namespace) -> None:
    """Which market was run last: `make sql` asks that one."""
    whole_file.write(CURRENT, ",".join(str(folder.resolve()) for folder in arguments.history))


def homes() -> list[Path]:
    """Every stack's home under var/."""
    return sorted(path.parent for path in VAR.glob("*/run"))


if __name__ == "__main__":
    main()
