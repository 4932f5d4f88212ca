"""What the numbers and letters of the API's rows stand for: exchanges, types of tickers, conditions of trades."""

from local.polygon.tables import Row


def _exchange(number: int, name: str, mic: str, participant: str, kind: str = "exchange", **more: str) -> Row:
    base = {"id": number, "type": kind, "asset_class": "stocks", "locale": "us", "name": name}
    return base | {"mic": mic, "operating_mic": mic, "participant_id": participant} | more


EXCHANGES: list[Row] = [
    _exchange(1, "NYSE American, LLC", "XASE", "A", acronym="AMEX", url="https://www.nyse.com/markets/nyse-american"),
    _exchange(2, "Nasdaq OMX BX, Inc.", "XBOS", "B"),
    _exchange(4, "FINRA Alternative Display Facility", "FINY", "D", "TRF"),
    _exchange(7, "Cboe EDGX", "EDGX", "K"),
    _exchange(10, "New York Stock Exchange", "XNYS", "N", url="https://www.nyse.com"),
    _exchange(11, "NYSE Arca, Inc.", "ARCX", "P", url="https://www.nyse.com/markets/nyse-arca"),
    _exchange(12, "Nasdaq", "XNAS", "T", url="https://www.nasdaq.com"),
    _exchange(15, "Investors' Exchange", "IEXG", "V", url="https://www.iextrading.com"),
    _exchange(18, "Cboe BZX", "BATS", "Z", url="https://www.cboe.com/us/equities"),
    _exchange(300, "NYSE American Options", "AMXO", "A", asset_class="options"),
    _exchange(302, "Cboe Options Exchange", "XCBO", "C", asset_class="options"),
    _exchange(309, "Nasdaq ISE", "XISX", "I", asset_class="options"),
    _exchange(313, "NYSE Arca Options", "ARCO", "N", asset_class="options"),
    _exchange(316, "Nasdaq Options Market", "XNDQ", "Q", asset_class="options"),
    _exchange(323, "Nasdaq PHLX Options", "XPHO", "X", asset_class="options"),
    {"id": 1, "type": "exchange", "asset_class": "crypto", "locale": "global", "name": "Coinbase"},
    {"id": 2, "type": "exchange", "asset_class": "crypto", "locale": "global", "name": "Bitfinex"},
    {"id": 6, "type": "exchange", "asset_class": "crypto", "locale": "global", "name": "Bitstamp"},
    {"id": 23, "type": "exchange", "asset_class": "crypto", "locale": "global", "name": "Kraken"},
    {"id": 48, "type": "exchange", "asset_class": "fx", "locale": "global", "name": "Currency Banks 1"},
]
"""The identifiers are unique within an asset class only."""

_STOCK_TYPES = {
    "CS": "Common Stock", "PFD": "Preferred Stock", "WARRANT": "Warrant", "RIGHT": "Rights", "UNIT": "Unit",
    "ETF": "Exchange Traded Fund",
    "FUND": "Fund", "ADRC": "American Depository Receipt Common", "OS": "Ordinary Shares",
}  # fmt: skip
TYPES: list[Row] = [
    *(
        {"code": code, "description": name, "asset_class": "stocks", "locale": "us"}
        for code, name in _STOCK_TYPES.items()
    ),
    {"code": "IX", "description": "Index", "asset_class": "indices", "locale": "us"},
]


def _updates(letters: str) -> dict[str, bool]:
    """What a trade moves: H its bar's high and low, C open and close, V volume."""
    names = {"H": "updates_high_low", "C": "updates_open_close", "V": "updates_volume"}
    return {name: letter in letters for letter, name in names.items()}


def _sale(
    number: int, name: str, cta: str, utp: str, all_exchanges: str = "HCV", one: str | None = None, **more: object
) -> Row:
    """A condition of stock trades, with what they move in bars of all exchanges and of one."""
    mapping = {sip: symbol for sip, symbol in (("CTA", cta), ("UTP", utp)) if symbol}
    rules = {"consolidated": _updates(all_exchanges), "market_center": _updates(all_exchanges if one is None else one)}
    base = {"id": number, "type": "sale_condition", "name": name, "asset_class": "stocks", "data_types": ["trade"]}
    return base | {"sip_mapping": mapping, "update_rules": rules} | more


def _other(number: int, name: str, asset_class: str, kind: str, opra: str = "", *, data: str = "trade") -> Row:
    base = {"id": number, "type": kind, "name": name, "asset_class": asset_class, "data_types": data.split()}
    return base | {"sip_mapping": {"OPRA": opra} if opra else {}}


CONDITIONS: list[Row] = [
    _sale(0, "Regular Sale", "", "@"),
    _sale(1, "Acquisition", "", "A"),
    _sale(2, "Average Price Trade", "B", "W", "V"),
    _sale(3, "Automatic Execution", "E", ""),
    _sale(4, "Bunched Trade", "", "B"),
    _sale(5, "Bunched Sold Trade", "", "G", "HV"),
    _sale(7, "Cash Sale", "C", "C", "V"),
    _sale(8, "Closing Prints", "", "6"),
    _sale(9, "Cross Trade", "X", "X"),
    _sale(10, "Derivatively Priced", "4", "4", "HV"),
    _sale(11, "Distribution", "", "D"),
    _sale(12, "Form T/Extended Hours", "T", "T", "V"),
    _sale(13, "Extended Hours (Sold Out Of Sequence)", "U", "U", "V"),
    _sale(14, "Intermarket Sweep", "F", "F"),
    _sale(15, "Market Center Official Close", "M", "M", "", "HC"),
    _sale(16, "Market Center Official Open", "Q", "Q", "", "HC"),
    _sale(20, "Next Day", "N", "N", "V"),
    _sale(21, "Price Variation Trade", "H", "H", "V"),
    _sale(22, "Prior Reference Price", "P", "P", "HV"),
    _sale(23, "Rule 155 Trade", "K", "K", legacy=True),
    _sale(29, "Seller", "R", "R", "V"),
    _sale(32, "Sold (Out Of Sequence)", "Z", "Z", "HV"),
    _sale(36, "Yellow Flag Regular Trade", "", "Y", legacy=True),
    _sale(37, "Odd Lot Trade", "I", "I", "V"),
    _sale(38, "Corrected Consolidated Close", "9", "9", "HC"),
    _sale(41, "Trade Thru Exempt", "X", "X", type="trade_thru_exempt"),
    _sale(52, "Contingent Trade", "V", "V", "V"),
    _sale(53, "Qualified Contingent Trade", "7", "7", "V"),
    _other(1, "Regular, Two-Sided Open", "stocks", "quote_condition", data="bbo nbbo"),
    _other(2, "Regular, One-Sided Open", "stocks", "quote_condition", data="bbo nbbo"),
    _other(201, "Canceled", "options", "sale_condition", "A"),
    _other(202, "Late and Out Of Sequence", "options", "sale_condition", "B"),
    _other(209, "Automatic Execution", "options", "sale_condition", "I"),
    _other(219, "Intermarket Sweep Order", "options", "sale_condition", "S"),
    _other(227, "Single Leg Auction Non ISO", "options", "sale_condition", "a"),
    _other(232, "Multi Leg Auto-Electronic Trade", "options", "sale_condition", "f"),
    _other(1, "Sell Side", "crypto", "sale_condition"),
    _other(2, "Buy Side", "crypto", "sale_condition"),
]
"""A selection of the real ones; the identifiers are unique within an asset class and a data type."""
