"""What is played on connections at moments of the market: a file of entries, each a time in New York and one fault."""

import asyncio
import datetime as dt
from pathlib import Path

import msgspec

from local.polygon.markets.clock import NEW_YORK
from local.polygon_stream.exchange import Exchange
from local.polygon_stream.pace import Pace


class StreamFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of: a close with its code (1006: cut without a word), a frame as it is, a large one, silence for a while."""

    at: dt.time  # HH:MM:SS
    close: int | None = None
    status: str = ""  # is sent before the close
    reason: str = ""
    frame: str | None = None
    mib: int = 0  # a frame of so many, of an event that nobody knows
    silent: dt.timedelta | None = None
    deaf: bool = False  # a silence in which not even pings are answered

    def __post_init__(self) -> None:
        """Exactly one of them."""
        given = (self.close is not None, self.frame is not None, self.mib > 0, self.silent is not None)
        if sum(given) != 1:
            raise ValueError("a fault is one of close, frame, mib and silent")


def read(file: Path) -> list[StreamFault]:
    """The faults of a YAML file, in the order of their times; ValueError names the entry that is none."""
    try:
        found = msgspec.yaml.decode(file.read_bytes(), type=list[StreamFault])
    except msgspec.DecodeError as error:
        raise ValueError(f"{file}: {error}") from error
    return sorted(found, key=lambda fault: fault.at)


async def play(faults: list[StreamFault], exchange: Exchange, pace: Pace) -> None:
    """Each at its moment, or once a client is there to meet it; those that were over at the beginning are left out."""
    day, began = pace.first.astimezone(NEW_YORK).date(), pace.now
    for fault in faults:
        moment = dt.datetime.combine(day, fault.at, NEW_YORK)
        if moment < began:
            continue
        await pace.until(moment)
        await exchange.subscribed()
        if fault.close is not None:
            await exchange.close(fault.close, fault.reason, fault.status)
        elif fault.silent is not None:
            exchange.hush(deaf=fault.deaf)
            await asyncio.sleep(fault.silent.total_seconds() / pace.speed)
            exchange.speak()
        else:
            await exchange.raw(fault.frame if fault.frame is not None else _large(fault.mib))


def _large(mib: int) -> str:
    return f'[{{"ev":"UNKNOWN","text":"{"x" * (mib << 20)}"}}]'
