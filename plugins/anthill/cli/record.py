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
    from anthill.recorder.metrics import Metrics
    from anthill.recorder.recorder import Recorder
    from anthill.recorder.stream import Stream

STREAM = "wss://socket.massive.com"


def record(
    asset_class: Annotated[str, typer.Argument(help="Whose cluster is listened to, such as stocks.")],
    bronze: Annotated[str, typer.Option(envvar="ANTHILL_BRONZE_BUCKET", help="Bucket that segments land in.")],
    documents: Annotated[str, typer.Option(envvar="ANTHILL_DOCUMENTS_BUCKET", help="Bucket that has the lease.")],
    key: Annotated[
        str, typer.Option(envvar="POLYGON_API_KEY", help="Your API key; it is in no file.", show_default=False)
    ] = "",
    url: Annotated[str, typer.Option(envvar="ANTHILL_STREAM", help="Address of the stream, without cluster.")] = STREAM,
    name: Annotated[str, typer.Option(help="Stream of include/datasets that the segments are of.")] = "minute_stream",
    channel: Annotated[
        list[str] | None, typer.Option(help="A channel in place of the declared ones, such as T.AAPL; once for each.")
    ] = None,
    minutes: Annotated[int, typer.Option(min=0, max=5, help="Longest segment; 0 is what is declared.")] = 0,
    holder: Annotated[str, typer.Option(help="Name that a restart takes its lease back under.")] = platform.node(),
    spool: Annotated[Path, typer.Option(help="Folder of what S3 does not have yet.")] = Path("var/recorder"),
    spool_mib: Annotated[int, typer.Option(min=1, help="The most it may hold.")] = 10_240,
    host: Annotated[str, typer.Option(help="Address that /health and /metrics listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Their port; 0 takes a free one.")] = 8796,
    emf: Annotated[bool, typer.Option("--emf", help="Write a line a minute for CloudWatch's metrics.")] = False,
    clock: Annotated[str, typer.Option(help="Address of a clock in place of S3's, for a simulated market.")] = "",
    endpoint: Annotated[str, typer.Option(envvar="AWS_ENDPOINT_URL", help="Address of an S3 that is not AWS's.")] = "",
) -> None:
    """Record a stream of include/datasets until it is stopped.

    Frames are kept as they come, on the disk within a second and in bronze by segments; the next start commits what a
    killed one left. One recorder an asset class: another one waits for its turn. A wrong key or a channel that the plan
    does not have ends it at once, with 1.

    Example: anthill record stocks --bronze my-bronze --documents my-documents
    """
    import asyncio

    import boto3

    from anthill.bronze.storage import Patience, client_config
    from anthill.recorder.clock import told_by
    from anthill.recorder.errors import RecorderError
    from anthill.recorder.lease import Lease
    from anthill.recorder.metrics import Metrics
    from anthill.recorder.recorder import TIMING, Recorder, Store
    from anthill.recorder.spool import Spool

    if not key:
        fail("There is no key: set POLYGON_API_KEY")
    stream = _stream(asset_class, name, tuple(channel or ()), minutes)
    s3 = boto3.client("s3", endpoint_url=endpoint or None, config=client_config(4, 1))
    try:
        kept = Spool(spool / asset_class, spool_mib << 20)
        store = Store(s3, bronze, f"recorder {holder}", Patience(tries=4))
        lease = Lease(s3, documents, asset_class, holder)
        market = told_by(clock) if clock else None
        recorder = Recorder(stream, f"{url}/{asset_class}", key, kept, lease, store, TIMING, market)
        asyncio.run(_serve(recorder, Metrics(stream, recorder.health) if emf else None, host, port))
    except RecorderError as error:
        fail(str(error))


def _stream(asset_class: str, name: str, channels: tuple[str, ...], minutes: int) -> Stream:
    """What is declared under the name, with other channels or segments where they are asked for."""
    import msgspec

    from anthill import catalog
    from anthill.recorder.stream import Stream
    from anthill.sources.polygon_stream.declaration import StreamDataset

    try:
        declared = catalog.load(asset_class)
    except catalog.DeclarationError as error:
        fail(str(error))
    found = declared.streams.get(name)
    if not channels and not isinstance(found, StreamDataset):
        known = f"its streams are {', '.join(declared.streams) or 'none'}"
        fail(f"{asset_class} has no stream {name}: {known}. Declare it in include/datasets, or name --channel")
    if isinstance(found, StreamDataset):
        stream = Stream(asset_class, name, declared.calendar, channels or found.subscriptions, found.segment)
    else:
        stream = Stream(asset_class, name, declared.calendar, channels)
    return msgspec.structs.replace(stream, segment=dt.timedelta(minutes=minutes)) if minutes else stream


async def _serve(recorder: Recorder, metrics: Metrics | None, host: str, port: int) -> None:
    """Record, and tell how it is, until a signal comes."""
    import asyncio

    from aiohttp import web

    from anthill.recorder.errors import RefusedError
    from anthill.recorder.health import site

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, recorder.stop)
    runner = web.AppRunner(site(recorder.health), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        typer.echo(f"How it is: http://{host}:{runner.addresses[0][1]}/health", err=True)
        telling = asyncio.create_task(_tell(metrics)) if metrics else None
        try:
            await recorder.run()
        finally:
            if telling:
                telling.cancel()
    except RefusedError:
        if metrics:
            typer.echo(metrics.line(dt.datetime.now(dt.UTC), refused=True))
        raise
    finally:
        await runner.cleanup()


async def _tell(metrics: Metrics) -> None:
    """A line a minute, from the first moment on."""
    import asyncio

    from anthill.recorder.metrics import EVERY

    while True:
        typer.echo(metrics.line(dt.datetime.now(dt.UTC)))
        await asyncio.sleep(EVERY)
