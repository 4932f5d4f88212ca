"""`anthill`: market days seen and filled from a terminal, on a local stack or an Amazon MWAA environment alike."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from anthill.cli.access import access
from anthill.cli.airflow import AirflowError
from anthill.cli.as_of import as_of
from anthill.cli.backfill import backfill, land
from anthill.cli.check import check
from anthill.cli.coverage import coverage, gaps
from anthill.cli.doctor import doctor
from anthill.cli.drop import drop
from anthill.cli.export import export
from anthill.cli.minutes import minutes
from anthill.cli.record import record
from anthill.cli.sample import sample
from anthill.cli.session import LOCAL, Session, tell
from anthill.cli.trace import trace
from anthill.cli.version import show

_HELP = """See which market days are landed, fill what is missing, ask whether the platform is well, export tables, and
trace a number to its source.

Without options it speaks to the stack that `make up` starts. For an Airflow elsewhere set ANTHILL_URL and ANTHILL_TOKEN
(or ANTHILL_USER and ANTHILL_PASSWORD). For Amazon MWAA set ANTHILL_MWAA to the environment's name: your AWS credentials
must allow airflow:InvokeRestApi and airflow:GetEnvironment on it, and s3:GetObject and s3:ListBucket on bronze.

Begin with `anthill doctor`, then `anthill coverage`, then `anthill gaps`. Every command takes --help; --json before the
command answers for scripts. `anthill --install-completion` teaches your shell."""

app = typer.Typer(help=_HELP, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
_COMMANDS = (coverage, gaps, minutes, backfill, land, as_of, check, doctor, drop, export, sample, record, trace, access)
for command in _COMMANDS:
    app.command()(command)


@app.callback()
def options(
    context: typer.Context,
    url: Annotated[str, typer.Option(envvar="ANTHILL_URL", help="Address of a plain Airflow.")] = LOCAL,
    mwaa: Annotated[str, typer.Option(envvar="ANTHILL_MWAA", help="Name of an Amazon MWAA environment, instead.")] = "",
    region: Annotated[
        str, typer.Option(envvar="AWS_REGION", help="Its region, where AWS's own settings do not say.")
    ] = "",
    token: Annotated[
        str, typer.Option(envvar="ANTHILL_TOKEN", help="A token of a plain Airflow.", show_default=False)
    ] = "",
    user: Annotated[str, typer.Option(envvar="ANTHILL_USER", help="A user of a plain Airflow.")] = "",
    password: Annotated[
        str, typer.Option(envvar="ANTHILL_PASSWORD", help="The user's password.", show_default=False)
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=show, is_eager=True, help="Say which version this is, and end.")
    ] = False,
) -> None:
    """Keep what the options say for the command."""
    context.obj = Session(url, mwaa, region, token, user, password, as_json)


def main() -> None:
    """Run; what a person can mend ends with a message instead of a traceback."""
    try:
        app()
    except Exception as error:
        if not isinstance(error, AirflowError) and not isinstance(error, _others()):
            raise
        tell(str(error))
        sys.exit(1)


def _others() -> tuple[type[Exception], ...]:
    """The other errors whose message says what to do; what raises them is not loaded before it is needed."""
    from anthill.backfill.plan import PlanError
    from anthill.bronze.storage import StorageError
    from anthill.catalog import DeclarationError
    from anthill.drops.errors import DropError
    from anthill.export.errors import ExportError
    from anthill.lineage.question import TraceError
    from anthill.warehouse.errors import QueryError

    return DeclarationError, DropError, ExportError, PlanError, QueryError, StorageError, TraceError


if __name__ == "__main__":
    main()
