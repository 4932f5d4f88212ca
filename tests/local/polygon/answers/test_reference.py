"""Lists that are the same on every day, and the news."""

import datetime as dt
from urllib.parse import quote

import pytest

from tests.local.polygon.serving import Server

CONDITIONS, NEWS = "/v3/reference/conditions", "/v2/reference/news"


@pytest.mark.parametrize(
    ("path", "classes"),
    [
        ("/v3/reference/exchanges", {"stocks", "options", "crypto", "fx"}),
        ("/v3/reference/tickers/types", {"stocks", "indices"}),
        (f"{CONDITIONS}?limit=1000", {"stocks", "options", "crypto"}),
    ],
)
def test_lists_by_asset_class(small: Server, path: str, classes: set[str]) -> None:
    """Each list has the asset classes that it has in reality, and gives one alone."""
    every = small.rows(path)
    assert {row["asset_class"] for row in every} == classes
    joint = "&" if "?" in path else "?"
    for name in (*classes, "nothing"):
        alone = small.rows(f"{path}{joint}asset_class={name}")
        assert [row for row in every if row["asset_class"] == name] == [row for row in every if row in alone]
    assert small.page(f"{path}{joint}asset_class=nothing")["count"] == 0


def test_exchanges_by_locale(small: Server) -> None:
    """Stocks and options trade in the US, currencies all over."""
    locales = {
        locale: {row["asset_class"] for row in small.rows(f"/v3/reference/exchanges?locale={locale}")}
        for locale in ("us", "global")
    }
    assert locales == {"us": {"stocks", "options"}, "global": {"crypto", "fx"}}


def test_conditions(small: Server) -> None:
    """Ten a page, by asset class; a type of data, a SIP or an identifier chooses."""
    first = small.page(CONDITIONS)
    assert (len(first["results"]), first["count"]) == (10, 10)
    every = small.rows(CONDITIONS)
    assert every == small.page(f"{CONDITIONS}?limit=1000")["results"]
    assert len(every) > 30
    keys = [(row["asset_class"], row["id"], tuple(row["data_types"])) for row in every]
    assert len(set(keys)) == len(keys)
    assert [row["asset_class"] for row in every] == sorted(row["asset_class"] for row in every)
    for query, keeps in {
        "data_type=trade": lambda row: "trade" in row["data_types"],
        "data_type=nbbo": lambda row: "nbbo" in row["data_types"],
        "sip=OPRA": lambda row: "OPRA" in row["sip_mapping"],
        "id=2": lambda row: row["id"] == 2,
        "asset_class=stocks&sip=UTP&data_type=trade&id=37": lambda row: row["name"] == "Odd Lot Trade",
    }.items():
        found = small.rows(f"{CONDITIONS}?limit=7&{query}")
        assert found == [row for row in every if keeps(row)]
        assert found
    by_name = [row["name"] for row in small.rows(f"{CONDITIONS}?limit=1000&sort=name&order=desc")]
    assert by_name == sorted(by_name, reverse=True)
    assert small.page(f"{CONDITIONS}?limit=1000&sort=legacy&order=desc")["results"][0]["legacy"] is True


@pytest.mark.parametrize(
    ("query", "word"), [("limit=1001", "limit"), ("id=two", "id"), ("sort=colour", "sort"), ("order=up", "order")]
)
def test_bad_parameters(small: Server, query: str, word: str) -> None:
    """What cannot be read is a bad request that names the parameter."""
    answer = small.get(f"{CONDITIONS}?{query}")
    assert answer.status == 400
    assert f"'{word}'" in answer.json()["error"]


def test_an_odd_lot_moves_only_the_volume(small: Server) -> None:
    """Rules say what a trade does to bars, of all exchanges and of its own."""
    rules = {row["name"]: row["update_rules"] for row in small.rows(f"{CONDITIONS}?asset_class=stocks&data_type=trade")}
    odd = {"updates_high_low": False, "updates_open_close": False, "updates_volume": True}
    assert rules["Odd Lot Trade"] == {"consolidated": odd, "market_center": odd}
    official = rules["Market Center Official Close"]
    assert not any(official["consolidated"].values())
    assert official["market_center"]["updates_open_close"]


def test_news_of_a_day(small: Server) -> None:
    """Ranges of the time of publication take dates and times, with their ends or without; pages hold 10 to 1000."""
    day = small.rows(f"{NEWS}?published_utc.gte=2026-06-15&published_utc.lt=2026-06-16&limit=5")
    assert len(day) == len({row["id"] for row in day}) == 12
    times = [row["published_utc"] for row in day]
    assert times == sorted(times, reverse=True)
    assert all(time.startswith("2026-06-15T") for time in times)
    middle = times[5]
    after, before = "published_utc.lt=2026-06-16", "published_utc.gte=2026-06-15"
    for operator, other, kept in (
        ("gte", after, times[:6]), ("gt", after, times[:5]), ("lte", before, times[5:]), ("lt", before, times[6:]),
    ):  # fmt: skip
        found = small.rows(f"{NEWS}?published_utc.{operator}={quote(middle)}&{other}")
        assert [row["published_utc"] for row in found] == kept
    assert len(small.page(NEWS)["results"]) == 10
    assert small.get(f"{NEWS}?limit=1001").status == 400
    ticker = day[0]["tickers"][0]
    assert {row["tickers"][0] for row in small.rows(f"{NEWS}?ticker={ticker}&limit=1000")} == {ticker}


def test_news_comes_through_the_day(moving: Server) -> None:
    """At noon there is nothing of the afternoon."""
    path = f"{NEWS}?published_utc.gte=2026-06-15&limit=1000"
    moving.move(today="2026-06-15", time="12:00")
    noon = moving.rows(path)
    assert noon
    assert max(row["published_utc"] for row in noon) <= "2026-06-15T16:00:00Z"
    moving.move(time="18:00")
    evening = moving.rows(path)
    assert len(evening) == 12
    assert evening[-len(noon) :] == noon


def test_holidays_to_come(small: Server) -> None:
    """A bare array of a year: closed days without hours, early closes with them, each for both exchanges."""
    days = small.page("/v1/marketstatus/upcoming")
    assert {day["exchange"] for day in days} == {"NYSE", "NASDAQ"}
    assert min(day["date"] for day in days) == "2026-07-03"
    assert max(day["date"] for day in days) <= "2027-07-01"
    early = next(day for day in days if day["date"] == "2026-11-27")
    assert (early["status"], early["close"]) == ("early-close", "2026-11-27T18:00:00.000Z")
    assert all(("close" in day) == (day["status"] == "early-close") for day in days)
    assert all(dt.date.fromisoformat(day["date"]).weekday() < 5 for day in days)
