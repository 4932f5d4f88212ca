"""Landings killed at each step and at random moments, and many at once: one whole commit in the end."""

from __future__ import annotations

import gzip
import itertools
import json
import random
import threading
import time
from typing import Any

from anthill import catalog
from anthill.bronze.commits import newest_revisions, read_commit
from tests.scripted_server import Asked, Chain, Reply, ScriptedServer

from .s3_faults import Fault, S3Proxy
from .workers import DAY, Workers

PAGES = [[{"ticker": f"T{number}-{row}", "split_to": row} for row in range(50)] for number in range(6)]


def rows_in(s3: Any, bucket: str) -> list[Any]:
    """Every row of the day's newest revision; there is one object only, and its metadata tells the truth."""
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    assert keys == list(newest_revisions(s3, bucket, catalog.load("stocks").datasets["splits"], str(DAY)).values())
    (key,) = keys
    lines = gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read()).splitlines()
    rows = [row for line in lines for row in json.loads(line)["results"]]
    commit = read_commit(s3, bucket, key)
    assert (commit.rows, commit.pages) == (len(rows), len(lines))
    return rows


def is_empty(s3: Any, bucket: str) -> bool:
    """Whether nothing at all was left in the bucket."""
    return "Contents" not in s3.list_objects_v2(Bucket=bucket) and not s3.list_multipart_uploads(Bucket=bucket).get(
        "Uploads"
    )


class Pausing(Chain):
    """A chain that stops at a page until it is told to go on."""

    def pause_at(self, number: int) -> threading.Event:
        """Stop at a page once; the event is set when it is asked for."""
        self.number, self.reached, self.go_on = number, threading.Event(), threading.Event()
        return self.reached

    def __call__(self, asked: Asked) -> Reply:
        """Answer, after the pause."""
        if asked.params.get("cursor", "0") == str(self.number):
            self.reached.set()
            self.go_on.wait()
        return super().__call__(asked)


def test_killed_while_fetching(workers: Workers, s3: Any, s3_url: str, bucket: str) -> None:
    """At every page: nothing is left, and the retry lands all."""
    script = Pausing(PAGES)
    with ScriptedServer(script) as server:
        script.base = lambda: server.url
        for number in range(len(PAGES)):
            reached = script.pause_at(number)
            pid = workers.start(server.url, s3_url, bucket)
            reached.wait()
            assert workers.kill(pid)
            script.go_on.set()
            assert is_empty(s3, bucket)
        script.number = -1
        workers.start(server.url, s3_url, bucket)
        assert workers.result() == {"outcome": "landed", "rows": 300}
    assert rows_in(s3, bucket) == script.rows


def test_killed_around_the_put(workers: Workers, s3: Any, s3_url: str, bucket: str) -> None:
    """Before it is applied nothing is there; after it, the day is whole and the retry finds it."""
    script = Chain(PAGES)
    reached = threading.Event()

    def before(method: str, path: str) -> None:
        if method == "PUT":
            reached.set()

    with ScriptedServer(script) as server, S3Proxy(s3_url, before=before) as proxy:
        script.base = lambda: server.url
        proxy.faults["PUT"] = [Fault(hang=600), Fault(applied=True, hang=600)]
        pid = workers.start(server.url, proxy.url, bucket)
        reached.wait()
        assert workers.kill(pid)
        assert is_empty(s3, bucket)
        reached.clear()
        pid = workers.start(server.url, proxy.url, bucket)
        reached.wait()
        while is_empty(s3, bucket):
            time.sleep(0.02)
        assert workers.kill(pid)
        assert rows_in(s3, bucket) == script.rows
        workers.start(server.url, proxy.url, bucket, "retry")
        assert workers.result() == {"outcome": "unchanged", "rows": 300}
    assert rows_in(s3, bucket) == script.rows


def test_killed_at_twenty_random_moments(workers: Workers, s3: Any, s3_url: str, bucket: str) -> None:
    """Whenever it dies, the bucket holds nothing or the whole day."""
    dice = random.Random(20140606)
    script, calls, reached = Chain(PAGES), itertools.count(1), threading.Event()
    last = 0

    def count(*_: str) -> None:
        if next(calls) == last:
            reached.set()

    def answer(asked: Asked) -> Reply:
        count()
        return script(asked)

    with ScriptedServer(answer) as server, S3Proxy(s3_url, before=count) as proxy:
        script.base = lambda: server.url
        workers.start(server.url, proxy.url, bucket)
        assert workers.result()["outcome"] == "landed"
        requests = next(calls) - 1
        assert requests > len(PAGES)
        key = newest_revisions(s3, bucket, catalog.load("stocks").datasets["splits"], str(DAY))[""]
        interrupted = 0
        for _ in range(20):
            s3.delete_object(Bucket=bucket, Key=key)
            calls, last = itertools.count(1), dice.randint(1, requests)
            reached.clear()
            pid = workers.start(server.url, proxy.url, bucket)
            reached.wait()
            time.sleep(dice.uniform(0, 0.005))  # somewhere between this request and the next
            interrupted += workers.kill(pid)
            assert is_empty(s3, bucket) or rows_in(s3, bucket) == script.rows
        assert interrupted > 5
        while not workers._results.empty():
            workers.result()
        workers.start(server.url, proxy.url, bucket, "retry")
        assert workers.result()["outcome"] in {"landed", "unchanged"}
    assert rows_in(s3, bucket) == script.rows


def test_eight_processes_at_once(workers: Workers, s3: Any, s3_url: str, bucket: str) -> None:
    """They all PUT together; one lands, seven find it."""
    script = Chain(PAGES)
    together = threading.Barrier(8)
    with ScriptedServer(script) as server, S3Proxy(s3_url) as proxy:
        script.base = lambda: server.url
        proxy.before = lambda method, path: together.wait() if method == "PUT" else None
        for number in range(8):
            workers.start(server.url, proxy.url, bucket, f"run{number}")
        outcomes = sorted(workers.result()["outcome"] for _ in range(8))
    assert outcomes == ["landed"] + ["unchanged"] * 7
    assert rows_in(s3, bucket) == script.rows
