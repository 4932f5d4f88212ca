"""The endpoint that gives the present values of indices; a ticker that is none of them has an error row of its own."""

from typing import Any

import numpy as np

from local.polygon.answers.api import Answer, Call, Handler
from local.polygon.answers.envelopes import PRICING, bad_request, not_authorized
from local.polygon.answers.paging import Listing, text
from local.polygon.answers.reference import list_rows
from local.polygon.markets.tables import Row, Table

SNAPSHOT = Listing({"ticker": text}, ("ticker",), limit=10, most=250, order="asc")


def handlers() -> dict[str, Handler]:
    """Paths and their handlers."""
    return {"/v3/snapshot/indices": _entitled(list_rows(_asked, SNAPSHOT))}


def _entitled(handler: Handler) -> Handler:
    def entitled(call: Call) -> Answer:
        if call.plan.freshness == "end of day":
            raise not_authorized(f"You are not entitled to this data. Please upgrade your plan at {PRICING}")
        return handler(call)

    return entitled


def _asked(call: Call) -> Table:
    """Every index, and whatever else was asked for by its ticker."""
    asked = [ticker.strip() for ticker in call.query.get("ticker.any_of", "").split(",") if ticker.strip()]
    if len(asked) > SNAPSHOT.most:
        raise bad_request(f"The parameter 'ticker.any_of' takes at most {SNAPSHOT.most} tickers")
    known = call.markets.indices.tickers(call.today, active=True).columns["ticker"].tolist()
    tickers = np.unique(np.array([*known, *asked], dtype=np.str_))
    return Table({"ticker": tickers}, lambda rows: [_row(call, ticker) for ticker in tickers[rows].tolist()])


def _row(call: Call, ticker: str) -> Row:
    market, now = call.markets.indices, call.markets.clock.ms
    session = int(np.searchsorted(market.sessions.opens, now)) - 1  # the last that has begun
    bars = market.days(ticker, max(session - 1, 0), session, adjusted=False)
    details = market.details(ticker, call.today)
    if details is None or not len(bars):
        return {"ticker": ticker, "error": "NOT_FOUND", "message": "Ticker not found."}
    close, before = float(bars.c[-1]), float(bars.c[0])
    change = round(close - before, 4)
    closes = int(market.sessions.closes[session])
    row: dict[str, Any] = {
        "value": close,
        "last_updated": min(now, closes) * 1_000_000,
        "timeframe": "DELAYED" if call.plan.freshness == "delayed" else "REAL-TIME",
        "ticker": ticker,
        "name": details["name"],
        "market_status": "open" if now < closes else "closed",
        "type": "indices",
    }
    prices = {"close": close, "high": float(bars.h[-1]), "low": float(bars.l[-1]), "open": float(bars.o[-1])}
    change_percent = {"change_percent": round(100 * change / before, 3)}
    return row | {"session": {"change": change} | change_percent | prices | {"previous_close": before}}
