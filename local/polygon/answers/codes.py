"""What the numbers and letters of the API's rows stand for: exchanges, types of tickers, conditions of trades."""

from pathlib import Path

import msgspec

from local.polygon.markets.tables import Row

_FILE: dict[str, list[Row]] = msgspec.yaml.decode(Path(__file__).with_name("codes.yaml").read_bytes())
EXCHANGES, TYPES = _FILE["exchanges"], _FILE["types"]
_BARS = {"H": "updates_high_low", "C": "updates_open_close", "V": "updates_volume"}


def _condition(told: Row) -> Row:
    """A condition as the API tells it, from its line in the file."""
    row = {"id": told["id"], "type": told.get("type", "sale_condition"), "name": told["name"]}
    row |= {"asset_class": told.get("asset_class", "stocks"), "data_types": told.get("data_types", ["trade"])}
    row |= {"sip_mapping": told["codes"]}
    if "moves" in told:
        moves = {"consolidated": told["moves"], "market_center": told.get("moves_of_one", told["moves"])}
        row["update_rules"] = {bars: _updates(letters) for bars, letters in moves.items()}
    return row | ({"legacy": True} if told.get("legacy") else {})


def _updates(letters: str) -> dict[str, bool]:
    return {name: letter in letters for letter, name in _BARS.items()}


CONDITIONS = [_condition(told) for told in _FILE["conditions"]]
