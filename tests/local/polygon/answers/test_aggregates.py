"""Bars over HTTP: the whole market's day, ranges by pages, the previous close."""

import datetime as dt
import json
import zlib
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.local.polygon.serving import GROUPED, Server

NEW_YORK = ZoneInfo("America/New_York")


def ranged(ticker: str, span: str, since: str, until: str, **query: object) -> str:
    """The URL of a range of bars, as traded."""
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return f"/v2/aggs/ticker/{ticker}/range/{span}/{since}/{until}?adjusted=false{more}"


def local(moment: int) -> dt.datetime:
    """A time of the API in New York."""
    return dt.datetime.fromtimestamp(moment / 1000, NEW_YORK)


def test_grouped_day(small: Server) -> None:
    """A day is one page whose counts are right, and whose bars are at 16:00 New York."""
    page = small.page(f"{GROUPED}/2026-06-15?adjusted=false")
    assert page["resultsCount"] == page["queryCount"] == len(page["results"]) > 350
    assert page["status"] == "OK"
    assert page["adjusted"] is False
    assert {local(row["t"]) for row in page["results"]} == {dt.datetime(2026, 6, 15, 16, tzinfo=NEW_YORK)}
    assert not any("otc" in row for row in page["results"])
    whole = small.page(f"{GROUPED}/2026-06-15?adjusted=false&include_otc=true")
    assert sum(row.get("otc", False) for row in whole["results"]) == len(whole["results"]) - len(page["results"]) > 20


@pytest.mark.parametrize("day", ["2026-06-19", "2026-06-20", "2026-12-24"])
def test_days_without_bars(small: Server, day: str) -> None:
    """A holiday, a weekend and a day to come are a success without results."""
    page = small.page(f"{GROUPED}/{day}")
    assert (page["status"], page["resultsCount"]) == ("OK", 0)
    assert "results" not in page


def test_answers_with_and_without_gzip_agree(small: Server) -> None:
    """The body is gzip only for those who ask for it, and one gzip member that ends well."""
    path = f"{small.base}{GROUPED}/2026-06-16"
    headers = {"Authorization": "Bearer test-key"}
    plain = small.http.request("GET", path, headers=headers)
    packed = small.http.request("GET", path, headers=headers | {"Accept-Encoding": "gzip"}, decode_content=False)
    reader = zlib.decompressobj(wbits=31)
    whole = reader.decompress(packed.data)
    assert reader.eof
    assert reader.unused_data == b""
    assert "content-encoding" not in plain.headers
    one, other = json.loads(plain.data), json.loads(whole)
    assert one.pop("request_id") != other.pop("request_id")
    assert one == other
    assert len(packed.data) < len(plain.data) / 2


def test_range_of_days(small: Server) -> None:
    """Daily bars are at midnight New York, one for each session, both ends included."""
    page = small.page(ranged("ANTH", "1/day", "2026-06-12", "2026-06-23"))
    days = [local(row["t"]) for row in page["results"]]
    assert [day.day for day in days] == [12, 15, 16, 17, 18, 22, 23]
    assert {day.hour for day in days} == {0}
    assert page["ticker"] == "ANTH"
    assert page["resultsCount"] == 7


@settings(max_examples=15)
@given(limit=st.integers(7, 300), order=st.sampled_from(["asc", "desc"]))
@pytest.mark.parametrize("span", ["1/day", "1/week", "2/month", "5/minute", "1/hour", "3000/minute"])
def test_any_limit_gives_every_bar_once(small: Server, span: str, limit: int, order: str) -> None:
    """Pages of any size together are the same bars, though `limit` counts base bars and windows have many."""
    since = {"5/minute": "2026-06-29", "1/hour": "2026-06-25", "3000/minute": "2026-05-01"}.get(span, "2025-01-02")
    whole = small.rows(ranged("ANTH", span, since, "2026-06-30", limit=50_000))
    pages = small.rows(ranged("ANTH", span, since, "2026-06-30", limit=limit, sort=order))
    assert (pages if order == "asc" else pages[::-1]) == whole
    assert len(whole) > 5


