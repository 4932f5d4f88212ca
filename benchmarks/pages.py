"""Grouped daily pages for measurements, and a server that costs next to nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
import random
import sys

from isal import igzip

ROWS = 11_000


def days(count: int) -> list[dt.date]:
    """So many consecutive weekdays."""
    first = dt.date(2014, 1, 1)
    found = (first + dt.timedelta(days=offset) for offset in range(count * 2 + 7))
    return [day for day in found if day.weekday() < 5][:count]


def document(day: dt.date) -> bytes:
    """The page of a day as the API writes it: about 1.1 MB; the same bytes every time."""
    dice = random.Random(day.toordinal())
    stamp = int(dt.datetime(day.year, day.month, day.day, 20, tzinfo=dt.UTC).timestamp() * 1000)
    rows = ",".join(_row(number, dice.random(), stamp) for number in range(ROWS))
    return (
        f'{{"queryCount":{ROWS},"resultsCount":{ROWS},"adjusted":false,"results":[{rows}],'
        f'"status":"OK","request_id":"{day.toordinal():032x}","count":{ROWS}}}'
    ).encode()


def _row(number: int, chance: float, stamp: int) -> str:
    price = 5 + number % 400 + chance
    volume = int(chance * 9_000_000) + number
    return (
        f'{{"T":"S{number:05d}","v":{volume},"vw":{price:.4f},"o":{price - 0.13:.2f},"c":{price:.2f},'
        f'"h":{price + 0.31:.2f},"l":{price - 0.42:.3f},"t":{stamp},"n":{volume // 97}}}'
    )


def serve(count: int) -> None:
    """Serve the pages on a free port, printed once it listens."""
    answers = {day.isoformat(): _answer(igzip.compress(document(day), compresslevel=3)) for day in days(count)}

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                path = request.split(b" ", 2)[1].partition(b"?")[0].decode()
                writer.write(answers[path.rpartition("/")[2]])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(main())


def _answer(body: bytes) -> bytes:
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
        f"Date: {email.utils.formatdate(usegmt=True)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    serve(int(sys.argv[1]))
