"""News by the tickers that an article names."""

from __future__ import annotations

import datetime as dt

from tests.plugins.anthill.lakehouse.lake import Lake

MONDAY = dt.date(2024, 1, 8)


def test_an_article_is_there_for_each_ticker_with_its_sentiment(lake: Lake) -> None:
    """A ticker named twice counts once, one without an insight has no sentiment, no ticker means no row."""
    lake.only("news")
    about = {"publisher": {"name": "The Wire"}, "article_url": "https://example.com/1", "author": "x"}
    insights = [
        {"ticker": "BBB", "sentiment": "negative", "sentiment_reasoning": "sued"},
        {"ticker": "AAA", "sentiment": "positive", "sentiment_reasoning": "won"},
    ]
    articles = [
        {
            "id": "1",
            "title": "A wins",
            "published_utc": "2024-01-06T10:00:00Z",
            "tickers": ["AAA", "BBB", "AAA"],
            **about,
        }
        | {"insights": insights},
        {"id": "2", "title": "C", "published_utc": "2024-01-08T23:59:59Z", "tickers": ["CCC"], **about},
        {"id": "3", "title": "Weather", "published_utc": "2024-01-08T12:00:00Z", "tickers": [], **about},
        {"id": "4", "title": "Empty", "published_utc": "2024-01-08T12:00:00Z", "tickers": ["AAA"], "insights": []},
    ]
    lake.put("news", MONDAY, articles)
    lake.silver(MONDAY)
    said = "news of 2024-01-08: 1 articles that name no ticker, not in gold [tickers_named: 1, must be = 0]"
    assert lake.quality(MONDAY)["warnings"] == [said]
    lake.gold(MONDAY)
    rows = lake.table("gold.stocks_news").sort("ticker", "article_id")
    assert rows.select("ticker", "article_id", "title", "publisher", "sentiment", "sentiment_reasoning").rows() == [
        ("AAA", "1", "A wins", "The Wire", "positive", "won"),
        ("AAA", "4", "Empty", None, None, None),
        ("BBB", "1", "A wins", "The Wire", "negative", "sued"),
        ("CCC", "2", "C", "The Wire", None, None),
    ]
    assert rows["published_at"][0] == dt.datetime(2024, 1, 6, 10, tzinfo=dt.UTC)
