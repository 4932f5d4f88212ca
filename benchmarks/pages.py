"""Grouped days and pages of minute bars for measurements, and a server that costs next to nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
import random
import sys
from concurrent.futures import ProcessPoolExecutor

from isal import igzip

ROWS = 11_000  # of a grouped day
BARS = 5_000  # of a page of minute bars
DIFFERENT = 40  # pages of minute bars; each is served for many tickers
MINUTE_DAY = dt.date(2014, 6, 6)


def days(count: int) -> list[dt.date]:
    """So many consecutive weekdays."""
    first = dt.date(2014, 1, 1)
    found = (first + dt.timedelta(days=offset) for offset in range(count * 2 + 7))
    return [day for day in found if day.weekday() < 5][:count]


def tickers(count: int) -> list[str]:
    """So many symbols, each with a page of minute bars."""
    return [f"M{number:05d}" for number in range(count)]


def document(day: dt.date) -> bytes:
    """The page of a day as the API writes it: about 1.1 MB; the same bytes every time."""
    dice = random.Random(day.toordinal())
    stamp = int(dt.datetime(day.year, day.month, day.day, 20, tzinfo=dt.UTC).timestamp() * 1000)
    rows = ",".join(f'{{"T":"S{number:05d}",{_bar(number, dice.random(), stamp)}' for number in range(ROWS))
    return _envelope("", rows, ROWS, day.toordinal())


def minutes(ticker: str) -> bytes:
    """The page of minute bars of a symbol: about 0.5 MB; the same bytes every time."""
    which = int(ticker[1:]) % DIFFERENT
    dice = random.Random(which)
    stamp = int(dt.datetime.combine(MINUTE_DAY, dt.time(13, 30), dt.UTC).timestamp() * 1000)
    rows = ",".join(f"{{{_bar(number + which, dice.random(), stamp + number * 60_000)}" for number in range(BARS))
    return _envelope(f'"ticker":"M{which:05d}",', rows, BARS, which)


def _envelope(head: str, rows: str, count: int, request: int) -> bytes:
    return (
        f'{{{head}"queryCount":{count},"resultsCount":{count},"adjusted":false,"results":[{rows}],'
        f'"status":"OK","request_id":"{request:032x}","count":{count}}}'
    ).encode()


def _bar(number: int, chance: float, stamp: int) -> str:
    price = 5 + number % 400 + chance
    volume = int(chance * 9_000_000) + number
    return (
        f'"v":{volume},"vw":{price:.4f},"o":{price - 0.13:.2f},"c":{price:.2f},'
        f'"h":{price + 0.31:.2f},"l":{price - 0.42:.3f},"t":{stamp},"n":{volume // 97}}}'
    )


def serve(count: int) -> None:
    """Serve so many days, and minutes of any symbol, on a free port, printed once it listens."""
    with ProcessPoolExecutor(2) as pool:
        answers = {str(day): answer for day, answer in zip(days(count), pool.map(_day, days(count)), strict=True)}
        bars = list(pool.map(_minutes, tickers(DIFFERENT)))

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                parts = request.split(b" ", 2)[1].partition(b"?")[0].decode().split("/")
                is_range = parts[3] == "ticker"
                writer.write(bars[int(parts[4][1:]) % DIFFERENT] if is_range else answers[parts[-1]])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(main())


def _day(day: dt.date) -> bytes:
    return _answer(document(day))


def _minutes(ticker: str) -> bytes:
    return _answer(minutes(ticker))


def _answer(content: bytes) -> bytes:
    body = bytes(igzip.compress(content, compresslevel=3))
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
        f"Date: {email.utils.formatdate(usegmt=True)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    serve(int(sys.argv[1]))
