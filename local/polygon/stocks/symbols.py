"""Tickers and company names for invented securities."""

from local.polygon.markets.noise import Noise

KINDS = {
    "CS": 0.54,
    "ETF": 0.24,
    "ADRC": 0.05,
    "PFD": 0.05,
    "WARRANT": 0.05,
    "FUND": 0.04,
    "UNIT": 0.02,
    "RIGHT": 0.011,
}
"""Security types on the exchanges and their shares; the last one is rounded up to close the sum."""
OTC_KINDS = {"OS": 0.6, "CS": 0.401}

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SUFFIXES = {"PFD": "p{}", "WARRANT": ".WS", "UNIT": ".U", "RIGHT": ".RT", "OS": "F"}
_FIRST = [
    "Amber",
    "Atlas",
    "Beacon",
    "Birch",
    "Blue",
    "Bright",
    "Cedar",
    "Clear",
    "Copper",
    "Crest",
    "Delta",
    "Eagle",
    "Ember",
    "Field",
    "Fox",
    "Golden",
    "Granite",
    "Green",
    "Harbor",
    "High",
    "Iron",
    "Juniper",
    "Keystone",
    "Lake",
    "Lunar",
    "Maple",
    "Meadow",
    "Metro",
    "Mill",
    "North",
    "Oak",
    "Orchid",
    "Pacific",
    "Pine",
    "Prairie",
    "Quartz",
    "Raven",
    "Red",
    "River",
    "Silver",
    "Solar",
    "Spruce",
    "Stone",
    "Summit",
    "Terra",
    "Union",
    "Valley",
    "Vista",
    "West",
    "Willow",
]
_SECOND = [
    "Analytics",
    "Bancorp",
    "Bio",
    "Brands",
    "Capital",
    "Devices",
    "Dynamics",
    "Electric",
    "Energy",
    "Financial",
    "Foods",
    "Genomics",
    "Health",
    "Holdings",
    "Industries",
    "Instruments",
    "Insurance",
    "Labs",
    "Logistics",
    "Materials",
    "Media",
    "Medical",
    "Metals",
    "Mining",
    "Motors",
    "Networks",
    "Oil",
    "Optical",
    "Payments",
    "Pharma",
    "Power",
    "Properties",
    "Rail",
    "Realty",
    "Resources",
    "Retail",
    "Robotics",
    "Semiconductor",
    "Shipping",
    "Software",
    "Steel",
    "Storage",
    "Systems",
    "Therapeutics",
    "Water",
    "Wireless",
]
_ENDINGS = {
    "CS": ("Inc.", "Corp.", "Co.", "Ltd."),
    "ETF": ("ETF", "Index ETF", "Income ETF"),
    "FUND": ("Fund", "Trust"),
    "ADRC": ("PLC American Depositary Shares", "S.A. American Depositary Shares"),
    "PFD": ("Inc. Preferred Stock",),
    "WARRANT": ("Corp. Warrants",),
    "UNIT": ("Acquisition Corp. Units",),
    "RIGHT": ("Acquisition Corp. Rights",),
    "OS": ("AG", "Ltd.", "S.p.A."),
}


def fresh_symbol(noise: Noise, kind: str, place: int, start: int, taken: set[str]) -> str:
    """A symbol that was never used, shaped as the security type is written."""
    attempt = 0
    while True:
        bits = int(noise.below("symbol", place * 64 + attempt, start, 2**62))
        attempt += 1
        plain = kind in ("CS", "ETF", "ADRC", "FUND")
        length = (4 if bits % 8 else 3) if plain else 4 if kind == "OS" else 3
        bits //= 8
        stem = ""
        for _ in range(length):
            bits, letter = divmod(bits, 26)
            stem += _LETTERS[letter]
        symbol = stem + _SUFFIXES.get(kind, "").format(_LETTERS[bits % 8])
        if symbol not in taken:
            return symbol


def company_name(kind: str, bits: int) -> str:
    """The name of an invented company, told by a random whole number."""
    bits, first = divmod(bits, len(_FIRST))
    bits, second = divmod(bits, len(_SECOND))
    endings = _ENDINGS[kind]
    return f"{_FIRST[first]} {_SECOND[second]} {endings[bits % len(endings)]}"
