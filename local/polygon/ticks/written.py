"""Trades and quotes as the API and the flat files write them."""

from local.polygon.markets.bars import numbers
from local.polygon.ticks.quotes import Quotes
from local.polygon.ticks.trades import CONDITIONS, Trades

TRADE_COLUMNS = (
    "ticker,conditions,correction,exchange,id,participant_timestamp,price,sequence_number,sip_timestamp,size,tape,"
    "trf_id,trf_timestamp"
)
QUOTE_COLUMNS = (
    "ticker,ask_exchange,ask_price,ask_size,bid_exchange,bid_price,bid_size,conditions,indicators,"
    "participant_timestamp,sequence_number,sip_timestamp,tape,trf_timestamp"
)
_TRF_DELAY = 5_000  # ns before the SIP
_EXCHANGE_DELAY = 30_000


def trade_rows(trades: Trades, rows: slice) -> list[str]:
    """Some trades as JSON; what is not there is left out."""
    told = [f'"conditions":[{",".join(map(str, numbers_of))}],' if numbers_of else "" for numbers_of in CONDITIONS]
    return [
        f'{{{told[condition]}{_correction(correction)}"exchange":{exchange},"id":"{number}",'
        f'"participant_timestamp":{participant},"price":{price},"sequence_number":{sequence},"sip_timestamp":{sip},'
        f'"size":{size},"tape":{trades.tape}'
        + (f',"trf_id":{trf},"trf_timestamp":{sip - _TRF_DELAY}}}' if trf else "}")
        for condition, correction, exchange, number, participant, price, sequence, sip, size, trf in _values(
            trades, rows
        )
    ]


def trade_lines(ticker: str, trades: Trades) -> list[str]:
    """All trades as lines of a flat file."""
    told = [",".join(map(str, each)) for each in CONDITIONS]
    told = [f'"{text}"' if "," in text else text for text in told]
    return [
        f"{ticker},{told[condition]},{correction},{exchange},{number},{participant},{price},{sequence},{sip},{size},"
        f"{trades.tape},{trf},{sip - _TRF_DELAY if trf else 0}\n"
        for condition, correction, exchange, number, participant, price, sequence, sip, size, trf in _values(
            trades, slice(None)
        )
    ]


def _correction(correction: int) -> str:
    return f'"correction":{correction},' if correction else ""


def _values(trades: Trades, rows: slice) -> "zip[tuple[int, ...]]":
    whole = [
        values[rows].tolist()
        for values in (trades.conditions, trades.correction, trades.exchange, trades.number, trades.participant)
    ]
    last = [values[rows].tolist() for values in (trades.sequence, trades.sip)]
    columns = [*whole, numbers(trades.price[rows]), *last, numbers(trades.size[rows]), trades.trf[rows].tolist()]
    return zip(*columns, strict=True)


def quote_rows(quotes: Quotes, rows: slice) -> list[str]:
    """Some quotes as JSON."""
    return [
        f'{{"ask_exchange":{asker},"ask_price":{ask},"ask_size":{ask_size},"bid_exchange":{bidder},"bid_price":{bid},'
        f'"bid_size":{bid_size},"conditions":[1],"participant_timestamp":{sip - _EXCHANGE_DELAY},'
        f'"sequence_number":{sequence},"sip_timestamp":{sip},"tape":{quotes.tape}}}'
        for asker, ask, ask_size, bidder, bid, bid_size, sequence, sip in _sides(quotes, rows)
    ]


def quote_lines(ticker: str, quotes: Quotes) -> list[str]:
    """All quotes as lines of a flat file."""
    return [
        f'{ticker},{asker},{ask},{ask_size},{bidder},{bid},{bid_size},"1,81",,{sip - _EXCHANGE_DELAY},{sequence},{sip},'
        f"{quotes.tape},0\n"
        for asker, ask, ask_size, bidder, bid, bid_size, sequence, sip in _sides(quotes, slice(None))
    ]


def _sides(quotes: Quotes, rows: slice) -> "zip[tuple[int, ...]]":
    columns = [
        quotes.ask_exchange[rows].tolist(), numbers(quotes.ask[rows]), quotes.ask_size[rows].tolist(),
        quotes.bid_exchange[rows].tolist(), numbers(quotes.bid[rows]), quotes.bid_size[rows].tolist(),
        quotes.sequence[rows].tolist(), quotes.sip[rows].tolist(),
    ]  # fmt: skip
    return zip(*columns, strict=True)