def test_cursors_rewrite_the_beginning(small: Server) -> None:
    """The next page's path begins where this page ended, and its cursor carries the other parameters."""
    page = small.page(ranged("ANTH", "1/day", "2026-06-01", "2026-06-30", limit=5))
    since = int(page["next_url"].split("/day/")[1].split("/")[0])
    assert since == small.page(page["next_url"])["results"][0]["t"] > page["results"][-1]["t"]


def test_weeks_are_made_of_days(small: Server) -> None:
    """A week opens with its first day, closes with its last, and adds the volumes up."""
    week = small.page(ranged("ANTH", "1/week", "2026-06-15", "2026-06-19"))["results"]
    days = small.page(ranged("ANTH", "1/day", "2026-06-15", "2026-06-19"))["results"]
    assert len(week) == 1
    assert (week[0]["o"], week[0]["c"]) == (days[0]["o"], days[-1]["c"])
    assert week[0]["h"] == max(day["h"] for day in days)
    assert week[0]["v"] == pytest.approx(sum(day["v"] for day in days))


def test_unknown_ticker(small: Server) -> None:
    """A ticker that nobody carries is a success without bars."""
    page = small.page(ranged("NOSUCH", "1/day", "2026-06-01", "2026-06-30"))
    assert (page["results"], page["resultsCount"], page["status"]) == ([], 0, "OK")


def test_previous_close(small: Server) -> None:
    """The bar of the session before today, with its ticker."""
    page = small.page("/v2/aggs/ticker/ANTH/prev")
    row = page["results"][0]
    assert row["T"] == page["ticker"] == "ANTH"
    assert local(row["t"]) == dt.datetime(2026, 6, 30, 16, tzinfo=NEW_YORK)
    assert row["c"] == small.page(ranged("ANTH", "1/day", "2026-06-30", "2026-06-30"))["results"][0]["c"]


@pytest.mark.parametrize(
    "path",
    [
        f"{GROUPED}/2026-6-1",
        f"{GROUPED}/2026-06-31",
        f"{GROUPED}/2026-06-15?adjusted=perhaps",
        ranged("ANTH", "1/day", "2026-06-30", "2026-06-01"),
        ranged("ANTH", "0/day", "2026-06-01", "2026-06-30"),
        ranged("ANTH", "1/fortnight", "2026-06-01", "2026-06-30"),
        ranged("ANTH", "1/day", "2026-06-01", "2026-06-30", limit=50_001),
        ranged("ANTH", "1/day", "2026-06-01", "2026-06-30", sort="up"),
        ranged("ANTH", "1/day", "then", "2026-06-30"),
        ranged("ANTH", "1/day", "2026-06-01", "9999-12-31"),
    ],
)
def test_bad_requests(small: Server, path: str) -> None:
    """What cannot be read is answered 400 with a reason."""
    answer = small.get(path)
    assert answer.status == 400
    assert answer.json()["status"] == "ERROR"
    assert answer.json()["error"]


@settings(max_examples=60)
@given(
    word=st.one_of(
        st.text(st.characters(codec="utf-8", exclude_characters="/?#"), min_size=1, max_size=12), st.dates().map(str)
    ),
    path=st.sampled_from(
        [GROUPED + "/{}", "/v2/aggs/ticker/ANTH/range/1/day/{}/2026-06-30", "/v2/aggs/ticker/{}/prev"]
    ),
)
def test_no_word_in_a_path_breaks_the_server(small: Server, word: str, path: str) -> None:
    """Any text where a date or ticker belongs is answered, by rows or by an error of the table."""
    assert small.get(path.format(quote(word, safe=""))).status in (200, 400, 403, 404)


@pytest.mark.parametrize("day", ["2003-09-09", "1980-01-01", "2099-01-01"])
@pytest.mark.parametrize("more", ["", "&search=a", "&ticker=ANTH", "&active=false&sort=name"])
def test_tickers_of_days_beyond_history(small: Server, day: str, more: str) -> None:
    """Before history nothing is listed; after it the last session stands."""
    rows = small.page(f"/v3/reference/tickers?date={day}{more}")["results"]
    assert rows == [] if day < "2003-09-10" else len(rows) > 0
