"""What the landing relies on, of every kind of source: whole pages or one error, the same digest, bounded memory."""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
import threading
import tracemalloc
import uuid
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from anthill.bronze.commits import Place
from anthill.dataset import Dataset
from anthill.landing.content import Content
from anthill.sources import kinds
from anthill.sources.errors import SourceError
from anthill.sources.inflate import inflated
from anthill.sources.page import Page
from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Limits, Transport
from anthill.sources.source import Around, Source
from anthill.sources.stored import pieces
from tests.plugins.anthill.landing.conftest import s3_url
from tests.plugins.anthill.landing.s3 import s3_at
from tests.scripted_server import RESET, Asked, Reply, ScriptedServer, error, http, page

if TYPE_CHECKING:
    from local.totesys.server import Server

__all__ = ["s3_url"]

DAY = dt.date(2014, 6, 6)
Batches = Sequence[Sequence[dict[str, Any]]]
FAULTS = ["reset", "short", "gibberish", "refused"]
Opened = Callable[..., Any]  # (batches, fault's place, fault) -> a context that gives a source and its dataset


@contextmanager
def polygon(batches: Batches, at: int | None = None, fault: str = "reset") -> Iterator[tuple[Source, Dataset]]:
    """The API with a page a batch, of which one has a fault each time it is asked for."""
    broken = {
        "reset": RESET,
        "short": http(b'{"status":"OK","results":[{"T', length=4000),
        "gibberish": http(b"<html>"),
        "refused": error(403, {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."}),
    }

    def answer(asked: Asked) -> Reply:
        number = int(asked.params.get("page", 0))
        if number == at:
            return broken[fault]
        more = {"next_url": f"{server.url}/v3/rows?page={number + 1}"} if number + 1 < len(batches) else {}
        return page({"status": "OK", "results": batches[number], **more})

    dataset = kinds.declaration("polygon")(
        "rows", ("id",), {"id": "id"}, path="/v3/rows", source="polygon", asset_class="metals", name="rows"
    )
    with ScriptedServer(answer) as server:
        limits = Limits(memory=1 << 20)
        yield PolygonSource(Client(Transport(server.url, "KEY", limits), Gate(0), Patience(0.2, 0.01, 0.02))), dataset


@contextmanager
def polygon_stream(batches: Batches, at: int | None = None, fault: str = "reset") -> Iterator[tuple[Source, Dataset]]:
    """What the API has of a stream: the same pages, of the dataset that settles it."""
    from anthill.sources.polygon_stream.source import StreamSource

    with polygon(batches, at, fault) as (api, rows):
        assert isinstance(api, PolygonSource)
        dataset = kinds.declaration("polygon_stream")(
            "rows",
            ("id",),
            {"id": "id"},
            channels=("AM",),
            account=rows,
            source="polygon_stream",
            asset_class="metals",
            name="rows",
        )
        yield StreamSource(api), dataset


@contextmanager
def scripted(batches: Batches, at: int | None = None, fault: str = "reset") -> Iterator[tuple[Source, Dataset]]:
    """A script of the same batches."""
    from anthill.sources.scripted.source import ScriptedSource

    def script(_: str) -> Iterator[Any]:
        for number, batch in enumerate(batches):
            yield OSError(fault) if number == at else batch

    dataset = kinds.declaration("scripted")(
        "rows", ("id",), {"id": "id"}, script="rows", source="scripted", asset_class="metals", name="rows"
    )
    yield ScriptedSource(script), dataset


@contextmanager
def postgres(
    batches: Batches, at: int | None = None, fault: str = "reset", *, server: Server
) -> Iterator[tuple[Source, Dataset]]:
    """A table with the rows of all batches, which a fault keeps from being read."""
    from anthill.sources.postgres.source import PostgresSource

    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS rows; CREATE TABLE rows (id text PRIMARY KEY, x text)")
        rows = [(row["id"], row.get("x")) for batch in batches for row in batch]
        cursor.executemany("INSERT INTO rows VALUES (%s, %s)", rows)
    broken = {
        "reset": {"cursor_factory": Ended},
        "short": {"options": "-c statement_timeout=1ms", "cursor_factory": Slow},
        "gibberish": {},
        "refused": {"user": "visitor"},
    }
    types = {"id": "integer" if at is not None and fault == "gibberish" else "text", "x": "text"}
    dataset = kinds.declaration("postgres")(
        "rows", ("id",), types=types, source="postgres", asset_class="metals", name="rows"
    )
    source = PostgresSource(
        lambda: server.connect(**({} if at is None else broken[fault])),
        [dataset],
        "metals_default",
        "postgres://metals",
    )
    with closing(source):
        yield source, dataset


@contextmanager
def files(batches: Batches, at: int | None = None, fault: str = "reset") -> Iterator[tuple[Source, Dataset]]:
    """A table with the rows of all batches, a member of a zip that a fault keeps from being read."""
    from anthill.sources.files.declaration import Edition
    from anthill.sources.files.remote import Remote
    from anthill.sources.files.shelf import Patience as PatienceWithFiles
    from anthill.sources.files.source import FilesSource
    from local.enem.server import FOLDER, Server

    lines = ["id;x", *(f"{row['id']};{row.get('x', '')}" for batch in batches for row in batch)]
    dataset = kinds.declaration("files")(
        "rows",
        ("id",),
        {"id": "id"},
        editions={DAY: Edition(f"{FOLDER}rows.zip", "rows.csv", ("now",))},
        headers={"now": ("id", "x")},
        delimiter=";",
        source="files",
        asset_class="metals",
        name="rows",
    )
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        with zipfile.ZipFile(path := Path(folder) / "rows.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
            zipped.writestr("rows.csv", "\n".join([*lines, ""]))
        match None if at is None else fault:
            case "reset":
                server.drops_after = 10
            case "short":
                os.truncate(path, path.stat().st_size - 10)
            case "gibberish":
                server.closed = True
            case "refused":
                server.status = 403
        patience = PatienceWithFiles(tries=2, first=0.01)
        with closing(FilesSource(Remote(server.url, patience=patience), "metals_default")) as source:
            yield source, dataset


@contextmanager
def drop(
    batches: Batches, at: int | None = None, fault: str = "reset", *, s3_url: str
) -> Iterator[tuple[Source, Dataset]]:
    """A file with the rows of all batches in a bucket, which a fault keeps from being read."""
    from anthill.sources.drop.source import DropSource
    from anthill.sources.files.shelf import Patience as PatienceWithFiles

    body = "\n".join(["id;x", *(f"{row['id']};{row.get('x', '')}" for batch in batches for row in batch), ""]).encode()
    dataset = kinds.declaration("drop")(
        "rows",
        ("id",),
        {"id": "id"},
        headers={"now": ("id", "x")},
        delimiter=";",
        source="drop",
        asset_class="metals",
        name="rows",
    )
    broken = {"short": body[:-1] + b"\xc3", "gibberish": b"<html>"}
    s3, name = s3_at(s3_url), f"drop-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    given = body if at is None else broken.get(fault, body)
    s3.put_object(Bucket=name, Key="input/metals/rows/rows.csv", Body=given)
    away = {"reset": s3_at("http://127.0.0.1:9"), "refused": s3}
    where = "nobodys" if at is not None and fault == "refused" else name
    client = s3 if at is None else away.get(fault, s3)
    with closing(DropSource(client, where, "aws_default", PatienceWithFiles(tries=2, first=0.01))) as source:
        yield source, dataset


class Ended(psycopg2.extensions.cursor):  # type: ignore[misc] # no types
    """The server ends the connection when rows are asked for."""

    def copy_expert(self, *asked: Any) -> None:
        """Ask, and hear nothing."""
        with psycopg2.connect(self.connection.dsn) as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 60000)", (self.connection.get_backend_pid(),))
        super().copy_expert(*asked)


class Slow(psycopg2.extensions.cursor):  # type: ignore[misc] # no types
    """What is asked for takes longer than the server allows."""

    def copy_expert(self, *asked: Any) -> None:
        """Ask for something that takes long."""
        self.execute("SELECT pg_sleep(60)")


class Kind(NamedTuple):
    """How a kind is opened over batches of rows.

    Whether a place of it is one page, whatever its size; whether its rows have an order, which is theirs.
    """

    opened: Opened
    in_one: bool = False
    in_order: bool = False


KINDS = {
    "drop": Kind(drop, in_one=True, in_order=True),
    "files": Kind(files, in_one=True, in_order=True),
    "polygon": Kind(polygon),
    "polygon_stream": Kind(polygon_stream),
    "postgres": Kind(postgres, in_one=True),
    "scripted": Kind(scripted),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, scripted: Any) -> Kind:
    """One kind."""
    found = KINDS[request.param]
    needed = {"postgres": {"server": "totesys"}, "drop": {"s3_url": "s3_url"}}.get(request.param, {})
    more = {name: request.getfixturevalue(fixture) for name, fixture in needed.items()}
    return found._replace(opened=partial(found.opened, **more)) if more else found


@pytest.fixture
def opened(kind: Kind) -> Opened:
    """One kind, to be opened over batches of rows."""
    return kind.opened


def pages(source: Source, dataset: Dataset, over: threading.Event | None = None) -> Iterator[Page]:
    """The pages of the day."""
    with ThreadPoolExecutor(2) as pool:
        around = Around(pool, over or threading.Event())
        shard = "rows.csv" if dataset.comes_by_itself else ""
        yield from source.pages(dataset, Place(dataset.source, "metals", "rows", str(DAY), shard), "", around)


def rows_of(page: Page) -> list[dict[str, Any]]:
    """The rows that are in the bytes as landed."""
    body = b"".join(inflated(pieces(page.member), 1 << 26, 1 << 16))
    assert len(body) == page.size
    if page.form == "copy":
        return [{"id": line.split("\t")[0]} for line in body.decode().splitlines()]
    if page.form == "csv":
        return [{"id": line.split(";")[0]} for line in body.decode().splitlines()[1:]]
    return json.loads(body)["results"]


def batches() -> st.SearchStrategy[Batches]:
    """Some pages of some rows, no two rows the same."""
    sizes = st.lists(st.integers(1, 5), min_size=1, max_size=5)
    return sizes.map(lambda found: [[{"id": f"{n}-{row}"} for row in range(size)] for n, size in enumerate(found)])


def test_every_kind_is_held_to_the_contract(scripted: Any) -> None:
    """A kind that is added without a case here is noticed."""
    assert sorted(KINDS) == kinds.kinds()


@given(given_batches=batches(), data=st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_fault_gives_whole_pages_or_one_error(kind: Kind, given_batches: Batches, data: st.DataObject) -> None:
    """All pages before a fault are those of the source, and the fault is one of the house's errors with a place."""
    at = data.draw(st.integers(0, len(given_batches) - 1))
    came: list[Any] = []
    broken = kind.opened(given_batches, at, data.draw(st.sampled_from(FAULTS)))
    with broken as (source, dataset), pytest.raises(SourceError) as caught:
        came.extend(map(rows_of, pages(source, dataset)))
    assert came == ([] if kind.in_one else list(given_batches[:at]))
    assert caught.value.url
    assert caught.value.advice


@given(given_batches=batches())
@example(given_batches=[[{"id": "0-0"}]])
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_interval_twice_has_the_same_digest(kind: Kind, given_batches: Batches) -> None:
    """And the same rows in other batches, too, and in another order where they have none; one row more has another."""
    rows = [row for batch in given_batches for row in batch]
    again = rows if kind.in_order else rows[::-1]
    cuts: list[Batches] = [given_batches, given_batches, [again], [[*rows, {"id": "more"}]]]
    found = []
    for cut in cuts:
        with kind.opened(cut) as (source, dataset), Content.of(pages(source, dataset)) as content:
            found.append((content.digest, content.rows))
    assert found[0] == found[1] == found[2] != found[3]
    assert found[0][1] == len(rows)


def test_nothing_is_held_that_grows_with_the_data(opened: Opened) -> None:
    """Eight times as many pages take no more memory at their peak, within a page's own."""
    peaks = []
    for number in (8, 8, 64):  # the first time warms up
        given_batches = [[{"id": f"{n}-{row}", "x": "y" * 200} for row in range(500)] for n in range(number)]
        with opened(given_batches) as (source, dataset):
            tracemalloc.start()
            count = sum(len(each.rows) for each in pages(source, dataset))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert count == number * 500
    assert peaks[2] < peaks[1] * 1.5


def test_nobody_waits_for_what_is_over(kind: Kind) -> None:
    """Behind the page that is under way nothing more is asked for."""
    over = threading.Event()
    with kind.opened([[{"id": f"{n}"}] for n in range(5)]) as (source, dataset):
        asked = pages(source, dataset, over)
        if not kind.in_one:
            next(asked)
        over.set()
        with pytest.raises(CancelledError):
            list(asked)


def test_what_it_costs_is_counted(kind: Kind) -> None:
    """A call a page, and none before anybody asks."""
    with kind.opened([[{"id": f"{n}"}] for n in range(5)]) as (source, dataset):
        assert source.meter.take().calls == 0
        list(pages(source, dataset))
        assert source.meter.take().calls == (1 if kind.in_one else 5)
