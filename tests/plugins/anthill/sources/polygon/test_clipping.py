"""Silent clipping at the edge of the plan's history, as the source's stand-in and a script do it."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from anthill import calendars, catalog
from anthill.bronze.commits import Place
from anthill.sources.errors import OutsideHistoryError
from anthill.sources.polygon.client import Client
from anthill.sources.polygon.clipping import whole
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Transport
from anthill.sources.source import Around
from tests.local.polygon.serving import serving
from tests.scripted_server import ScriptedServer, http, page

from .conftest import KEY

DAY = dt.date(2014, 6, 6)
OPENS = calendars.session_open("XNYS", DAY)
ANSWERED = dt.datetime(2016, 6, 6, 22, tzinfo=dt.UTC)
ClientOf = Callable[[ScriptedServer], Client]


def bars(client_of: ClientOf, starts: list[dt.timedelta | None], answered: dt.datetime) -> int:
    """How many bars come of chains that begin so long after the opening, None for one without bars."""
    answers = [[] if start is None else [{"t": int((OPENS + start).timestamp() * 1000)}] for start in starts]

    def answer(asked: object) -> object:
        rows = answers.pop(0)
        return page({"status": "OK", "resultsCount": len(rows), "results": rows}, date=answered.timestamp())

    with ScriptedServer(answer) as server:
        client = client_of(server)
        pages = (each for number in range(len(starts)) for each in client.chain(f"/v2/{number}", {}))
        return sum(len(each.rows) for each in whole(pages, DAY, lambda: OPENS))


MINUTE, NOON = dt.timedelta(minutes=1), dt.timedelta(hours=3)


@pytest.mark.parametrize("starts", [[-NOON], [NOON, MINUTE], [None, dt.timedelta()], [None], []])
def test_a_day_that_begins_with_its_market_passes(client_of: ClientOf, starts: list[dt.timedelta | None]) -> None:
    """One symbol that trades at the opening is enough; a day without any bar is for the dataset to judge."""
    assert bars(client_of, starts, ANSWERED) == len([start for start in starts if start is not None])


@pytest.mark.parametrize("starts", [[NOON], [NOON + MINUTE, None, NOON]])
def test_a_day_cut_by_the_plans_edge_is_refused(client_of: ClientOf, starts: list[dt.timedelta | None]) -> None:
    """Two years ago to the day, and nobody traded before noon: the message has the day and both times."""
    with pytest.raises(OutsideHistoryError, match=r"2014-06-06 begin at 16:30 UTC only, the market opened at 13:30"):
        bars(client_of, starts, ANSWERED)


def test_a_late_morning_away_from_every_edge_passes(client_of: ClientOf) -> None:
    """Markets do open late: half a year ago no plan ends."""
    assert bars(client_of, [NOON], ANSWERED - dt.timedelta(days=180)) == 1


def test_a_row_that_is_no_bar_is_no_beginning(client_of: ClientOf) -> None:
    """What cannot be read is landed as it came."""
    reply = page({"status": "OK", "results": [{"t": "noon"}, None]}, date=ANSWERED.timestamp())
    with ScriptedServer(lambda _: reply) as server:
        assert sum(len(each.rows) for each in whole(client_of(server).chain("/v2", {}), DAY, lambda: OPENS)) == 2


def test_the_first_day_of_a_plan_is_whole_or_refused(tmp_path: Path) -> None:
    """A plan's days are New York's, a forex day is UTC's: its first one lacks its night, and is not landed."""
    dataset = catalog.load("forex").datasets["minute_bars"]
    options = ("--forex", "60", "--no-limits", "--clock", "18:00", "--keys", f"{KEY}:basic")
    with serving(tmp_path, *options) as server, ThreadPoolExecutor(4) as pool:
        source, around = PolygonSource(Client(Transport(server.base, KEY), Gate(0))), Around(pool, threading.Event())
        first, second = (Place("polygon", "forex", dataset.name, str(dt.date(2024, 7, day))) for day in (1, 2))
        with pytest.raises(OutsideHistoryError, match=r"of 2024-07-01 begin at 04:\d\d UTC only"):
            list(source.pages(dataset, first, "", around))
        assert sum(len(each.rows) for each in source.pages(dataset, second, "", around)) > 1000


HOUR, SECOND = dt.timedelta(hours=1), dt.timedelta(seconds=1)


def test_an_hour_after_the_opening_is_early_enough(client_of: ClientOf) -> None:
    """A second later it is not; the earliest bar of all symbols counts, in whatever order they come."""
    assert bars(client_of, [HOUR], ANSWERED) == 1
    assert bars(client_of, [NOON, HOUR, NOON], ANSWERED) == 3
    with pytest.raises(
        OutsideHistoryError, match=r"begin at 14:30 UTC only.*: the plan's history begins within the day"
    ):
        bars(client_of, [HOUR + SECOND], ANSWERED)


@pytest.mark.parametrize(
    ("answered", "suspected"),
    [
        ("2016-06-06", True),
        ("2016-06-08", True),
        ("2016-06-09", False),
        ("2016-06-03", True),
        ("2016-06-02", False),
        ("2015-06-06", True),
        ("2024-06-06", True),
        ("2014-06-06", False),
        ("2014-06-08", False),
        ("2014-12-06", False),
        ("2013-06-06", False),
    ],
)
def test_only_days_whole_years_ago_are_suspected(client_of: ClientOf, answered: str, suspected: bool) -> None:
    """Up to three days off, a year being 365.2425 of them; neither today nor what lies ahead."""
    at = dt.datetime.fromisoformat(f"{answered}T22:00:00+00:00")
    if suspected:
        with pytest.raises(OutsideHistoryError):
            bars(client_of, [NOON], at)
    else:
        assert bars(client_of, [NOON], at) == 1


def test_the_opening_is_not_asked_for_in_vain(client_of: ClientOf) -> None:
    """A calendar costs half a second: only a day that is suspected and has a bar is worth it."""

    def opens() -> dt.datetime:
        raise AssertionError

    late = page({"status": "OK", "results": [{"t": 1_402_074_000_000}]}, date=ANSWERED.timestamp() - 90 * 86_400)
    empty = page({"status": "OK", "results": []}, date=ANSWERED.timestamp())
    for reply in (late, empty):
        with ScriptedServer(lambda _, reply=reply: reply) as server:
            list(whole(client_of(server).chain("/v2", {}), DAY, opens))


@pytest.mark.parametrize("stamp", [10**30, -(10**30), 10**17])
def test_a_time_that_no_calendar_has_is_no_beginning(client_of: ClientOf, stamp: int) -> None:
    """Silver sets such a row aside."""
    body = f'{{"status":"OK","results":[{{"t":{stamp}}}]}}'.encode()
    with ScriptedServer(lambda _: http(body, date=ANSWERED.timestamp())) as server:
        assert len(list(whole(client_of(server).chain("/v2", {}), DAY, lambda: OPENS))) == 1
