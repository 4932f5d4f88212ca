"""Stocks with a list of tickers whose trades and quotes are landed, as somebody would turn them on."""

from __future__ import annotations

from pathlib import Path

from anthill import catalog
from anthill.include import include_dir


def turned_on(folder: Path, *tickers: str) -> catalog.AssetClass:
    """The declaration of stocks with these tickers in its list."""
    text = (include_dir() / "datasets" / "stocks.yaml").read_text()
    assert text.count("\n  tick: []\n") == 1
    file = folder / "stocks.yaml"
    file.write_text(text.replace("\n  tick: []\n", f"\n  tick: [{', '.join(tickers)}]\n"))
    return catalog.parse(file)
