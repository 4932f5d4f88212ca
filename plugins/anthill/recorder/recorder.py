"""One asset class's stream, recorded until somebody stops it: connections come and go, segments reach bronze once."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import random
import time
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from anthill.bronze import written_once
from anthill.bronze.commits import S3Client
from anthill.bronze.storage import Patience, StorageError
from anthill.landing.commit import Committer
from anthill.recorder.connection import Connection, opened
from anthill.recorder.errors import EvictedError, LeaseLostError, LostError, SpoolFullError
from anthill.recorder.health import Health
from anthill.recorder.lease import Lease
from anthill.recorder.sealed import Sealed, subscriptions
from anthill.recorder.spool import Head, Segment, Spool
from anthill.recorder.stream import Stream

log = logging.getLogger(__name__)


class Timing(msgspec.Struct, frozen=True):
    """How long it waits for what, in seconds."""

    write: float = 1.0  # between two writes to the disk
    silence: float = 60.0  # without a frame while the market is open
    lease: float = 10.0  # between two renewals
    first: float = 1.0  # wait before the next connection, at most; it doubles
    longest: float = 60.0
    quiet: float = 60.0  # a connection that lasted so long was a good one
    handshake: float = 10.0  # for each of its words


TIMING = Timing()


class Store(msgspec.Struct, frozen=True):
    """Where segments go."""

    s3: S3Client
    bucket: str
    run: str
    patience: Patience


class Recorder:
    """Holds the lease, keeps a connection, cuts segments and commits them."""

    def __init__(
        self,
        stream: Stream,
        url: str,
        key: str,
        spool: Spool,
        lease: Lease,
        store: Store,
        timing: Timing = TIMING,
        clock: Callable[[], dt.datetime] | None = None,
    ) -> None:
        self._stream, self._url, self._key = stream, url, key
        self._spool, self._lease, self._store, self._timing = spool, lease, store, timing
        self._clock = clock or lease.now
        self._committer = Committer(store.s3, store.bucket, store.run, store.patience)
        self.health = Health()
        self._stop = asyncio.Event()
        self._ours = asyncio.Event()  # the lease is
        self._ended = asyncio.Event()  # a segment has

    def stop(self) -> None:
        """End the segment, commit it, and let others have the lease."""
        self._stop.set()

    async def run(self) -> None:
        """Record until it is stopped; RefusedError where the source will never let it in."""
        self._ended.set()  # what an earlier process left is committed first
        try:
            async with asyncio.TaskGroup() as group:
                keeping = [group.create_task(self._keep_lease()), group.create_task(self._commit_all())]
                try:
                    await self._keep_connection()
                finally:
                    for task in keeping:
                        task.cancel()
        except* Exception as errors:
            self.health.state, self.health.why = "stopped", str(errors.exceptions[0])
            raise errors.exceptions[0] from None
        finally:
            await self._commit_waiting()
            if self._ours.is_set():
                with contextlib.suppress(StorageError):
                    await asyncio.to_thread(self._lease.release)
            self.health.state = "stopped"

    async def _keep_connection(self) -> None:
        """A connection after the other, with longer waits while none is good."""
        wait = self._timing.first
        while not self._stop.is_set():
            if not self._ours.is_set():
                self.health.state = "waiting"
                await _first_of(self._ours.wait(), self._stop.wait())
                continue
            self.health.state = "connecting"
            began = time.monotonic()
            try:
                async with opened(self._url, self._key, self._stream.channels, self._timing.handshake) as connection:
                    await self._record(connection)
            except (EvictedError, LostError, LeaseLostError, SpoolFullError, OSError) as error:
                self._fault(error)
                self.health.state = "connecting"
                # Who took our place would be closed by us in turn, and we by it.
                patient = isinstance(error, EvictedError | SpoolFullError)
                if time.monotonic() - began > self._timing.quiet:
                    wait = self._timing.first
                pause = self._timing.longest if patient else random.uniform(0, wait)  # noqa: S311 no secret
                wait = min(wait * 2, self._timing.longest)
                await _first_of(self._stop.wait(), asyncio.sleep(pause))

    async def _record(self, connection: Connection) -> None:
        """Write what comes, by segments, until the connection ends or nobody wants it any more."""
        self.health.counts["connections"] += 1
        self.health.state = "recording"
        name = f"{random.getrandbits(32):08x}"
        segment = self._begin(connection, name)
        heard = time.monotonic()
        try:
            while True:
                frames = await connection.take(self._timing.write)
                now = self._clock()
                heard = time.monotonic() if frames else heard
                await self._write(segment, frames, now)
                if self._stop.is_set():
                    return segment.end("stopped", now)
                if not self._ours.is_set():
                    raise LeaseLostError("another recorder has the lease")
                if self._stream.in_session(now) and time.monotonic() - heard > self._timing.silence:
                    raise LostError(f"no frame for {self._timing.silence:.0f} s while the market is open")
                if now >= self._stream.next_cut(segment.head.began):
                    segment.end("rotation", now)
                    self._ended.set()
                    segment = self._begin(connection, name)
        except Exception as error:
            segment.end(str(error), self._clock())
            raise
        finally:
            self._ended.set()

    def _begin(self, connection: Connection, name: str) -> Segment:
        now = self._clock()
        place = self._stream.place(now, name)
        return self._spool.begin(Head(place=place, connection=name, confirmed=connection.confirmed, began=now))

    async def _write(self, segment: Segment, frames: list[bytes], now: dt.datetime) -> None:
        """Bring what was received onto the disk."""
        if frames:
            await asyncio.to_thread(segment.write, frames, now)
            self.health.last_frame = now
            self.health.counts["frames"] += len(frames)
        self.health.spooled = self._spool.held

    async def _keep_lease(self) -> None:
        """Take the lease, and hold it; while S3 is down nobody else can take it either."""
        while True:
            try:
                if self._ours.is_set():
                    await asyncio.to_thread(self._lease.renew)
                elif (held := await asyncio.to_thread(self._lease.take)) is None:
                    self._ours.set()
                else:
                    log.info("%s records until %s: waiting", held.holder, held.until)
            except LeaseLostError as error:
                self._ours.clear()
                self._fault(error)
            except StorageError as error:
                self._fault(error)
            await asyncio.sleep(self._timing.lease)

    async def _commit_all(self) -> None:
        """Commit segments as they end, and those that S3 did not take yet."""
        while True:
            self._ended.clear()
            failed = not await self._commit_waiting()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), self._timing.lease if failed else None)

    async def _commit_waiting(self) -> bool:
        """Commit what has ended, the oldest first; whether S3 took all of it."""
        for head, path in self._spool.waiting():
            sealed = await asyncio.to_thread(Sealed, head, path)
            try:
                if sealed.pages or self._stream.in_session(head.began):
                    await asyncio.to_thread(self._commit, sealed)
            except StorageError as error:
                self._fault(error)
                return False
            finally:
                sealed.close()
            self._spool.forget(path)
            self.health.last_commit = self._clock()
            self.health.counts["segments"] += 1
            self.health.spooled = self._spool.held
        return True

    def _commit(self, sealed: Sealed) -> None:
        key, body = subscriptions(sealed.head)
        written_once.put(self._store.s3, self._store.bucket, key, body, self._store.patience)
        self._committer.commit(sealed.head.place, sealed)

    def _fault(self, error: Exception) -> None:
        self.health.why = str(error)
        self.health.counts["faults"] += 1
        log.warning("%s: %s", self._stream.asset_class, error)


async def _first_of(*waits: Coroutine[Any, Any, Any]) -> None:
    """Wait until one of these is over, and leave the others."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
