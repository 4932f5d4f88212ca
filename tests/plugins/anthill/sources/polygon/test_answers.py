"""Answers that have come in place of a page, over real HTTP into bronze: each has the end that answers.yaml says."""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import gzip
import json
import logging
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from anthill.backfill.land_chunk import Chunk, land_chunk
from anthill.intervals import market_day, of_days
from anthill.landing.commit import Committer
from anthill.landing.land import land
from anthill.sources import errors
from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.declaration import PolygonDataset
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Limits, Transport
from tests.plugins.anthill.landing.conftest import bucket, s3, s3_url
from tests.scripted_server import Asked, Reply, ScriptedServer, page

__all__ = ["bucket", "s3", "s3_url"]

KNOWN = msgspec.yaml.decode(Path(__file__).with_name("answers.yaml").read_text())
ANSWERS = {answer["name"]: answer for answer in KNOWN["answers"]}
DAY = dt.date(2024, 5, 14)
AT = market_day("XNYS", DAY)
DATE = "Thu, 16 May 2024 02:05:00 GMT"
KEY = "KEY-marked-77a0"
BARS = PolygonDataset(
    "bars", ("T",), {"T": "t"}, path="/v2/{market_date}", asset_class="stocks", source="polygon", name="bars"
)
PLAN = errors.NotEntitledError | errors.OutsideHistoryError


def of(end: str, *, alone: bool = True) -> list[str]:
    """The names of the answers with an end, for one day alone or for several."""
    return [
        name for name, answer in ANSWERS.items() if answer["end"].startswith(end) and ("days" not in answer) == alone
    ]


class Server(ScriptedServer):
    """Gives an answer so many times, to a day, and the good one otherwise; what it dripped never ends."""

    def __init__(self, answer: dict[str, Any], times: int) -> None:
        super().__init__(self.reply)
        self.answer, self.times = answer, times

    def reply(self, asked: Asked) -> Reply:
        """The answer, the good page, or the second one."""
        if asked.params.get("cursor") == "2":
            return self.of({"body": KNOWN["second"]})
        if len(self.asked) <= self.times and ("days" not in self.answer or asked.path.endswith(str(DAY))):
            return self.of(self.answer)
        return self.of({"body": KNOWN["good"]})

    def of(self, answer: dict[str, Any]) -> Reply:
        """An answer's bytes."""
        body = self.body(answer)
        ahead = email.utils.formatdate(time.time() + 3600 * answer["ahead"], usegmt=True) if "ahead" in answer else DATE
        headers = {
            "Date": ahead,
            "Content-Type": answer.get("type", "application/json"),
            "Content-Length": len(body),
            **answer.get("headers", {}),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value is not None)
        head = f"{answer.get('hints', '')}HTTP/1.1 {answer.get('status', 200)} X\r\n{self.filled(lines)}"
        if "drip" in answer:
            return Reply((answer.get("hints") or head).encode(), end="drip")
        return Reply(f"{head}\r\n".encode() + body, "close" if answer.get("close") else "keep")

    def body(self, answer: dict[str, Any]) -> bytes:
        """The bytes of an answer's body."""
        if "latin" in answer:
            return str(answer["latin"]).encode("latin-1")
        if "nested" in answer:
            deep = "[" * answer["nested"] + "]" * answer["nested"]
            return f'{{"status":"OK","resultsCount":2,"results":[{{"T":"AA","x":{deep}}},{{"T":"BB"}}]}}'.encode()
        text = self.filled(answer.get("body", KNOWN["good"]))
        if "next_url" in answer:
            link = answer["next_url"]
            text = json.dumps({**json.loads(text), "next_url": self.filled(link) if isinstance(link, str) else link})
        body = gzip.compress(text.encode(), mtime=0) if answer.get("packed") else text.encode()
        return body[: len(body) - answer.get("cut", 0)]

    def filled(self, text: str) -> str:
        """A text with its places filled."""
        for name in ("good", "rows"):
            text = text.replace(f"{{{name}}}", KNOWN[name])
        return text.replace("{base}", self.url).replace("{key}", KEY)

    def _serve(self, connection: Any, stream: Any) -> None:
        outer = self

        class Dripping:
            """A connection that goes on after a drip's first bytes."""

            def sendall(self, data: bytes) -> None:
                connection.sendall(data)
                with contextlib.suppress(OSError):
                    while outer.answer.get("drip") and len(outer.asked) <= outer.times and not outer._stop.wait(0.02):
                        connection.sendall(outer.answer["drip"].encode())

            def __getattr__(self, name: str) -> Any:
                return getattr(connection, name)

        super()._serve(Dripping(), stream)  # type: ignore[arg-type]


def source(server: Server, patience: float) -> PolygonSource:
    """The API, tried again for so many seconds."""
    limits = Limits(read=20, total=0.3 if "drip" in server.answer else 60)
    waits = Patience(total=patience, first=0.001, longest=0.01, rate_limited=0.01)
    return PolygonSource(Client(Transport(server.url, KEY, limits), Gate(0), waits))


def bronze(s3: Any, bucket: str) -> list[bytes]:
    """The content of every object."""
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    return [gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]


