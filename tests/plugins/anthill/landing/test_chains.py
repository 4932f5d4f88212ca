"""A dataset that is asked for each of a list: many chains, one object."""

from __future__ import annotations

import gzip
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from anthill.bronze.commits import Place
from anthill.landing.commit import Committer
from anthill.landing.land import land
from anthill.sources import errors
from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.declaration import PolygonDataset
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Transport
from anthill.sources.source import Around
from tests.scripted_server import Asked, Reply, ScriptedServer, error, page

from .api import AT, CHAINS, DAY, KEY, LIMITS, ROWS, bars, client, everything


def test_many_chains_are_one_object_in_their_order(s3: Any, bucket: str, committer: Committer) -> None:
    """A list of tickers is one commit, whoever answers first; one without rows is a page all the same."""
    tickers = tuple(f"T{number:02d}" for number in range(40))

    def slow_first(asked: Asked) -> Reply:
        ticker = asked.path.split("/")[3]
        time.sleep(0.05 if ticker == "T00" else 0)
        rows = [] if ticker == "T07" else [{"c": number} for number in range(3)]
        return page({"status": "OK", "ticker": ticker, "resultsCount": len(rows), "results": rows})

    with ScriptedServer(slow_first) as server:
        landed = land(client(server), committer, msgspec.structs.replace(CHAINS, listed=tickers), AT)
    assert (landed.rows, landed.pages, len(landed.commits)) == (39 * 3, 40, 1)
    body = s3.get_object(Bucket=bucket, Key=landed.commits[0].key)["Body"].read()
    assert [json.loads(line)["ticker"] for line in gzip.decompress(body).splitlines()] == list(tickers)


def test_one_chain_that_fails_leaves_nothing(s3: Any, bucket: str, committer: Committer) -> None:
    """A day of many chains is whole or not there at all."""

    def one_is_refused(asked: Asked) -> Reply:
        return error(403, {"status": "NOT_AUTHORIZED"}) if "/B/" in asked.path else bars(1)

    dataset = msgspec.structs.replace(CHAINS, listed=("A", "B", "C"))
    with ScriptedServer(one_is_refused) as server, pytest.raises(errors.NotEntitledError, match=r"stocks\.minutes on"):
        land(client(server), committer, dataset, AT)
    assert everything(s3, bucket) == {}


def test_a_dataset_is_asked_for_each_row_of_another(s3: Any, bucket: str, committer: Committer) -> None:
    """Each contract that the day's list names, over all its pages and underlyings, gets a chain of its own.

    A list that bronze has is not asked for again.
    """
    contracts = PolygonDataset(
        "contracts",
        ("ticker",),
        {"ticker": "ticker"},
        path="/v3/contracts",
        params={"underlying": "{underlying}"},
        each="underlying",
        listed=("X", "GONE", "Y"),
        asset_class="options",
        source="polygon",
        name="contracts",
    )
    dataset = msgspec.structs.replace(CHAINS, each="contracts.ticker", listed_by=contracts)

    def answer(asked: Asked) -> Reply:
        if asked.path == "/v3/contracts":
            name = asked.params["underlying"]
            if name == "GONE":
                return error(404, {"status": "NOT_FOUND"})
            return page({"status": "OK", "results": [{"ticker": f"O:{name}{number}"} for number in range(2)]})
        return page({"status": "OK", "ticker": asked.path.split("/")[3], "resultsCount": 1, "results": [{"c": 1}]})

    with ScriptedServer(answer) as server:
        landed = land(client(server), committer, dataset, AT)
        land(client(server), committer, contracts, AT)
        asked = len(server.asked)
        again = land(client(server), committer, dataset, AT)
    body = s3.get_object(Bucket=bucket, Key=landed.commits[0].key)["Body"].read()
    found = [json.loads(line)["ticker"] for line in gzip.decompress(body).splitlines()]
    assert found == ["O:X0", "O:X1", "O:Y0", "O:Y1"]
    assert (again.outcome, len(server.asked) - asked) == ("unchanged", 4)


