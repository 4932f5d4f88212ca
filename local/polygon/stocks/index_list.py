"""Which indices there are, and what moves each of them."""

from pathlib import Path

import msgspec


class Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An index: its `value` on the anchor day, what it makes of the market's movement, and its own movement.

    One of fear has a `value` that it returns to, and rises when the last month fell.
    """

    symbol: str
    name: str
    feed: str
    value: float
    beta: float
    volatility: float = 0.003
    fear: bool = False


INDICES = msgspec.yaml.decode(Path(__file__).with_name("indices.yaml").read_bytes(), type=tuple[Index, ...])
