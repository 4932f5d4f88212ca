"""`anthill record`: the service that keeps what a stream sends."""

from __future__ import annotations

import datetime as dt
import platform
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anthill.cli.session import fail

if TYPE_CHECKING:
    from anthill.recorder.recorder import Recorder

STREAM = "wss://socket.massive.com"


def record(
    asset_class: Annotated[str, typer.Argument(help="Whose cluster is listened to, such as stocks.")],
    channel: Annotated[list[str], typer.Option(help="A channel, such as 'AM.*' or T.AAPL; once for each.")],
    bronze: Annotated[str, typer.Option(envvar="ANTHILL_BRONZE_BUCKET", help="Bucket that segments land in.")],
    documents: Annotated[str, typer.Option(envvar="ANTHILL_DOCUMENTS_BUCKET", help="Bucket that has the lease.")],
    key: Annotated[
        str, typer.Option(envvar="POLYGON_API_KEY", help="Your API key; it is in no file.", show_default=False)
    ] = "",
    url: Annotated[str, typer.Option(envvar="ANTHILL_STREAM", help="Address of the stream, without cluster.")] = STREAM,
    name: Annotated[str, typer.Option(help="Dataset that the segments are of.")] = "minute_stream",
    minutes: Annotated[int, typer.Option(min=1, max=5, help="Longest segment.")] = 5,
    holder: Annotated[str, typer.Option(help="Name that a restart takes its lease back under.")] = platform.node(),
    spool: Annotated[Path, typer.Option(help="Folder of what S3 does not have yet.")] = Path("var/recorder"),
    spool_mib: Annotated[int, typer.Option(min=1, help="The most it may hold.")] = 10_240,
    host: Annotated[str, typer.Option(help="Address that /health and /metrics listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Their port; 0 takes a free one.")] = 8796,
    endpoint: Annotated[str, typer.Option(envvar="AWS_ENDPOINT_URL", help="Address of an S3 that is not AWS's.")] = "",
) -> None:
    """Record a stream until it is stopped.

    Frames are kept as they come, on the disk within a second and in bronze by segments; the next start commits what a
    killed one left. One recorder an asset class: another one waits for its turn. A wrong key or a channel that the plan
    does not have ends it at once, with 1.

    Example: anthill record stocks --channel 'AM.*' --bronze my-bronze --documents my-documents
    """
    import asyncio

    import boto3

    from anthill import catalog
    from anthill.bronze.storage import Patience, client_config
    from anthill.recorder.errors import RecorderError
    from anthill.recorder.lease import Lease
    from anthill.recorder.recorder import Recorder, Store
    from anthill.recorder.spool import Spool
    from anthill.recorder.stream import Stream

    if not key:
        fail("There is no key: set POLYGON_API_KEY")
    calendar = catalog.load(asset_class).calendar
    stream = Stream(asset_class, name, calendar, tuple(channel), dt.timedelta(minutes=minutes))
    s3 = boto3.client("s3", endpoint_url=endpoint or None, config=client_config(4, 1))
    try:
        kept = Spool(spool / asset_class, spool_mib << 20)
        store = Store(s3, bronze, f"recorder {holder}", Patience(tries=4))
        lease = Lease(s3, documents, asset_class, holder)
        asyncio.run(_serve(Recorder(stream, f"{url}/{asset_class}", key, kept, lease, store), host, port))
    except RecorderError as error:
        fail(str(error))


async def _serve(recorder: Recorder, host: str, port: int) -> None:
    """Record, and tell how it is, until a signal comes."""
    import asyncio

    from aiohttp import web

    from anthill.recorder.health import site

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, recorder.stop)
    runner = web.AppRunner(site(recorder.health), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        typer.echo(f"How it is: http://{host}:{runner.addresses[0][1]}/health", err=True)
        await recorder.run()
    finally:
        await runner.cleanup()
