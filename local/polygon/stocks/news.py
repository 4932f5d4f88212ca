"""Invented news: a few articles a session, each about one or two instruments."""

import datetime as dt
import hashlib

import numpy as np

from local.polygon.markets.noise import Noise
from local.polygon.markets.sessions import Sessions
from local.polygon.markets.tables import Row, Table
from local.polygon.stocks.listings import Listings

A_SESSION = 12

_HEADLINES = (
    "{} reports quarterly results",
    "Analysts revisit {}",
    "{} names a new chief financial officer",
    "What is next for {}",
)
_PUBLISHER = {
    "name": "The Simulated Wire",
    "homepage_url": "https://www.example.com/",
    "logo_url": "https://www.example.com/logo.svg",
    "favicon_url": "https://www.example.com/favicon.ico",
}


def news_table(noise: Noise, sessions: Sessions, listed: Listings, moment: int) -> Table:
    """Articles published up to a moment, by time of publication (ms UTC, both)."""
    last = int(np.searchsorted(sessions.opens, moment, side="right")) - 1
    session = np.repeat(np.arange(last + 1), A_SESSION)
    number = np.tile(np.arange(A_SESSION), last + 1)
    place = np.minimum(
        noise.below("news", session, number, len(listed.kinds)),
        noise.below("news2", session, number, len(listed.kinds)),
    )
    instrument = listed.instruments_at(place, session)
    tickers = listed.symbols[listed.segments_of_instruments(instrument, session)]
    published = sessions.opens[session] + 1000 * noise.below("published", session, number, 30_000)
    out = published <= moment
    tickers, published = tickers[out], published[out]

    def write(rows: np.ndarray) -> list[Row]:
        return [_article(str(tickers[row]), int(published[row])) for row in rows.tolist()]

    return Table({"ticker": tickers, "published_utc": published}, write)


def _article(ticker: str, published: int) -> Row:
    identity = hashlib.sha256(f"{ticker} {published}".encode()).hexdigest()
    bits = int(identity[:8], 16)
    mood = ("positive", "neutral", "negative")[bits % 3]
    title = _HEADLINES[bits % len(_HEADLINES)].format(ticker)
    moment = dt.datetime.fromtimestamp(published / 1000, dt.UTC)
    return {
        "id": identity,
        "publisher": _PUBLISHER,
        "title": title,
        "author": "The newsroom",
        "published_utc": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "article_url": f"https://www.example.com/news/{identity[:16]}",
        "tickers": [ticker],
        "image_url": f"https://www.example.com/news/{identity[:16]}.png",
        "description": f"{title}, said people of a simulated market.",
        "keywords": ["simulated", "markets"],
        "insights": [{"ticker": ticker, "sentiment": mood, "sentiment_reasoning": "Drawn at random."}],
    }
