"""What entities have been called, in the form of the vendor's endpoint."""

import datetime as dt
import json
from urllib.parse import quote

import jsonschema
import pytest

from tests.local.polygon.serving import Server
from tests.local.polygon.test_conformance import description, schema_of, translated

PATH = "/vX/reference/tickers/{id}/events"


def events(server: Server, asked: str) -> list[tuple[str, str]]:
    """The days and tickers of an entity."""
    found = server.page(PATH.format(id=quote(asked, safe="")))["results"]["events"]
    return [(event["date"], event["ticker_change"]["ticker"]) for event in found]


def test_latest_first_and_the_listing_last(small: Server) -> None:
    """A renamed company's two tickers with their days, by its ticker of today and by its FIGI."""
    (row,) = small.rows("/v3/reference/tickers?ticker=FMCA&date=2026-07-01")
    known = small.page(PATH.format(id="FMCA"))["results"]
    listed = known["events"][1]["date"]
    assert listed < "2003-09-10"
    assert known == {
        "name": "Formica Software Ltd.",
        "cik": row["cik"],
        "composite_figi": row["composite_figi"],
        "events": [
            {"date": "2026-06-16", "ticker_change": {"ticker": "FMCA"}, "type": "ticker_change"},
            {"date": listed, "ticker_change": {"ticker": "FRMC"}, "type": "ticker_change"},
        ],
    }
    assert small.page(PATH.format(id=row["composite_figi"]))["results"] == known
    details = small.page("/v3/reference/tickers/FMCA")["results"]
    assert details["list_date"] == listed


def test_a_ticker_stands_for_who_bears_it_now(small: Server) -> None:
    """A ticker asks for the entity that has it now; who had it before is found by FIGI; one given up is nobody's."""
    assert events(small, "RECYC") == [("2026-04-23", "RECYC")]
    (gone,) = small.rows("/v3/reference/tickers?ticker=RECYC&date=2026-04-10&active=false")
    assert [ticker for _, ticker in events(small, gone["composite_figi"])] == ["RECYC"]
    assert events(small, gone["composite_figi"]) != events(small, "RECYC")
    assert events(small, "HIVES") == [("2026-04-15", "HIVES")]
    assert [ticker for _, ticker in events(small, "HIVEA")] == ["HIVEA", "HIVES"]
    assert [ticker for _, ticker in events(small, "QRTET")] == ["QRTET", "QRTTT", "QRTET"]
    assert events(small, "HIVEW") == [("2026-04-08", "HIVEW")]  # gone, and nobody has it since
    for unknown in ("OLDCO", "FRMC", "X:BTCUSD", "C:EURUSD", "BBG000000000", "037833100", "NO/SUCH"):
        answer = small.get(PATH.format(id=quote(unknown, safe="")))
        assert answer.status == 404, unknown
    assert small.get(PATH.format(id="OLDCO")).json()["status"] == "NOT_FOUND"


def test_what_is_to_come_is_not_told(moving: Server) -> None:
    """The day before a change the old ticker stands for the entity, with one event; the day after, the new one."""
    moving.move(today="2026-04-07")
    assert [ticker for _, ticker in events(moving, "OLDCO")] == ["OLDCO"]
    assert moving.get(PATH.format(id="NEWCO")).status == 404
    moving.move(today="2026-04-08")
    assert moving.get(PATH.format(id="OLDCO")).status == 404
    found = events(moving, "NEWCO")
    assert found[0] == ("2026-04-08", "NEWCO")
    assert found[1][1] == "OLDCO"


def test_identifiers_come_and_are_left_out(moving: Server) -> None:
    """An entity is found by a FIGI once it has one, and what has no FIGI or CIK is found by its ticker."""
    moving.move(today="2026-04-14")
    later = moving.page(PATH.format(id="LATER"))["results"]
    assert later["composite_figi"].startswith("BBG")
    moving.move(today="2026-04-10")
    assert set(moving.page(PATH.format(id="LATER"))["results"]) == {"name", "cik", "events"}
    assert moving.get(PATH.format(id=later["composite_figi"])).status == 404
    moving.move(today="2026-07-01")
    assert set(moving.page(PATH.format(id="NONEB"))["results"]) == {"name", "events"}


def test_types_choose(small: Server) -> None:
    """The one type may be asked for by name; another is a bad request that names the parameter."""
    whole = small.page(PATH.format(id="FMCA"))["results"]
    assert small.page(PATH.format(id="FMCA") + "?types=ticker_change")["results"] == whole
    answer = small.get(PATH.format(id="FMCA") + "?types=merger")
    assert answer.status == 400
    assert "'types'" in answer.json()["error"]


@pytest.mark.parametrize("asked", ["FMCA", "HIVEA", "NONEB"])
def test_as_described(small: Server, asked: str) -> None:
    """The answer has the shape of the description's example; live, `type` is what its schema calls `event_type`."""
    body = small.page(PATH.format(id=asked))
    get = description()["paths"][PATH]["get"]
    example = get["responses"]["200"]["content"]["application/json"]["example"]
    assert set(body) == set(example)
    for event in body["results"]["events"]:
        assert set(event) == set(example["results"]["events"][0])
        dt.date.fromisoformat(event["date"])
    named = json.loads(json.dumps(body).replace('"type":', '"event_type":'))
    jsonschema.Draft7Validator(translated(schema_of(PATH)), format_checker=jsonschema.FormatChecker()).validate(named)
    assert {parameter["name"] for parameter in get["parameters"]} == {"id", "types"}