def test_a_wrong_key_does_not_wait_for_a_slow_plan(committer: Committer) -> None:
    """Of many chains at 5 calls a minute only the first is asked for: nobody waits for a turn that is of no use."""
    dataset = msgspec.structs.replace(CHAINS, listed=tuple(f"T{number}" for number in range(40)))
    with ScriptedServer(lambda _: error(401, {"status": "ERROR", "error": "Unknown API Key"})) as server:
        api = PolygonSource(Client(Transport(server.url, KEY, LIMITS), Gate(5), Patience(0.3, 0.01, 0.05, 0.05)))
        with pytest.raises(errors.UnknownKeyError):
            land(api, committer, dataset, AT)
    assert len(server.asked) == 1


def test_a_row_without_the_field_that_is_asked_for_each_is_told(s3: Any, bucket: str, committer: Committer) -> None:
    """With the row and the page it stands on; shards of the list are each asked for."""
    lists = PolygonDataset(
        "contracts",
        ("ticker",),
        {"ticker": "ticker"},
        path="/v3/contracts",
        shards={"calls": {"type": "call"}, "puts": {"type": "put"}},
        asset_class="options",
        source="polygon",
        name="contracts",
    )
    dataset = msgspec.structs.replace(CHAINS, each="contracts.ticker", listed_by=lists)

    def answer(asked: Asked) -> Reply:
        if asked.path == "/v3/contracts":
            return page({"status": "OK", "results": [{"ticker": f"O:{asked.params['type']}"}]})
        return page({"status": "OK", "ticker": asked.path.split("/")[3], "resultsCount": 1, "results": [{"c": 1}]})

    with ScriptedServer(answer) as server:
        landed = land(client(server), committer, dataset, AT)
        assert {asked.path.split("/")[3] for asked in server.asked if "ticker" in asked.path} == {"O:call", "O:put"}
    assert (landed.rows, landed.pages) == (2, 2)
    for value in ({"ticker": 5}, {"name": "x"}, "no ticker", None):
        broken = page({"status": "OK", "results": [value]})
        with ScriptedServer(lambda _, broken=broken: broken) as server:
            said = (
                rf"stocks\.minutes on 2014-06-06: a row has no ticker: b'.*{next(iter(value or ['null']))}.*contracts"
            )
            with pytest.raises(errors.BadAnswerError, match=said):
                land(client(server), committer, dataset, AT)


def test_no_more_chains_are_fetched_ahead_than_threads(committer: Committer) -> None:
    """A page waits in memory for its turn: of five hundred contracts never more than sixteen chains."""
    tickers = tuple(f"T{number:02d}" for number in range(60))
    most = 0
    given: list[str] = []

    class Counting(PolygonSource):
        """Knows how many chains were fetched before their turn."""

        def _whole_chain(self, call: Any, over: threading.Event) -> Any:
            given.append(call.path)
            return super()._whole_chain(call, over)

    dataset = msgspec.structs.replace(CHAINS, listed=tickers)
    with ScriptedServer(lambda _: bars(1)) as server, ThreadPoolExecutor(16) as pool:
        place, around = Place("polygon", "stocks", dataset.name, str(DAY)), Around(pool, threading.Event())
        for number, _ in enumerate(Counting(client(server).client).pages(dataset, place, "", around)):
            most = max(most, len(given) - number)
    assert len(given) == 60
    assert most <= 16


def test_a_symbol_that_the_source_does_not_know_takes_no_other_with_it(
    s3: Any, bucket: str, committer: Committer, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told and left out, whatever stands in it; where there is none that the source knows, the path is wrong."""
    dataset = msgspec.structs.replace(ROWS, path="/v3/rows/{symbol}", each="symbol", listed=("A", "GO/NE", "C"))
    missing = error(404, {"status": "NOT_FOUND", "message": "Ticker not found."})

    def script(asked: Asked) -> Reply:
        if asked.path in ("/v3/rows/A", "/v3/rows/C"):
            return page({"status": "OK", "count": 1, "results": [{"id": asked.path[-1]}]})
        assert asked.path in ("/v3/rows/GO%2FNE", "/v3/rows/D")
        return missing

    with ScriptedServer(script) as server:
        assert land(client(server), committer, dataset, AT).rows == 2
        assert list(everything(s3, bucket).values()) == [[{"id": "A"}, {"id": "C"}]]
        assert "404" in caplog.text
        assert "/v3/rows/GO%2FNE" in caplog.text
        wrong = msgspec.structs.replace(dataset, listed=("D", "GO/NE"))
        with pytest.raises(errors.NotFoundError, match="/v3/rows/D"):
            land(client(server), committer, wrong, AT)
