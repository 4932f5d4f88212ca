"""How a stream names what the API names: pairs without a prefix, their two currencies apart."""

from __future__ import annotations

_CURRENCY = 3  # letters of what a pair is priced in


def spelled(ticker: str) -> str:
    """A ticker of the API as the stream has it: X:BTCUSD is BTC-USD, C:USDEUR is USD/EUR, all others are the same."""
    kind, _, pair = ticker.partition(":")
    between = {"X": "-", "C": "/"}.get(kind) if pair else None
    return ticker if between is None else f"{pair[:-_CURRENCY]}{between}{pair[-_CURRENCY:]}"
