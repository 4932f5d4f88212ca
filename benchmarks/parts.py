"""What each step of landing a grouped day costs by itself, in CPU seconds a GB of JSON: one thread, the best of three.

The HTTP call itself and what 16 threads cost each other are not among them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from isal import igzip

from benchmarks.pages import days, document
from benchmarks.sides import s3_client

DAYS = 8
DATE = "Fri, 06 Jun 2014 22:00:00 GMT"


def measure(s3: Any, bucket: str) -> dict[str, float]:
    """Seconds a GB by step."""
    from anthill.bronze.commits import Place
    from anthill.landing.commit import Committer
    from anthill.landing.content import Content
    from anthill.sources import digest
    from anthill.sources.inflate import inflate
    from anthill.sources.polygon import page
    from anthill.sources.polygon.envelope import parse
    from anthill.sources.polygon.scan import Scanner
    from anthill.sources.polygon.transport import Answer, Limits

    contents = [document(day) for day in days(DAYS)]
    bodies = [bytes(igzip.compress(content, 1)) for content in contents]
    answers = [Answer("http://x", body, content, True, DATE) for body, content in zip(bodies, contents, strict=True)]
    rows = [parse(content, "", "results").rows for content in contents]
    pages = [page.read(answer, "results") for answer in answers]
    raw, limits, puts = sum(map(len, contents)), Limits(), iter(range(10**6))
    committer = Committer(s3, bucket, "benchmark")

    def taken_apart(at: int) -> None:
        scanner = Scanner("results", limits.piece, len)  # type: ignore[arg-type]
        for piece in answers[at].pieces():
            scanner.feed(piece)
        parse(scanner.end(), "", "results", scanner.taken)

    def commit(at: int) -> None:
        day = dt.date(2014, 1, 1) + dt.timedelta(days=next(puts))
        with Content.of([pages[at]]) as content:
            committer.commit(Place("polygon", "stocks", "grouped_daily", str(day)), content)

    def bare_put(at: int) -> None:
        s3.put_object(Bucket=bucket, Key=f"bare/{next(puts)}", Body=bodies[at])

    steps: dict[str, Callable[[int], Any]] = {
        "inflate": lambda at: inflate(bodies[at], limits.whole),
        "take apart, count, check": taken_apart,
        "digest of the rows": lambda at: digest.of_rows(rows[at]),
        "sha256 of the bytes": lambda at: hashlib.sha256(bodies[at]).hexdigest(),
        "file, sha256, conditional PUT": commit,
        "(a bare PUT of the same)": bare_put,
    }
    return {name: _seconds(step) / raw * 1e9 for name, step in steps.items()}


def _seconds(step: Callable[[int], Any]) -> float:
    """CPU seconds of all days."""
    step(0)
    taken = []
    for _ in range(3):
        started = time.process_time()
        for at in range(DAYS):
            step(at)
        taken.append(time.process_time() - started)
    return min(taken)


if __name__ == "__main__":
    print(json.dumps(measure(s3_client(sys.argv[1]), sys.argv[2])))