def is_silent(error: BaseException, caplog: pytest.LogCaptureFixture) -> bool:
    """Whether the key is nowhere in what was told."""
    return KEY not in f"{error} {error!r} {error.__cause__!r} {error.__context__!r} {caplog.text}"


@pytest.mark.parametrize("name", of("rows"))
def test_what_is_a_page_is_landed(s3: Any, bucket: str, name: str) -> None:
    """With one call, its bytes as received, all of its rows counted."""
    answer = ANSWERS[name]
    with Server(answer, times=1000) as server:
        landed = land(source(server, 600), Committer(s3, bucket, "run"), BARS, AT)
        pages = [server.body(answer)] + ([KNOWN["second"].encode()] if "next_url" in answer else [])
        assert len(server.asked) == len(pages)
    assert (landed.outcome, f"rows {landed.rows}") == ("landed", answer["end"])
    assert bronze(s3, bucket) == [b"\n".join(pages)]


@pytest.mark.parametrize("name", of("again"))
def test_what_passes_is_asked_again(s3: Any, bucket: str, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Once it has passed the day has its rows; where it stays nothing is landed, and the error speaks of no plan."""
    caplog.set_level(logging.DEBUG)
    answer = ANSWERS[name]
    with Server(answer, times=1000) as server:
        with pytest.raises(
            errors.PassingError, match=r"stocks\.bars on 2024-05-14: .* after \d+ tries \[GET "
        ) as caught:
            land(source(server, answer.get("patience", 0.1)), Committer(s3, bucket, "run"), BARS, AT)
        assert len(server.asked) == caught.value.tries > 1
    assert is_silent(caught.value, caplog)
    assert "plan" not in caught.value.advice
    assert bronze(s3, bucket) == []
    with Server(answer, times=1) as server:
        landed = land(source(server, 600), Committer(s3, bucket, "run"), BARS, AT)
        assert len(server.asked) == 2 or "drip" in answer  # whose time is too short for a busy machine
        assert bronze(s3, bucket) == [server.body({})]
    assert landed.rows == 2


@pytest.mark.parametrize("name", [*of("task"), *of("final"), *of("plan")])
def test_what_does_not_pass_ends_at_once(s3: Any, bucket: str, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is landed; the kind of error tells whether the task's retry may help, and whether it is the plan."""
    caplog.set_level(logging.DEBUG)
    answer = ANSWERS[name]
    with Server(answer, times=1000) as server:
        with pytest.raises(errors.SourceError, match=r"stocks\.bars on 2024-05-14") as caught:
            land(source(server, 600), Committer(s3, bucket, "run"), BARS, AT)
        assert len({asked.target for asked in server.asked}) == len(server.asked) <= 2
    assert isinstance(caught.value, errors.FatalError) == (answer["end"] in {"final", "plan"})
    assert isinstance(caught.value, PLAN) == (answer["end"] == "plan")
    assert is_silent(caught.value, caplog)
    assert bronze(s3, bucket) == []


@pytest.mark.parametrize("name", of("", alone=False))
def test_the_first_of_several_days_speaks_for_itself(s3: Any, bucket: str, name: str) -> None:
    """The others are landed, and it is the plan's only where the API said so."""
    answer = ANSWERS[name]
    days = [DAY + dt.timedelta(days=number) for number in range(answer["days"])]
    with Server(answer, times=1000) as server:
        chunk: Chunk = land_chunk(
            source(server, 0.1), Committer(s3, bucket, "run"), [(BARS, of_days("XNYS", days))], lambda *_: None
        )
    assert (chunk.landed, chunk.rows) == (len(days) - 1, answer["rows"])
    assert [(each.market_date_to, each.days, each.plan) for each in chunk.refused] == [
        (DAY, 1, answer["end"] == "plan")
    ]


class Late(ScriptedServer):
    """Gives an early hint first; from then on each call over that connection gets the answer of the call before."""

    def __init__(self) -> None:
        super().__init__(self.reply)
        self.of_connection = threading.local()

    def _serve(self, connection: Any, stream: Any) -> None:
        self.of_connection.answers = []
        super()._serve(connection, stream)

    def reply(self, asked: Asked) -> Reply:
        """The oldest answer that this connection has not had."""
        answers: list[Reply] = self.of_connection.answers
        answers.append(page({"status": "OK", "results": [{"T": asked.path[-2:]}]}))
        return Reply(b"HTTP/1.1 103 Early Hints\r\n\r\n") if len(self.asked) == 1 else answers.pop(0)


def test_an_answer_that_comes_late_is_not_that_of_another_call(s3: Any, bucket: str) -> None:
    """Behind an early hint the connection is given up, and each day has its own rows."""
    with Late() as server:
        api = PolygonSource(Client(Transport(server.url, KEY), Gate(0), Patience(600, 0.001, 0.01)))
        for day in ("14", "15", "16"):
            land(api, Committer(s3, bucket, "run"), BARS, market_day("XNYS", dt.date(2024, 5, int(day))))
    assert [json.loads(content)["results"][0]["T"] for content in bronze(s3, bucket)] == ["14", "15", "16"]
